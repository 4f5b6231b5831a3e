// Fourier transforms by the library that goes with the devices, cuFFT, which is loaded when it is first asked for. One file of
// this interface is linked: cuda/transforms.cu, none.cpp or emulated/transforms.cpp.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace flowspan::device {

/// Why there is no such library here, in the system's words; "" where there is.
std::string why_no_transforms();

/// One plan: `count` forward transforms of `size` samples each, side by side, in place and not scaled. What a row becomes
/// depends on its samples, and may depend on which row it is.
class Transforms {
public:
    Transforms();
    /// Throws Error where there is no library, or the device has no memory for what the plan needs beside the rows.
    Transforms(Queue& queue, std::size_t size, std::size_t count);
    Transforms(Transforms&&) noexcept;
    Transforms& operator=(Transforms&&) noexcept;
    ~Transforms();
    /// `rows`: size x count samples of the device. What is in others than rows first … first + n - 1 is lost.
    void run(Queue& queue, cf32* rows, std::size_t first, std::size_t n) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace flowspan::device

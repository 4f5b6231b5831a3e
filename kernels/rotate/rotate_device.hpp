// The rotation of rotate.hpp on a device, in each channel of interleaved items: frequency_translate without a filter, or behind
// one of several channels.
//
//   y[i] = w(first + i) x[i],   w(i) = e^(2 pi j (phase + i increment))
//
// The bits of kernels::Rotator, at any chunking. Phase and increment are turns in 64-bit fixed point. Bytes a sample: 8 read, 8
// written.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <span>

namespace flowspan::kernels {

class DeviceRotator {
public:
    /// n samples of unconnected data, `channels` of which make an item; the first item has the index `first`. `out` may be
    /// `in`.
    struct Piece {
        const cf32* in = nullptr;
        cf32* out = nullptr;
        std::uint64_t n = 0, first = 0, phase = 0;
        std::uint32_t channels = 1;
    };
    DeviceRotator() = default;
    /// A table goes up by the queue.
    DeviceRotator(device::Queue& queue, std::uint64_t increment);
    void operator()(device::Queue& queue, std::span<const Piece> pieces) const;

private:
    device::Table<cf32> turns_;
    std::uint64_t increment_ = 0;
};

}  // namespace flowspan::kernels

// What a block wants to know of frames of samples on a device: their energies, and how many of their samples are zeros.
#pragma once

#include "blocks/device_counts.hpp"
#include "kernels/energy/energy_device.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace flowspan::blocks {

/// Of frames of one length, side by side.
class DeviceFrames {
public:
    /// Bytes of the device, where as many samples come at once as a ring of the usual chunks holds.
    static std::uint64_t memory_for(std::uint64_t frame) {
        constexpr std::uint64_t samples = (std::uint64_t(64) << 20) / sizeof(cf32);
        return samples / frame * (sizeof(double) + sizeof(std::uint32_t));
    }
    /// Whether the frame that begins at this item has been asked for.
    bool hold(std::uint64_t index) const { return index >= first_ && index < end_; }
    /// Asks for those of `n` samples from this item on, the last frame as long as it is; they are there when the step is over.
    Step ask(device::Queue& queue, const cf32* x, std::uint64_t first, std::uint64_t n, std::uint64_t frame) {
        const std::size_t frames = std::size_t((n + frame - 1) / frame),
                          bytes = frames * (sizeof(double) + sizeof(std::uint32_t));
        if (bytes > memory_.size()) {
            const std::size_t size = std::max(bytes, 2 * memory_.size());
            memory_ = device::Memory(queue.device(), size);
            fetched_ = Fetched(queue, size);
        }
        first_ = first;
        end_ = first + n;
        frame_ = frame;
        zeros_at_ = frames * sizeof(double);
        const std::array pieces{kernels::DeviceEnergies{x, reinterpret_cast<double*>(memory_.data()), n, frame,
                                                        reinterpret_cast<std::uint32_t*>(memory_.data() + zeros_at_)}};
        kernels::energies(queue, pieces);
        return fetched_.ask(queue, memory_.data(), bytes);
    }

    // Of the frame that begins at this item.
    double energy(std::uint64_t index) const { return at<double>(0, index); }
    std::uint64_t zeros(std::uint64_t index) const { return at<std::uint32_t>(zeros_at_, index); }

private:
    template <class T>
    T at(std::size_t place, std::uint64_t index) const {
        T value;
        std::memcpy(&value, fetched_.data() + place + (index - first_) / frame_ * sizeof(T), sizeof(T));
        return value;
    }
    device::Memory memory_;
    Fetched fetched_;
    std::uint64_t first_ = 0, end_ = 0, frame_ = 1;
    std::size_t zeros_at_ = 0;
};

}  // namespace flowspan::blocks

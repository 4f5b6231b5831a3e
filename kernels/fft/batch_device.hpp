// Transforms of sizes for which the kernels have none of their own, by the library that goes with the devices: frames are laid
// side by side in a batch, transformed there, and read from it. Three passes over memory, where own transforms take one.
//
// A plan may treat rows of its batch differently, so frames are tied to rows by their index: the bits of a frame depend on its
// samples and its index, not on how many of them come at once.
#pragma once

#include "memory/device/device.hpp"
#include "memory/device/transforms.hpp"

#include <flowspan/types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace flowspan::kernels {

class DeviceBatch {
public:
    /// Rows of a batch: 2^20 samples in all, or a row.
    static std::size_t rows_for(std::size_t size) { return std::clamp<std::size_t>((std::size_t(1) << 20) / size, 1, 65535); }
    /// Bytes of the device, with what the library takes as a rule.
    static std::size_t memory_for(std::size_t size) { return 2 * rows_for(size) * size * sizeof(cf32); }
    DeviceBatch() = default;
    DeviceBatch(device::Queue& queue, std::size_t size)
        : size_(size),
          rows_(rows_for(size)),
          memory_(queue.device(), rows_ * size * sizeof(cf32)),
          transforms_(queue, size, rows_) {
        queue.zero(memory_.data(), memory_.size());
    }
    bool empty() const { return rows_ == 0; }
    cf32* row(std::size_t r) const { return reinterpret_cast<cf32*>(memory_.data()) + r * size_; }
    std::size_t row_of(std::uint64_t index) const { return std::size_t(index % rows_); }
    /// Frames of a batch from this one on.
    std::uint64_t left_of_batch(std::uint64_t index) const { return rows_ - row_of(index); }
    /// Calls take(done, row, count) for n frames from this index on, each batch in one.
    template <class Take>
    void each(std::uint64_t index, std::uint64_t n, Take take) const {
        for (std::uint64_t done = 0; done < n;) {
            const std::uint64_t count = std::min(left_of_batch(index + done), n - done);
            take(done, row_of(index + done), std::size_t(count));
            done += count;
        }
    }

    /// Rows row … row + n - 1 become frames of in, each times the window: frame m from in[m hop] on. S: cf32 or f32.
    template <class S>
    void lay(device::Queue& queue, const S* in, std::uint64_t hop, const f32* window, std::size_t row, std::size_t n) const;
    /// They become their transforms.
    void run(device::Queue& queue, std::size_t row, std::size_t n) const {
        transforms_.run(queue, reinterpret_cast<cf32*>(memory_.data()), row, n);
    }
    /// Copies them, bins in ascending order of frequency.
    void ascending(device::Queue& queue, cf32* out, std::size_t row, std::size_t n) const;

private:
    std::size_t size_ = 1, rows_ = 0;
    device::Memory memory_;
    device::Transforms transforms_;
};

}  // namespace flowspan::kernels

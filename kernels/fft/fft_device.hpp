// Spectra of frames on a device: the block fft.
//
//   X_m[k] = sum over n < M of w[n] x[m hop + n] e^(-2 pi j k n / M), bins in ascending order of frequency (fft.hpp)
//
// M a power of two up to 4096 in one pass over memory: bytes a sample, frames side by side: 8 read (of real ones 4), 8 written.
// A frame's bits depend on its samples alone. Other sizes by DeviceBatch: 24 read (20) and 24 written, and a frame's bits
// depend on its index, too. Within 1e-6 of the largest bin of that sum.
#pragma once

#include "kernels/fft/batch_device.hpp"
#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// S: cf32 or f32.
template <class S>
class DeviceFft {
public:
    /// n frames of unconnected data, frame m from in[m hop] on; in[(n - 1) hop + M - 1] is the last that is read. `in` and
    /// `out` are aligned to samples, and do not overlap.
    struct Piece {
        const S* in = nullptr;
        cf32* out = nullptr;
        std::uint64_t n = 0;
        std::uint64_t index = 0;  // of frame 0, counted from anywhere
    };
    /// Whether frames of this size need no library.
    static bool has_own(std::size_t size) { return size >= 1 && size <= 4096 && (size & (size - 1)) == 0; }
    /// Bytes of the device.
    static std::size_t memory_for(std::size_t size) {
        return size * (sizeof(f32) + sizeof(cf32)) + (has_own(size) ? 0 : DeviceBatch::memory_for(size));
    }
    DeviceFft() = default;
    /// The window's length is M. Tables go up by the queue.
    DeviceFft(device::Queue& queue, std::span<const f32> window);
    std::size_t size() const { return size_; }
    void operator()(device::Queue& queue, std::span<const Piece> pieces, std::uint64_t hop) const;

private:
    device::Table<f32> window_;
    device::Table<cf32> twiddles_;
    DeviceBatch batch_;  // empty where there is a transform of its own
    std::size_t size_ = 1;
};

}  // namespace flowspan::kernels

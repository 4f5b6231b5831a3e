// The filter bank of pfb.hpp on a device. M a power of two from 64 to 4096 in one pass over its memory: a block of threads
// filters a tile of frames, transforms and transposes them in shared memory. Other M in three, by DeviceBatch.
//
// Within 1e-6 of the largest output of the sum in pfb.hpp; each frame has the same bits in whatever call and tile it is. Bytes
// an input sample, in one pass: 8 (F + T - 1) / F read, of which what neighbouring tiles read, too, comes from the second
// cache, and 8 written; F = 32 frames of 64 channels, 16 up to 256, 8 up to 1024, else 4. 4096 channels take 129 KiB of shared
// memory, which devices of compute capability 8.0 and 9.0 have, and 8.6 and 8.9 have not.
#pragma once

#include "kernels/fft/batch_device.hpp"
#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan::kernels {

class DevicePfb {
public:
    /// Whether so many channels need no library.
    static bool has_own(std::size_t channels);
    /// Bytes of the device.
    static std::size_t memory_for(std::size_t channels, std::size_t taps_per_channel);
    DevicePfb() = default;
    /// `prototype` as for Pfb: channels x taps_per_channel. Tables go up by the queue.
    DevicePfb(device::Queue& queue, std::size_t channels, std::span<const double> prototype);
    /// Where item 0 of each channel lies on the device from now on, in ascending order of frequency; nullptr of those that
    /// nobody wants.
    void write_to(device::Queue& queue, std::span<cf32* const> outputs) { outputs_ = device::Table<cf32*>(queue, outputs); }
    /// Samples before in[0] that are read.
    std::size_t history() const { return channels_ * rows_; }
    /// n frames from in[0] on, whose index is `first`: outputs[c][at … at + n - 1].
    void operator()(device::Queue& queue, const cf32* in, std::uint64_t n, std::uint64_t first, std::uint64_t at) const;

private:
    void by_batch(device::Queue& queue, const cf32* in, std::uint64_t n, std::uint64_t first, std::uint64_t at) const;

    DeviceBatch batch_;             // empty where there is a transform of its own
    device::Table<f32> taps_;       // row p: h[pM + M - t] for t = 0 … M - 1
    device::Table<cf32> twiddles_;  // e^(-2 pi j i / M)
    device::Table<cf32*> outputs_;
    std::size_t channels_ = 1, rows_ = 0;
};

}  // namespace flowspan::kernels

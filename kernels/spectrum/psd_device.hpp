// Sums of the powers of spectra on a device, by binary trees over the frame's index: the block psd.
//
//   P[k] = sum over frames m of |X_m[k]|^2,   X_m[k] = sum over n < M of w[n] x[m hop + n] e^(-2 pi j k n / M)
//
// The square in single, the sum in double precision, in the tree of tree_sum.hpp: a node is an aligned group of 2^k frames and
// the sum of its halves. So the bits depend on the frames and their indices alone, at any chunking; those of one frame's powers
// are those of DeviceFft. Frames whose bin 0 is not finite count as zeros and are counted.
//
// Sixteen nodes become one at a time: a block of threads transforms and adds 16 frames, and writes their sum; a second launch
// adds 16 of these, and so on. Sizes for which DeviceFft has no transform of its own are transformed by DeviceBatch, and
// their powers added from there. Of each level at most four nodes are open: sums of 1, 2, 4 and 8 of its nodes, two copies of
// which take turns. Bytes a sample, frames side by side: 8 read (of real ones 4), and 8/16 written and 8/16 read for sums.
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
class DevicePsd {
public:
    /// As of DeviceFft.
    static bool has_own(std::size_t size);
    /// Bytes of the device for frames of so many samples, up to that index.
    static std::size_t memory_for(std::size_t size, std::uint64_t last_index);
    DevicePsd() = default;
    /// The window's length is M. Tables go up by the queue. It must live until what it has issued has completed.
    DevicePsd(device::Queue& queue, std::span<const f32> window);

    /// No frames, the next of which has this index (below 2^62).
    void reset(device::Queue& queue, std::uint64_t first);
    std::uint64_t first() const { return first_; }
    std::uint64_t frames() const { return next_ - first_; }
    /// Adds n frames; samples in[0] … in[(n - 1) hop + M - 1] are read.
    void add(device::Queue& queue, const S* in, std::uint64_t n, std::uint64_t hop);
    /// Adds n frames that count as zeros; the caller counts them.
    void leave_out(device::Queue& queue, std::uint64_t n);
    /// item[k] = scale P[k] / (frames - left_out - those not finite), bins in ascending order of frequency.
    void write(device::Queue& queue, f32* item, double scale, std::uint64_t left_out);

    /// Frames that were not finite, in memory of the device: since `reset`, and in all.
    struct NotFinite {
        std::uint64_t of_sum = 0, of_all = 0;
    };
    const NotFinite* not_finite() const { return reinterpret_cast<const NotFinite*>(not_finite_.data()); }

private:
    int next_stage(const device::Queue& queue);
    void add_some(device::Queue& queue, const S* in, std::uint64_t n, std::uint64_t hop);
    void reach(device::Queue& queue, int level);
    double* open(int level, bool other) const;
    std::uint64_t most_frames() const;

    static constexpr int levels = 16;
    device::Table<f32> window_;
    device::Table<cf32> twiddles_;
    DeviceBatch batch_;
    device::Memory open_[levels];  // of those that frames have reached
    device::Memory sums_[2], not_finite_;
    std::size_t size_ = 1;
    std::uint64_t first_ = 0, next_ = 0;
    std::uint64_t issued_ = UINT64_MAX;  // Gathered::issued() when it was last given something
    int stage_ = 0;                      // and the last stage of that
    std::uint32_t turns_ = 0;            // bit i: which copy of the open nodes of level i is the latest
};

}  // namespace flowspan::kernels

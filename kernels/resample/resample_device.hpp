// Filters by any ratio on a device, in each channel of interleaved items: rational_resampler, and fir_filter of real samples,
// with interpolation, or of several channels. (fir_device.hpp has the faster one for decimation of one complex stream.)
//
//   y[m] = sum over k of h[p + k I] x[b - k],   b = floor(m D / I),  p = (m D) mod I
//
// The sum is what fir.hpp says, with the same bound: 1e-6 of the largest output at any length; its order, newest sample first,
// depends on taps, I and p alone. NaN and infinities touch the outputs that have them in their sum; a NaN is always the same
// one.
//
// Bytes an output of S bytes: S D / I read and S written; a block of 256 outputs reads 256 D / I + taps / I samples.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// n outputs of each channel, the first of which is output `first`. Items in[-history()] … in[floor(((first D) mod I + (n -
/// 1) D) / I)] are read; `in` and `out` are aligned to samples and do not overlap.
template <class S>
struct DeviceResampling {
    const S* in = nullptr;
    S* out = nullptr;
    std::uint64_t n = 0, first = 0;
};

/// S on taps of T: f32 on f32, cf32 on f32, cf32 on cf32.
template <class S, class T = f32>
class DeviceResampler {
public:
    using Piece = DeviceResampling<S>;
    DeviceResampler() = default;
    /// At least one tap. 1 <= interpolation, decimation < 2^31; an item is `channels` samples. Tables go up by the queue.
    DeviceResampler(device::Queue& queue, std::span<const T> taps, std::size_t interpolation, std::size_t decimation,
                    std::size_t channels = 1);
    /// In items.
    std::size_t history() const { return (size_ - 1) / interpolation_; }
    void operator()(device::Queue& queue, std::span<const Piece> pieces) const;

private:
    device::Table<T> taps_;
    std::size_t size_ = 1, interpolation_ = 1, decimation_ = 1, channels_ = 1;
};

/// The same by ratios that have too many phases to keep each: InterpolatedFir of fir.hpp, with its table of `phases` values for
/// each input sample and straight lines between them.
template <class S>
class DeviceInterpolatedResampler {
public:
    using Piece = DeviceResampling<S>;
    DeviceInterpolatedResampler() = default;
    /// table[k] is h at tap k I / phases, from k = 0 to the first beyond the last tap. 1 <= interpolation, decimation, taps <
    /// 2^62; n D of a piece is below 2^63.
    DeviceInterpolatedResampler(device::Queue& queue, std::span<const double> table, std::size_t phases, std::uint64_t taps,
                                std::uint64_t interpolation, std::uint64_t decimation, std::size_t channels = 1);
    /// In items.
    std::size_t history() const { return std::size_t((taps_ - 1) / interpolation_); }
    void operator()(device::Queue& queue, std::span<const Piece> pieces) const;

private:
    device::Table<f32> table_;
    std::size_t size_ = 1, phases_ = 1, channels_ = 1;
    std::uint64_t taps_ = 1, interpolation_ = 1, decimation_ = 1;
};

}  // namespace flowspan::kernels

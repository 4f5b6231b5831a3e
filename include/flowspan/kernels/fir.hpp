// Finite impulse response filters, with decimation and rational resampling.
//
//   y[m] = sum over k of h[p + k I] x[b - k],   b = floor(m D / I),  p = (m D) mod I
//
// (Crochiere and Rabiner, Multirate Digital Signal Processing, 1983, ch. 2-3: direct form, polyphase for I > 1.) `in` points
// at the sample that belongs to out[0]; samples back to in[-history()] are read, nothing after the one of the last output.
// `out` may not overlap what is read; no alignment is asked for. Taps are rounded to float; sums are float, those of long
// filters in pieces, so that the error stays below 1e-6 of the largest output at any length. NaN and infinities touch the
// outputs that have them in their sum alone.
//
// Each output is summed in an order that depends on the filter alone, never on where a call starts or ends. Fused
// multiply-add is used where it exists: the same bits at "avx2" and "avx512", others at "x86-64-v2".
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace flowspan::kernels {

/// Real taps on samples of type S, f32 or cf32. `taps` are h[0], h[1], …; at least one. 1 <= interpolation, decimation < 2^31.
template <class S>
class Fir {
public:
    Fir() = default;
    explicit Fir(std::span<const double> taps, std::size_t interpolation = 1, std::size_t decimation = 1);
    /// How many samples before in[0] are read (padding to whole vectors included).
    std::size_t history() const { return length_ - 1; }
    /// The same, before a filter is made.
    static std::size_t history_for(std::size_t taps, std::size_t interpolation = 1);
    /// Makes n outputs; `first` is the index m of out[0].
    void operator()(const S* in, S* out, std::size_t n, std::uint64_t first = 0) const;

private:
    void mend_all(const S* in, S* out, std::size_t n, std::uint64_t first) const;
    std::uint64_t phase_of(std::uint64_t first) const {
        return (first % interpolation_) * (decimation_ % interpolation_) % interpolation_;
    }
    /// h[t], as it is summed.
    float tap(std::size_t t) const;

    struct Cpu;
    std::size_t interpolation_ = 1, decimation_ = 1, length_ = 1, size_ = 0;  // length_: taps of a phase, padded; size_: all
    std::shared_ptr<const Cpu> cpu_;
};

/// Complex taps on complex samples, with decimation.
class ComplexFir {
public:
    ComplexFir() = default;
    explicit ComplexFir(std::span<const cf64> taps, std::size_t decimation = 1);
    std::size_t history() const { return length_ - 1; }
    static std::size_t history_for(std::size_t taps) { return Fir<cf32>::history_for(taps); }
    void operator()(const cf32* in, cf32* out, std::size_t n) const;

private:
    void mend_all(const cf32* in, cf32* out, std::size_t n) const;

    struct Cpu;
    std::size_t decimation_ = 1, length_ = 1, size_ = 0;
    std::shared_ptr<const Cpu> cpu_;
};

}  // namespace flowspan::kernels

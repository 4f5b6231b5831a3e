// Long filters by fast convolution, with decimation: y[m] = sum over k of h[k] x[mD - k].
//
// Overlap-save (Oppenheim and Schafer, Discrete-Time Signal Processing, 8.7.3): a transform of a block of samples and of the
// L - 1 before it, a product, an inverse transform. Blocks lie on a grid of block() outputs, so each output is always made by
// the same transform. Real samples go through as complex ones. Transforms by FFTW: the same bits at any chunking on one
// processor.
//
// A transform spreads what is not finite over its whole block. Such a block is made with 0 in the place of NaN and infinities,
// and the outputs that have them in their sum are summed directly: of these alone, which decide. The block decides that by
// itself, however the calls are cut.
//
// It spreads rounding errors, too: an output that has nothing but zeros in its sum is 0 all the same, as a direct filter makes
// it, so silence stays silence.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace flowspan::kernels {

/// S is f32 or cf32.
template <class S>
class OverlapSave {
public:
    OverlapSave();
    ~OverlapSave();
    OverlapSave(OverlapSave&&) noexcept;
    OverlapSave& operator=(OverlapSave&&) noexcept;
    explicit OverlapSave(std::span<const double> taps, std::size_t decimation = 1);
    /// Outputs of one block: the grid.
    std::size_t block() const { return block_; }
    static std::size_t block_for(std::size_t taps, std::size_t decimation);
    std::size_t history() const { return history_; }
    /// n outputs, the first of which begins a block; reads in[-history()] … in[(ceil(n / block) * block - 1) * decimation].
    /// No alignment is asked for.
    void operator()(const S* in, S* out, std::size_t n);

private:
    struct Cpu;
    void transform(const S* in, bool clean, f32 scale);
    void make_with_care(const S* in, S* out, std::size_t n);
    void keep_silence(const S* in, S* out, std::size_t n) const;
    bool finite() const;
    void take(S* out, std::size_t n) const;

    std::size_t decimation_ = 1, history_ = 0, block_ = 1;
    std::unique_ptr<Cpu> cpu_;
};

}  // namespace flowspan::kernels

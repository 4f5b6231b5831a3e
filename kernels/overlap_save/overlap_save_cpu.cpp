#include "kernels/overlap_save/overlap_save.hpp"

#include "kernels/aligned.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/not_finite/filters_cpu.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <vector>

namespace flowspan::kernels {
namespace {

std::size_t transform_size(std::size_t taps, std::size_t decimation) {
    return std::bit_ceil(std::max<std::size_t>({4 * taps, taps + decimation, 256}));
}

/// a *= b; plain products, so that the compiler keeps them fast and without a library call for infinities.
void multiply(cf32* a, const cf32* b, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const f32 re = a[i].real() * b[i].real() - a[i].imag() * b[i].imag();
        const f32 im = a[i].real() * b[i].imag() + a[i].imag() * b[i].real();
        a[i] = {re, im};
    }
}

}  // namespace

template <class S>
std::size_t OverlapSave<S>::block_for(std::size_t taps, std::size_t decimation) {
    return (transform_size(taps, decimation) - taps + 1) / decimation;
}

template <class S>
struct OverlapSave<S>::Cpu {
    Cpu(std::span<const double> h, std::size_t size)
        : taps(h.begin(), h.end()), forward(size), inverse(size, Direction::inverse) {}
    std::vector<f32> taps;
    AlignedVector<cf32> response;  // transform of the taps / N
    Fft forward, inverse;
};

template <class S>
OverlapSave<S>::OverlapSave() = default;
template <class S>
OverlapSave<S>::~OverlapSave() = default;
template <class S>
OverlapSave<S>::OverlapSave(OverlapSave&&) noexcept = default;
template <class S>
OverlapSave<S>& OverlapSave<S>::operator=(OverlapSave&&) noexcept = default;

template <class S>
OverlapSave<S>::OverlapSave(std::span<const double> taps, std::size_t decimation)
    : decimation_(decimation),
      history_(taps.size() - 1),
      block_(block_for(taps.size(), decimation)),
      cpu_(std::make_unique<Cpu>(taps, transform_size(taps.size(), decimation))) {
    Fft& forward = cpu_->forward;
    const std::size_t size = forward.size();
    std::fill_n(forward.in(), size, cf32());
    for (std::size_t k = 0; k < taps.size(); ++k) forward.in()[k] = f32(taps[k] / double(size));
    forward.run();
    cpu_->response.assign(forward.out(), forward.out() + size);
}

/// The convolution of the block's samples times `scale`; those that are not finite count as 0 where it is to be clean.
template <class S>
void OverlapSave<S>::transform(const S* in, bool clean, f32 scale) {
    const std::size_t size = cpu_->forward.size(), used = history_ + (block_ - 1) * decimation_ + 1;
    std::copy_n(in - history_, used, cpu_->forward.in());
    std::fill(cpu_->forward.in() + used, cpu_->forward.in() + size, cf32());
    if (clean)
        for (std::size_t i = 0; i < used; ++i)
            for (const std::size_t c : {0, 1})
                if (f32& x = part(cpu_->forward.in()[i], c); !std::isfinite(x)) x = 0;
    if (scale != 1)
        for (std::size_t i = 0; i < used; ++i) cpu_->forward.in()[i] *= scale;
    cpu_->forward.run();
    multiply(cpu_->forward.out(), cpu_->response.data(), size);
    cpu_->inverse.run(cpu_->forward.out(), cpu_->inverse.out());
}

/// Of the whole block, also where less is asked for.
template <class S>
bool OverlapSave<S>::finite() const {
    return all_finite(cpu_->inverse.out() + history_, cpu_->inverse.size() - history_);
}

/// The first n outputs of the block.
template <class S>
void OverlapSave<S>::take(S* out, std::size_t n) const {
    const cf32* result = cpu_->inverse.out() + history_;
    for (std::size_t i = 0; i < n; ++i, result += decimation_) {
        if constexpr (std::is_same_v<S, f32>)
            out[i] = result->real();
        else
            out[i] = *result;
    }
}

template <class S>
void OverlapSave<S>::make_with_care(const S* in, S* out, std::size_t n) {
    constexpr f32 smaller = 0x1p-64F;  // sums of a float's largest numbers do not fit into one
    const std::vector<f32>& taps = cpu_->taps;
    const NotFinite<S> bad(in - history_, history_ + (block_ - 1) * decimation_ + 1);
    transform(in, true, 1);
    const bool fits = finite();
    if (!fits) transform(in, true, smaller);
    take(out, n);
    for (std::size_t i = 0; i < n; ++i) {
        if (!fits) out[i] *= 1 / smaller;
        for (std::size_t c = 0; c < bad.parts; ++c)
            bad.decide(out[i], c, in + i * decimation_, taps.size(), [&](std::size_t k) { return taps[k]; });
    }
}

// The newest sample that is not 0 tells of all outputs that have it in sight: few samples are looked at where there is no
// silence.
template <class S>
void OverlapSave<S>::keep_silence(const S* in, S* out, std::size_t n) const {
    for (std::size_t i = 0; i < n;) {
        const S* newest = in + i * decimation_;
        std::size_t zeros = 0;
        while (zeros <= history_ && *(newest - zeros) == S()) ++zeros;
        if (zeros <= history_) {
            i += (history_ - zeros) / decimation_ + 1;
            continue;
        }
        for (std::size_t next = i * decimation_ + 1; i < n; ++i) {  // as long as what comes is 0
            while (next <= i * decimation_ && in[next] == S()) ++next;
            if (next <= i * decimation_) break;
            out[i] = S();
        }
    }
}

template <class S>
void OverlapSave<S>::operator()(const S* in, S* out, std::size_t n) {
    for (; n > 0; in += block_ * decimation_) {
        const std::size_t now = std::min(block_, n);
        transform(in, false, 1);
        take(out, now);
        if (!finite()) make_with_care(in, out, now);
        keep_silence(in, out, now);
        out += now;
        n -= now;
    }
}

template class OverlapSave<f32>;
template class OverlapSave<cf32>;

}  // namespace flowspan::kernels

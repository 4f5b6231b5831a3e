#include "kernels/overlap_save/overlap_save.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>

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
OverlapSave<S>::OverlapSave(std::span<const double> taps, std::size_t decimation)
    : decimation_(decimation),
      history_(taps.size() - 1),
      block_(block_for(taps.size(), decimation)),
      forward_(transform_size(taps.size(), decimation)),
      inverse_(forward_.size(), Direction::inverse) {
    const std::size_t size = forward_.size();
    std::fill_n(forward_.in(), size, cf32());
    for (std::size_t k = 0; k < taps.size(); ++k) forward_.in()[k] = f32(taps[k] / double(size));
    forward_.run();
    response_.assign(forward_.out(), forward_.out() + size);
}

template <class S>
void OverlapSave<S>::operator()(const S* in, S* out, std::size_t n) {
    const std::size_t size = forward_.size(), used = history_ + (block_ - 1) * decimation_ + 1;
    for (std::size_t done = 0; done < n; done += block_, in += block_ * decimation_) {
        std::copy_n(in - history_, used, forward_.in());
        std::fill(forward_.in() + used, forward_.in() + size, cf32());
        forward_.run();
        multiply(forward_.out(), response_.data(), size);
        inverse_.run(forward_.out(), inverse_.out());
        const cf32* result = inverse_.out() + history_;
        for (std::size_t i = done; i < std::min(done + block_, n); ++i, result += decimation_) {
            if constexpr (std::is_same_v<S, f32>)
                out[i] = result->real();
            else
                out[i] = *result;
        }
    }
}

template class OverlapSave<f32>;
template class OverlapSave<cf32>;

}  // namespace flowspan::kernels

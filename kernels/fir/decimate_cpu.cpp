#include "kernels/fir/sums.hpp"

#include "kernels/simd.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fir/decimate_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// One set of taps for all outputs, which so share the loads of taps.
HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#include "kernels/fir/lanes.inc"

/// Keeps a vector in its register. GCC would rather load it again for each use, and a load across cache lines costs as much as
/// two multiply-adds: without this, filters with complex taps take 1.3 times as long.
template <class V>
HWY_INLINE void keep(V& v) {
#if HWY_ARCH_X86
    asm("" : "+x"(v.raw));
#endif
}

/// G outputs whose oldest samples lie `stride` floats apart, with T sets of taps: sums[t * G + g] are 4 lanes.
template <int G, int T, class D>
HWY_INLINE void dot_strided(D d, const float* x, std::size_t stride, const float* const (&taps)[T], std::size_t length,
                            V4 (&sums)[G * T]) {
    constexpr std::size_t lanes = hn::MaxLanes(d);
    constexpr int K = int(group / lanes);
    hn::Vec<D> sum[T][G][K];
#pragma GCC unroll 2
    for (int t = 0; t < T; ++t)
#pragma GCC unroll 8
        for (int g = 0; g < G; ++g)
#pragma GCC unroll 4
            for (int k = 0; k < K; ++k) sum[t][g][k] = hn::Zero(d);
    for (std::size_t i = 0; i < length; i += group, x += group) {
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) {
            hn::Vec<D> tap[T];
#pragma GCC unroll 2
            for (int t = 0; t < T; ++t) tap[t] = hn::LoadU(d, taps[t] + i + std::size_t(k) * lanes);
#pragma GCC unroll 8
            for (int g = 0; g < G; ++g) {
                auto v = hn::LoadU(d, x + std::size_t(g) * stride + std::size_t(k) * lanes);
                if constexpr (T > 1) keep(v);
#pragma GCC unroll 2
                for (int t = 0; t < T; ++t) sum[t][g][k] = hn::MulAdd(tap[t], v, sum[t][g][k]);
            }
        }
    }
#pragma GCC unroll 2
    for (int t = 0; t < T; ++t)
#pragma GCC unroll 8
        for (int g = 0; g < G; ++g) sums[t * G + g] = fold_group<K>(d, sum[t][g]);
}

/// The loop over pieces stands here and in resample_cpu.cpp: one that is handed the sum as a function is 3 % slower (GCC 12).
template <int G, int T, class D>
HWY_INLINE void strided_pieces(D d, const float* x, std::size_t stride, const float* const (&taps)[T], std::size_t length,
                               V4 (&sums)[G * T]) {
    dot_strided<G, T>(d, x, stride, taps, most_in_lanes, sums);
    V4 low[G * T], part[G * T];
    for (auto& l : low) l = hn::Zero(D4());
    const float* ts[T];
    for (std::size_t i = most_in_lanes; i < length; i += most_in_lanes) {
        for (int t = 0; t < T; ++t) ts[t] = taps[t] + i;
        dot_strided<G, T>(d, x + i, stride, ts, std::min(length - i, most_in_lanes), part);
        for (int k = 0; k < G * T; ++k) add_exactly(sums[k], low[k], part[k]);
    }
    for (int k = 0; k < G * T; ++k) sums[k] = hn::Add(sums[k], low[k]);
}

template <bool pieces, int G, int T, class D>
HWY_INLINE void sum_strided(D d, const float* x, std::size_t stride, const float* const (&taps)[T], std::size_t length,
                            V4 (&sums)[G * T]) {
    if constexpr (pieces)
        strided_pieces<G, T>(d, x, stride, taps, length, sums);
    else
        dot_strided<G, T>(d, x, stride, taps, length, sums);
}

/// One set of taps for all outputs.
template <bool pieces>
bool decimate_with(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
                   std::size_t decimation) {
    const hn::CappedTag<float, 16> d;
    const std::size_t stride = width * decimation;
    V4 check = hn::Zero(D4());
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        V4 sums[4];
        sum_strided<pieces, 4, 1>(d, x + i * stride, stride, {taps}, length, sums);
        store_four(width, sums, y + i * width, check);
    }
    for (; i < n; ++i) {
        V4 sum[1];
        sum_strided<pieces, 1, 1>(d, x + i * stride, stride, {taps}, length, sum);
        const V4 same[4] = {sum[0], sum[0], sum[0], sum[0]};
        store_up_to_four(width, same, y + i * width, 1, check);
    }
    return is_finite(check);
}

/// (real sums, imaginary sums) of two outputs; j times the latter are added.
HWY_INLINE V4 join(const V4* real, const V4* imag) {
    const V4 r = pair(real[0], real[1]), j = hn::Shuffle2301(pair(imag[0], imag[1]));
    return hn::OddEven(hn::Add(r, j), hn::Sub(r, j));
}

/// Complex taps on complex samples.
template <bool pieces>
bool complex_decimate_with(const float* x, const float* re, const float* im, std::size_t length, float* y, std::size_t n,
                           std::size_t decimation) {
    const hn::CappedTag<float, 16> d;
    const D4 d4;
    constexpr int G = hn::MaxLanes(d) == 16 ? 4 : 2;  // as many sums as there are registers for
    const std::size_t stride = 2 * decimation;
    V4 check = hn::Zero(d4);
    std::size_t i = 0;
    for (; i + G <= n; i += G) {
        V4 sums[2 * G];
        sum_strided<pieces, G, 2>(d, x + i * stride, stride, {re, im}, length, sums);
        for (std::size_t g = 0; g < G; g += 2) {
            const V4 two = join(sums + g, sums + G + g);
            hn::StoreU(two, d4, y + 2 * (i + g));
            look_at(check, two);
        }
    }
    for (; i < n; ++i) {
        float last[4];
        V4 sums[2];
        sum_strided<pieces, 1, 2>(d, x + i * stride, stride, {re, im}, length, sums);
        const V4 real[2] = {sums[0], sums[0]}, imag[2] = {sums[1], sums[1]};
        const V4 twice = join(real, imag);
        hn::StoreU(twice, d4, last);
        look_at(check, twice);
        std::copy_n(last, 2, y + 2 * i);
    }
    return is_finite(check);
}

bool decimate(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
              std::size_t decimation) {
    const auto make = length > most_in_lanes ? decimate_with<true> : decimate_with<false>;
    return make(x, taps, width, length, y, n, decimation);
}

bool complex_decimate(const float* x, const float* re, const float* im, std::size_t length, float* y, std::size_t n,
                      std::size_t decimation) {
    const auto make = length > most_in_lanes ? complex_decimate_with<true> : complex_decimate_with<false>;
    return make(x, re, im, length, y, n, decimation);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(decimate);
HWY_EXPORT(complex_decimate);

bool decimate(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
              std::size_t decimation) {
    return HWY_DYNAMIC_DISPATCH(decimate)(x, taps, width, length, y, n, decimation);
}

bool complex_decimate(const float* x, const float* re, const float* im, std::size_t length, float* y, std::size_t n,
                      std::size_t decimation) {
    return HWY_DYNAMIC_DISPATCH(complex_decimate)(x, re, im, length, y, n, decimation);
}

}  // namespace flowspan::kernels
#endif

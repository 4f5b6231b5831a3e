#include "kernels/fir/sums.hpp"

#include "kernels/simd.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fir/slide_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// Lanes are outputs. A vector of samples serves the taps that are 16 floats apart, so each load feeds several multiply-adds;
// the order of a sum is: residue of the tap's place, then place.
HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#include "kernels/fir/add_exactly.inc"

constexpr std::size_t group = 16;
constexpr std::size_t most_at_once = 64;                  // taps that are added up in one sum;
constexpr std::size_t many_taps = 512, few_at_once = 32;  // of filters with more than this: so many

template <int J, int Q, class D, class V = hn::Vec<D>>
HWY_INLINE void add_taps(D d, const float* x, const float* taps, V (&sum)[J]) {
    constexpr int lanes = int(hn::MaxLanes(d)), step = int(group) / lanes;
    V tap[Q];
#pragma GCC unroll 8
    for (int q = 0; q < Q; ++q) tap[q] = hn::Set(d, taps[q]);
#pragma GCC unroll 64
    for (int m = 0; m < J + (Q - 1) * step; ++m) {
        const V v = hn::LoadU(d, x + m * lanes);
#pragma GCC unroll 8
        for (int q = 0; q < Q; ++q) {
            const int j = m - q * step;
            if (j >= 0 && j < J) sum[j] = hn::MulAdd(tap[q], v, sum[j]);
        }
    }
}

/// The taps of `residues` residues at places [from, to).
template <int J, class D>
HWY_INLINE void slide_places(D d, const float* x, const float* taps, std::size_t width, std::size_t places,
                             std::size_t residues, std::size_t from, std::size_t to, hn::Vec<D> (&sum)[J]) {
#pragma GCC unroll 16
    for (auto& s : sum) s = hn::Zero(d);
    for (std::size_t residue = 0; residue < residues; ++residue, x += width, taps += places) {
        std::size_t q = from;
        for (; q + 4 <= to; q += 4) add_taps<J, 4>(d, x + group * q, taps + q, sum);
        for (; q < to; ++q) add_taps<J, 1>(d, x + group * q, taps + q, sum);
    }
}

/// Longer filters: sums of `at_once` taps, of some residues or of a part of one, and their sum.
template <int J, class D>
HWY_INLINE void slide_pieces(D d, const float* x, const float* taps, std::size_t width, std::size_t places, std::size_t at_once,
                             hn::Vec<D> (&sum)[J]) {
    const std::size_t all = group / width, piece = std::min(places, at_once),
                      residues = std::max<std::size_t>(1, at_once / piece);
    hn::Vec<D> low[J], part[J];
#pragma GCC unroll 16
    for (int j = 0; j < J; ++j) sum[j] = low[j] = hn::Zero(d);
    for (std::size_t q = 0; q < places; q += piece) {
        for (std::size_t r = 0; r < all; r += residues) {
            slide_places(d, x + r * width, taps + r * places, width, places, std::min(residues, all - r), q,
                         std::min(places, q + piece), part);
#pragma GCC unroll 16
            for (int j = 0; j < J; ++j) add_exactly(sum[j], low[j], part[j]);
        }
    }
#pragma GCC unroll 16
    for (int j = 0; j < J; ++j) sum[j] = hn::Add(sum[j], low[j]);
}

/// In two sums, of half the residues each.
template <int J, class D>
HWY_INLINE void slide_halves(D d, const float* x, const float* taps, std::size_t width, std::size_t places,
                             hn::Vec<D> (&sum)[J]) {
    const std::size_t half = group / width / 2;
    hn::Vec<D> first[J];
    slide_places(d, x, taps, width, places, half, 0, places, first);
    slide_places(d, x + half * width, taps + half * places, width, places, half, 0, places, sum);
#pragma GCC unroll 16
    for (int j = 0; j < J; ++j) sum[j] = hn::Add(first[j], sum[j]);
}

enum class Sums { one, two, many };

enum class Made { nothing, finite, not_finite };

/// The last block overlaps the one before it: every output has the same value wherever its block starts. Fewer outputs than a
/// block: nothing.
template <Sums sums, int J, class D>
Made slide_all(D d, const float* x, const float* taps, std::size_t width, std::size_t places, float* y, std::size_t n) {
    constexpr std::size_t lanes = hn::MaxLanes(d), block = J * lanes;
    if (n < block) return Made::nothing;
    const std::size_t at_once = places * group / width > many_taps ? few_at_once : most_at_once;
    const auto zero = hn::Zero(d);
    auto check = zero;  // 0 times what is not finite is NaN
    for (std::size_t i = 0; i < n; i += block) {
        i = std::min(i, n - block);
        hn::Vec<D> sum[J];
        if constexpr (sums == Sums::one)
            slide_places<J>(d, x + i, taps, width, places, group / width, 0, places, sum);
        else if constexpr (sums == Sums::two)
            slide_halves<J>(d, x + i, taps, width, places, sum);
        else
            slide_pieces<J>(d, x + i, taps, width, places, at_once, sum);
#pragma GCC unroll 16
        for (std::size_t j = 0; j < J; ++j) {
            hn::StoreU(sum[j], d, y + i + j * lanes);
            check = hn::MulAdd(sum[j], zero, check);
        }
    }
    return hn::AllTrue(d, hn::Eq(check, zero)) ? Made::finite : Made::not_finite;
}

template <Sums sums>
bool slide_in(const float* x, const float* taps, std::size_t width, std::size_t places, float* y, std::size_t n) {
    const hn::CappedTag<float, 16> d;
    const hn::CappedTag<float, 1> one;
    Made made = slide_all<sums, 8>(d, x, taps, width, places, y, n);
    if (made == Made::nothing) made = slide_all<sums, 2>(d, x, taps, width, places, y, n);
    if (made == Made::nothing) made = slide_all<sums, 1>(one, x, taps, width, places, y, n);
    return made != Made::not_finite;
}

bool slide(const float* x, const float* taps, std::size_t width, std::size_t places, float* y, std::size_t n) {
    const std::size_t all = places * group / width;
    const auto make = all <= most_at_once       ? slide_in<Sums::one>
                      : all <= 2 * most_at_once ? slide_in<Sums::two>
                                                : slide_in<Sums::many>;
    return n == 0 || make(x, taps, width, places, y, n);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(slide);

bool slide(const float* x, const float* taps, std::size_t width, std::size_t places, float* y, std::size_t n) {
    return HWY_DYNAMIC_DISPATCH(slide)(x, taps, width, places, y, n);
}

}  // namespace flowspan::kernels
#endif

#include "kernels/fir/fir_cpu.hpp"

#include "kernels/fir/slide.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/simd.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fir/fir_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// Two forms, chosen by decimation alone, and one for taps from a table. All see samples as rows of floats, `width` of them a
// sample, and taps in the order of the samples (oldest first), padded in front to groups of 16 floats.
//
// slide: decimation 1; see slide_cpu.cpp.
//
// dots: anything else. Lanes are taps: 16 partial sums, added pairwise at the end. Taps of complex samples stand there twice.
//
// between: dots, with taps between two rows.
//
// A float that adds up n numbers loses up to n/2 units in its last place, so long filters are summed in pieces of a fixed
// number of taps, and these with what rounding takes from them (Knuth, The Art of Computer Programming 2, 4.2.2, theorem B).
HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#include "kernels/fir/add_exactly.inc"

constexpr std::size_t group = 16;
constexpr std::size_t most_in_lanes = 32 * group;  // floats that dots add up in their 16 sums

template <class D>
HWY_INLINE auto fold(D d, hn::Vec<D> v) {
    if constexpr (hn::MaxLanes(d) == 4) {
        return v;
    } else {
        const hn::Half<D> h;
        return fold(h, hn::Add(hn::LowerHalf(h, v), hn::UpperHalf(h, v)));
    }
}

/// Lane l of the four is the sum of partial sums l, l + 4, l + 8, l + 12: (l and l + 8), (l + 4 and l + 12), then both.
template <int K, class D>
HWY_INLINE auto fold_group(D d, const hn::Vec<D> (&s)[K]) {
    if constexpr (K == 1)
        return fold(d, s[0]);
    else if constexpr (K == 2)
        return fold(d, hn::Add(s[0], s[1]));
    else
        return hn::Add(hn::Add(s[0], s[2]), hn::Add(s[1], s[3]));
}

using D4 = hn::CappedTag<float, 4>;
using V4 = hn::Vec<D4>;

HWY_INLINE V4 pair(V4 a, V4 b) {
    const D4 d;
    return hn::Add(hn::ConcatLowerLower(d, b, a), hn::ConcatUpperUpper(d, b, a));
}

/// One group of G outputs: x[g] and taps[g] are the oldest sample and the taps of output g. sums[g] are 4 lanes.
template <int G, class D>
HWY_INLINE void dot_group(D d, const float* const (&x)[G], const float* const (&taps)[G], std::size_t length, V4 (&sums)[G]) {
    constexpr std::size_t lanes = hn::MaxLanes(d);
    constexpr int K = int(group / lanes);
    hn::Vec<D> sum[G][K];
#pragma GCC unroll 8
    for (int g = 0; g < G; ++g)
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) sum[g][k] = hn::Zero(d);
    for (std::size_t i = 0; i < length; i += group) {
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) {
#pragma GCC unroll 8
            for (int g = 0; g < G; ++g) {
                const std::size_t at = i + std::size_t(k) * lanes;
                sum[g][k] = hn::MulAdd(hn::LoadU(d, taps[g] + at), hn::LoadU(d, x[g] + at), sum[g][k]);
            }
        }
    }
#pragma GCC unroll 8
    for (int g = 0; g < G; ++g) sums[g] = fold_group<K>(d, sum[g]);
}

template <int G, class D>
HWY_INLINE void dot_pieces(D d, const float* const (&x)[G], const float* const (&taps)[G], std::size_t length, V4 (&sums)[G]) {
    dot_group(d, x, taps, most_in_lanes, sums);
    V4 low[G], part[G];
    for (auto& l : low) l = hn::Zero(D4());
    const float *xs[G], *ts[G];
    for (std::size_t i = most_in_lanes; i < length; i += most_in_lanes) {
        for (int g = 0; g < G; ++g) xs[g] = x[g] + i, ts[g] = taps[g] + i;
        dot_group(d, xs, ts, std::min(length - i, most_in_lanes), part);
        for (int g = 0; g < G; ++g) add_exactly(sums[g], low[g], part[g]);
    }
    for (int g = 0; g < G; ++g) sums[g] = hn::Add(sums[g], low[g]);
}

/// 0 times what is finite is 0, times any other NaN, which stays in a sum.
HWY_INLINE void look_at(V4& check, V4 y) { check = hn::MulAdd(y, hn::Zero(D4()), check); }
HWY_INLINE bool is_finite(V4 check) { return hn::AllTrue(D4(), hn::Eq(check, hn::Zero(D4()))); }

/// y gets four outputs of `width` floats, which `check` has looked at.
HWY_INLINE void store_four(std::size_t width, const V4* s, float* y, V4& check) {
    const D4 d;
    const V4 ab = pair(s[0], s[1]), cd = pair(s[2], s[3]);
    if (width == 2) {
        hn::StoreU(ab, d, y);
        hn::StoreU(cd, d, y + 4);
        look_at(check, ab);
        look_at(check, cd);
    } else {
        const V4 all = hn::Add(hn::ConcatEven(d, cd, ab), hn::ConcatOdd(d, cd, ab));
        hn::StoreU(all, d, y);
        look_at(check, all);
    }
}

/// Output i has its oldest sample at x + width * floor(p / I) and the taps of phase p mod I, with p = phase + i D.
template <bool in_pieces>
bool dots_with(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
               std::size_t interpolation, std::size_t decimation, std::size_t phase) {
    const hn::CappedTag<float, 16> d;
    constexpr std::size_t G = 4;
    const std::size_t whole = decimation / interpolation, part = decimation % interpolation;
    V4 check = hn::Zero(D4());
    for (std::size_t i = 0; i < n; i += G) {
        const float *xs[G], *ts[G];
        for (std::size_t g = 0; g < G; ++g) {
            xs[g] = x;
            ts[g] = taps + phase * length;
            if (i + g + 1 >= n) continue;  // what is too many repeats the last
            x += width * whole;
            phase += part;
            if (phase >= interpolation) {
                phase -= interpolation;
                x += width;
            }
        }
        V4 sums[G];
        if constexpr (in_pieces)
            dot_pieces(d, xs, ts, length, sums);
        else
            dot_group(d, xs, ts, length, sums);
        float last[2 * G];
        const bool all = i + G <= n;
        float* to = all ? y + i * width : last;
        for (std::size_t g = 0; g < G; g += 4) store_four(width, sums + g, to + g * width, check);
        if (!all) std::copy_n(last, (n - i) * width, y + i * width);
    }
    return is_finite(check);
}

/// dot_group with taps between two rows: `part[g]` of the way from taps[g] to the row after it.
template <int G, class D>
HWY_INLINE void dot_between(D d, const float* const (&x)[G], const float* const (&taps)[G], const float (&part)[G],
                            std::size_t length, V4 (&sums)[G]) {
    constexpr std::size_t lanes = hn::MaxLanes(d);
    constexpr int K = int(group / lanes);
    hn::Vec<D> sum[G][K], share[G];
#pragma GCC unroll 8
    for (int g = 0; g < G; ++g) {
        share[g] = hn::Set(d, part[g]);
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) sum[g][k] = hn::Zero(d);
    }
    for (std::size_t i = 0; i < length; i += group) {
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) {
#pragma GCC unroll 8
            for (int g = 0; g < G; ++g) {
                const std::size_t at = i + std::size_t(k) * lanes;
                const auto row = hn::LoadU(d, taps[g] + at), next = hn::LoadU(d, taps[g] + length + at);
                sum[g][k] = hn::MulAdd(hn::MulAdd(share[g], hn::Sub(next, row), row), hn::LoadU(d, x[g] + at), sum[g][k]);
            }
        }
    }
#pragma GCC unroll 8
    for (int g = 0; g < G; ++g) sums[g] = fold_group<K>(d, sum[g]);
}

/// Output i has its oldest sample at x + width * floor(p / I), and its taps p P / I rows down, with phase p + i D mod I.
bool between(const float* x, const PhaseTable& table, std::size_t width, float* y, std::size_t n, std::uint64_t interpolation,
             std::uint64_t decimation, std::uint64_t phase) {
    const hn::CappedTag<float, 16> d;
    constexpr std::size_t G = 4;
    const std::uint64_t whole = decimation / interpolation, step = decimation % interpolation;
    const double rows = double(table.phases) / double(interpolation);
    V4 check = hn::Zero(D4());
    for (std::size_t i = 0; i < n; i += G) {
        const float *xs[G], *ts[G];
        float parts[G];
        for (std::size_t g = 0; g < G; ++g) {
            const double at = double(phase) * rows;
            const std::size_t row = std::min(std::size_t(at), table.phases - 1);  // a phase just below 1 may round up to it
            const std::size_t apart = table.phases + (phase <= table.edge ? 1 : 3);
            xs[g] = x;
            ts[g] = table.taps + (row == table.edge_row ? apart : row) * table.length;
            parts[g] = float(at - double(row));
            if (i + g + 1 >= n) continue;  // what is too many repeats the last
            x += width * whole;
            if (phase >= interpolation - step) {
                phase -= interpolation - step;
                x += width;
            } else {
                phase += step;
            }
        }
        V4 sums[G];
        dot_between(d, xs, ts, parts, table.length, sums);
        float last[2 * G];
        const bool all = i + G <= n;
        float* to = all ? y + i * width : last;
        store_four(width, sums, to, check);
        if (!all) std::copy_n(last, (n - i) * width, y + i * width);
    }
    return is_finite(check);
}

/// Keeps a vector in its register. GCC would rather load it again for each use, and a load across cache lines costs as much as
/// two multiply-adds: without this, filters with complex taps take 1.3 times as long.
template <class V>
HWY_INLINE void keep(V& v) {
#if HWY_ARCH_X86
    asm("" : "+x"(v.raw));
#endif
}

/// The same for G outputs whose oldest samples lie `stride` floats apart, with T sets of taps: sums[t * G + g].
template <int G, int T, class D>
HWY_INLINE void dot_strided(D d, const float* x, std::size_t stride, const float* const (&taps)[T], std::size_t length,
                            V4* sums) {
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

template <int G, int T, class D>
HWY_INLINE void strided_pieces(D d, const float* x, std::size_t stride, const float* const (&taps)[T], std::size_t length,
                               V4* sums) {
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

template <bool in_pieces, int G, int T, class D>
HWY_INLINE void sum_strided(D d, const float* x, std::size_t stride, const float* const (&taps)[T], std::size_t length,
                            V4* sums) {
    if constexpr (in_pieces)
        strided_pieces<G, T>(d, x, stride, taps, length, sums);
    else
        dot_strided<G, T>(d, x, stride, taps, length, sums);
}

/// One set of taps for all outputs.
template <bool in_pieces>
bool decimate_with(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
                   std::size_t decimation) {
    const hn::CappedTag<float, 16> d;
    const std::size_t stride = width * decimation;
    V4 sums[4], check = hn::Zero(D4());
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        sum_strided<in_pieces, 4, 1>(d, x + i * stride, stride, {taps}, length, sums);
        store_four(width, sums, y + i * width, check);
    }
    for (; i < n; ++i) {
        float last[8];
        sum_strided<in_pieces, 1, 1>(d, x + i * stride, stride, {taps}, length, sums);
        sums[1] = sums[2] = sums[3] = sums[0];
        store_four(width, sums, last, check);
        std::copy_n(last, width, y + i * width);
    }
    return is_finite(check);
}

/// (real sums, imaginary sums) of two outputs; j times the latter are added.
HWY_INLINE V4 join(const V4* real, const V4* imag) {
    const V4 r = pair(real[0], real[1]), j = hn::Shuffle2301(pair(imag[0], imag[1]));
    return hn::OddEven(hn::Add(r, j), hn::Sub(r, j));
}

/// Complex taps on complex samples.
template <bool in_pieces>
bool complex_decimate_with(const float* x, const float* re, const float* im, std::size_t length, float* y, std::size_t n,
                           std::size_t decimation) {
    const hn::CappedTag<float, 16> d;
    const D4 d4;
    constexpr int G = hn::MaxLanes(d) == 16 ? 4 : 2;  // as many sums as there are registers for
    const std::size_t stride = 2 * decimation;
    V4 sums[2 * G], check = hn::Zero(d4);
    std::size_t i = 0;
    for (; i + G <= n; i += G) {
        sum_strided<in_pieces, G, 2>(d, x + i * stride, stride, {re, im}, length, sums);
        for (std::size_t g = 0; g < G; g += 2) {
            const V4 two = join(sums + g, sums + G + g);
            hn::StoreU(two, d4, y + 2 * (i + g));
            look_at(check, two);
        }
    }
    for (; i < n; ++i) {
        float last[4];
        sum_strided<in_pieces, 1, 2>(d, x + i * stride, stride, {re, im}, length, sums);
        const V4 real[2] = {sums[0], sums[0]}, imag[2] = {sums[1], sums[1]};
        const V4 twice = join(real, imag);
        hn::StoreU(twice, d4, last);
        look_at(check, twice);
        std::copy_n(last, 2, y + 2 * i);
    }
    return is_finite(check);
}

bool dots(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
          std::size_t interpolation, std::size_t decimation, std::size_t phase) {
    const auto make = length > most_in_lanes ? dots_with<true> : dots_with<false>;
    return make(x, taps, width, length, y, n, interpolation, decimation, phase);
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
HWY_EXPORT(dots);
HWY_EXPORT(between);
HWY_EXPORT(decimate);
HWY_EXPORT(complex_decimate);
namespace {
constexpr std::size_t group = 16;
std::size_t padded(std::size_t taps, std::size_t width) {
    const std::size_t samples = group / width;
    return (std::max<std::size_t>(taps, 1) + samples - 1) / samples * samples;
}
}  // namespace

template <class S>
std::size_t Fir<S>::history_for(std::size_t taps, std::size_t interpolation) {
    return padded((taps + interpolation - 1) / interpolation, sizeof(S) / sizeof(float)) - 1;
}

template <class S>
Fir<S>::Fir(std::span<const double> taps, std::size_t interpolation, std::size_t decimation)
    : interpolation_(interpolation),
      decimation_(decimation),
      length_(history_for(taps.size(), interpolation) + 1),
      size_(taps.size()) {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const bool sliding = interpolation_ == 1 && decimation_ == 1;
    const std::size_t places = length_ * width / group;
    auto cpu = std::make_shared<Cpu>();
    cpu->taps.assign(interpolation_ * length_ * (sliding ? 1 : width), 0.0F);
    for (std::size_t t = 0; t < taps.size(); ++t) {
        const std::size_t place = length_ - 1 - t / interpolation_;  // counted from the oldest sample
        const auto tap = float(taps[t]);
        if (sliding) {
            cpu->taps[place % (group / width) * places + place / (group / width)] = tap;
        } else {
            for (std::size_t w = 0; w < width; ++w) cpu->taps[((t % interpolation_) * length_ + place) * width + w] = tap;
        }
    }
    cpu_ = std::move(cpu);
}

template <class S>
void Fir<S>::operator()(const S* in, S* out, std::size_t n, std::uint64_t first) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const auto* x = reinterpret_cast<const float*>(in - history());
    auto* y = reinterpret_cast<float*>(out);
    bool finite = true;
    if (interpolation_ == 1 && decimation_ == 1)
        finite = slide(x, cpu_->taps.data(), width, length_ * width / group, y, n * width);
    else if (interpolation_ == 1)
        finite = HWY_DYNAMIC_DISPATCH(decimate)(x, cpu_->taps.data(), width, length_ * width, y, n, decimation_);
    else
        finite = HWY_DYNAMIC_DISPATCH(dots)(x, cpu_->taps.data(), width, length_ * width, y, n, interpolation_, decimation_,
                                            phase_of(first));
    if (!finite) mend_all(in, out, n, first);
}

template class Fir<f32>;
template class Fir<cf32>;

// Row r holds the taps at phase r / P. Where the last tap ends, at `edge`, h falls to zero at once: the rows before have it,
// those behind do not. The two rows around the edge stand there twice more, with it for phases up to the edge, without for
// others.
template <class S>
InterpolatedFir<S>::InterpolatedFir(std::span<const double> table, std::size_t phases, std::uint64_t taps,
                                    std::uint64_t interpolation, std::uint64_t decimation)
    : phases_(phases),
      length_(Fir<S>::history_for(taps, interpolation) + 1),
      interpolation_(interpolation),
      decimation_(decimation),
      edge_((taps - 1) % interpolation) {
    const double rows = double(phases) / double(interpolation);
    edge_row_ = std::min(std::size_t(double(edge_) * rows), phases - 1);
    most_ = (taps - 1) / interpolation;
    auto cpu = std::make_shared<Cpu>();
    for (std::size_t row = 0; row <= phases; ++row) add_row(*cpu, table, row, std::size_t(most_) + (row <= edge_row_ ? 1 : 0));
    for (const std::size_t last : {std::size_t{1}, std::size_t{0}})
        for (const std::size_t next : {0, 1}) add_row(*cpu, table, edge_row_ + next, std::size_t(most_) + last);
    cpu_ = std::move(cpu);
}

template <class S>
void InterpolatedFir<S>::add_row(Cpu& cpu, std::span<const double> table, std::size_t row, std::size_t taps) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const std::size_t begin = cpu.taps.size();
    cpu.taps.resize(begin + length_ * width, 0.0F);
    for (std::size_t k = 0; k < taps; ++k)
        for (std::size_t w = 0; w < width; ++w)
            cpu.taps[begin + (length_ - 1 - k) * width + w] = float(table[std::min(row + k * phases_, table.size() - 1)]);
}

template <class S>
void InterpolatedFir<S>::operator()(const S* in, S* out, std::size_t n, std::uint64_t first) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const auto phase = std::uint64_t(static_cast<unsigned __int128>(first) * decimation_ % interpolation_);
    const bool finite = HWY_DYNAMIC_DISPATCH(between)(reinterpret_cast<const float*>(in - history()),
                                                      {cpu_->taps.data(), length_ * width, phases_, edge_row_, edge_}, width,
                                                      reinterpret_cast<float*>(out), n, interpolation_, decimation_, phase);
    if (!finite) mend_all(in, out, n, phase);
}

template class InterpolatedFir<f32>;
template class InterpolatedFir<cf32>;

ComplexFir::ComplexFir(std::span<const cf64> taps, std::size_t decimation)
    : decimation_(decimation), length_(history_for(taps.size()) + 1), size_(taps.size()) {
    auto cpu = std::make_shared<Cpu>();
    cpu->real.resize(2 * length_);
    cpu->imag.resize(2 * length_);
    for (std::size_t t = 0; t < taps.size(); ++t) {
        for (std::size_t w = 0; w < 2; ++w) {
            cpu->real[2 * (length_ - 1 - t) + w] = float(taps[t].real());
            cpu->imag[2 * (length_ - 1 - t) + w] = float(taps[t].imag());
        }
    }
    cpu_ = std::move(cpu);
}

void ComplexFir::operator()(const cf32* in, cf32* out, std::size_t n) const {
    const bool finite =
        HWY_DYNAMIC_DISPATCH(complex_decimate)(reinterpret_cast<const float*>(in - history()), cpu_->real.data(),
                                               cpu_->imag.data(), 2 * length_, reinterpret_cast<float*>(out), n, decimation_);
    if (!finite) mend_all(in, out, n);
}

}  // namespace flowspan::kernels
#endif

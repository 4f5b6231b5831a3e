#include "kernels/fir/sums.hpp"

#include "kernels/simd.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fir/resample_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// Taps that differ from output to output.
HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#include "kernels/fir/lanes.inc"

/// Where the oldest sample of an output stands, and its phase: p mod I, with p = phase + i D.
struct Walk {
    Walk(const float* first, std::size_t w, std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t at)
        : x(first),
          phase(at),
          whole(w * std::size_t(decimation / interpolation)),
          width(w),
          part(decimation % interpolation),
          rest(interpolation - part) {}
    HWY_INLINE void next() {
        const bool wraps = phase >= rest;
        phase = wraps ? phase - rest : phase + part;
        x += wraps ? whole + width : whole;
    }
    const float* x;
    std::uint64_t phase;
    std::size_t whole, width;
    std::uint64_t part, rest;
};

constexpr int outputs = 4;  // at once

/// Each output has a row of its own.
struct Rows {
    const float* row[outputs];
    template <class D>
    HWY_INLINE hn::Vec<D> at(D d, int g, std::size_t i) const {
        return hn::LoadU(d, row[g] + i);
    }
};

/// share[g] of the way from row[g] to the row after it.
struct BetweenRows {
    const float* row[outputs];
    float share[outputs];
    std::size_t length;
    template <class D>
    HWY_INLINE hn::Vec<D> at(D d, int g, std::size_t i) const {
        const auto here = hn::LoadU(d, row[g] + i), next = hn::LoadU(d, row[g] + length + i);
        return hn::MulAdd(hn::Set(d, share[g]), hn::Sub(next, here), here);
    }
};

/// Floats `from` … `to` - 1 of four outputs: x[g] is the oldest sample of output g. sums[g] are 4 lanes.
template <class D, class Taps>
HWY_INLINE void dot(D d, const float* const (&x)[outputs], const Taps& taps, std::size_t from, std::size_t to,
                    V4 (&sums)[outputs]) {
    constexpr std::size_t lanes = hn::MaxLanes(d);
    constexpr int K = int(group / lanes);
    hn::Vec<D> sum[outputs][K];
#pragma GCC unroll 8
    for (int g = 0; g < outputs; ++g)
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) sum[g][k] = hn::Zero(d);
    for (std::size_t i = from; i < to; i += group) {
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) {
#pragma GCC unroll 8
            for (int g = 0; g < outputs; ++g) {
                const std::size_t at = i + std::size_t(k) * lanes;
                sum[g][k] = hn::MulAdd(taps.at(d, g, at), hn::LoadU(d, x[g] + at), sum[g][k]);
            }
        }
    }
#pragma GCC unroll 8
    for (int g = 0; g < outputs; ++g) sums[g] = fold_group<K>(d, sum[g]);
}

template <class D, class Taps>
HWY_INLINE void dot_pieces(D d, const float* const (&x)[outputs], const Taps& taps, std::size_t length, V4 (&sums)[outputs]) {
    dot(d, x, taps, 0, most_in_lanes, sums);
    V4 low[outputs], part[outputs];
    for (auto& l : low) l = hn::Zero(D4());
    for (std::size_t i = most_in_lanes; i < length; i += most_in_lanes) {
        dot(d, x, taps, i, std::min(length, i + most_in_lanes), part);
        for (int g = 0; g < outputs; ++g) add_exactly(sums[g], low[g], part[g]);
    }
    for (int g = 0; g < outputs; ++g) sums[g] = hn::Add(sums[g], low[g]);
}

template <bool pieces>
bool resample_with(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
                   std::size_t interpolation, std::size_t decimation, std::size_t phase) {
    const hn::CappedTag<float, 16> d;
    Walk walk(x, width, interpolation, decimation, phase);
    V4 check = hn::Zero(D4());
    for (std::size_t i = 0; i < n; i += outputs) {
        const float* xs[outputs];
        Rows rows;
        for (std::size_t g = 0; g < outputs; ++g) {
            xs[g] = walk.x;
            rows.row[g] = taps + walk.phase * length;
            if (i + g + 1 < n) walk.next();  // what is too many repeats the last
        }
        V4 sums[outputs];
        if constexpr (pieces)
            dot_pieces(d, xs, rows, length, sums);
        else
            dot(d, xs, rows, 0, length, sums);
        store_up_to_four(width, sums, y + i * width, n - i, check);
    }
    return is_finite(check);
}

bool resample(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
              std::size_t interpolation, std::size_t decimation, std::size_t phase) {
    const auto make = length > most_in_lanes ? resample_with<true> : resample_with<false>;
    return make(x, taps, width, length, y, n, interpolation, decimation, phase);
}

template <bool pieces>
bool resample_between_with(const float* x, const PhaseTable& table, std::size_t width, float* y, std::size_t n,
                           std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t phase) {
    const hn::CappedTag<float, 16> d;
    const double rows_a_phase = double(table.phases) / double(interpolation);
    Walk walk(x, width, interpolation, decimation, phase);
    V4 check = hn::Zero(D4());
    for (std::size_t i = 0; i < n; i += outputs) {
        const float* xs[outputs];
        BetweenRows rows{{}, {}, table.length};
        for (std::size_t g = 0; g < outputs; ++g) {
            const double at = double(walk.phase) * rows_a_phase;
            const std::size_t row = std::min(std::size_t(at), table.phases - 1);  // a phase just below 1 may round up to it
            const std::size_t apart = table.phases + (walk.phase <= table.edge ? 1 : 3);
            xs[g] = walk.x;
            rows.row[g] = table.taps + (row == table.edge_row ? apart : row) * table.length;
            rows.share[g] = float(at - double(row));
            if (i + g + 1 < n) walk.next();  // what is too many repeats the last
        }
        V4 sums[outputs];
        if constexpr (pieces)
            dot_pieces(d, xs, rows, table.length, sums);
        else
            dot(d, xs, rows, 0, table.length, sums);
        store_up_to_four(width, sums, y + i * width, n - i, check);
    }
    return is_finite(check);
}

bool resample_between(const float* x, const PhaseTable& table, std::size_t width, float* y, std::size_t n,
                      std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t phase) {
    const auto make = table.length > most_in_lanes ? resample_between_with<true> : resample_between_with<false>;
    return make(x, table, width, y, n, interpolation, decimation, phase);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(resample);
HWY_EXPORT(resample_between);

bool resample(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
              std::size_t interpolation, std::size_t decimation, std::size_t phase) {
    return HWY_DYNAMIC_DISPATCH(resample)(x, taps, width, length, y, n, interpolation, decimation, phase);
}

bool resample_between(const float* x, const PhaseTable& table, std::size_t width, float* y, std::size_t n,
                      std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t phase) {
    return HWY_DYNAMIC_DISPATCH(resample_between)(x, table, width, y, n, interpolation, decimation, phase);
}

}  // namespace flowspan::kernels
#endif

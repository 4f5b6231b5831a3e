#include "kernels/pfb/pfb.hpp"

#include "kernels/aligned.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/simd.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pfb/pfb_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Floats i … i + lanes of F frames: y[f][i] = sum over p of taps[p][i] x[(f - p) * width + i].
template <int F, class D>
HWY_INLINE void filter_at(D d, std::size_t i, const float* x, const float* taps, std::size_t width, std::size_t rows, float* y,
                          std::size_t stride) {
    hn::Vec<D> sum[F];
#pragma GCC unroll 8
    for (auto& s : sum) s = hn::Zero(d);
    for (std::size_t p = 0; p < rows; ++p) {
        const auto tap = hn::LoadU(d, taps + p * width + i);
        const float* row = x + i - std::ptrdiff_t(p * width);
#pragma GCC unroll 8
        for (std::size_t f = 0; f < F; ++f) sum[f] = hn::MulAdd(tap, hn::LoadU(d, row + f * width), sum[f]);
    }
#pragma GCC unroll 8
    for (std::size_t f = 0; f < F; ++f) hn::StoreU(sum[f], d, y + f * stride + i);
}

/// Floats `from` … `to` - 1 of each row.
struct Part {
    std::size_t from, to;
};

template <int F>
void filter_some(const float* x, const float* taps, std::size_t width, Part part, std::size_t rows, float* y,
                 std::size_t stride) {
    const hn::CappedTag<float, 16> d;
    const hn::CappedTag<float, 4> few;
    const hn::CappedTag<float, 1> one;
    std::size_t i = part.from;
    for (; i + hn::MaxLanes(d) <= part.to; i += hn::MaxLanes(d)) filter_at<F>(d, i, x, taps, width, rows, y, stride);
    for (; i + hn::MaxLanes(few) <= part.to; i += hn::MaxLanes(few)) filter_at<F>(few, i, x, taps, width, rows, y, stride);
    for (; i < part.to; ++i) filter_at<F>(one, i, x, taps, width, rows, y, stride);
}

void filter_part(const float* x, const float* taps, std::size_t width, Part part, std::size_t rows, float* y,
                 std::size_t stride, std::size_t n) {
    std::size_t f = 0;
    for (; f + 8 <= n; f += 8) filter_some<8>(x + f * width, taps, width, part, rows, y + f * stride, stride);
    for (; f + 4 <= n; f += 4) filter_some<4>(x + f * width, taps, width, part, rows, y + f * stride, stride);
    for (; f < n; ++f) filter_some<1>(x + f * width, taps, width, part, rows, y + f * stride, stride);
}

/// n frames. x: the newest row of the first. Rows of y are turned: what belongs to float i stands at (i + turn) % width.
void filter_rows(const float* x, const float* taps, std::size_t width, std::size_t rows, float* y, std::size_t stride,
                 std::size_t turn, std::size_t n) {
    filter_part(x, taps, width, {0, width - turn}, rows, y + turn, stride, n);
    if (turn > 0) filter_part(x, taps, width, {width - turn, width}, rows, y + turn - width, stride, n);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(filter_rows);

std::vector<double> pfb_prototype(std::size_t channels, std::size_t taps_per_channel, double attenuation_db) {
    const std::size_t taps = channels * taps_per_channel;
    if (taps < 2) return std::vector<double>(taps, 0.0);
    const auto w = window("kaiser", taps - 1, Symmetry::symmetric, kaiser_beta(attenuation_db));
    auto h = design_low_pass(0.5 / double(channels), w);
    h.insert(h.begin(), 0.0);
    return h;
}

struct Pfb::Cpu {
    AlignedVector<float> taps;  // row p: h[pM + M - t] for t = 0 … M-1, each twice
    RowsFft fft;
};

Pfb::Pfb() = default;
Pfb::~Pfb() = default;
Pfb::Pfb(Pfb&&) noexcept = default;
Pfb& Pfb::operator=(Pfb&&) noexcept = default;

Pfb::Pfb(std::size_t channels, std::span<const double> prototype)
    : channels_(channels),
      rows_(prototype.size() / channels),
      batch_(block(channels)),
      cpu_(new Cpu{AlignedVector<float>(2 * prototype.size()), RowsFft(channels, batch_)}) {
    auto& taps = cpu_->taps;
    for (std::size_t p = 0; p < rows_; ++p) {
        for (std::size_t t = 0; t < channels; ++t) {
            const std::size_t k = p * channels + channels - t;
            const float tap = k < prototype.size() ? float(prototype[k]) : 0.0F;
            taps[2 * (p * channels + t)] = taps[2 * (p * channels + t) + 1] = tap;
        }
    }
}

// The transform counts its input from 0: turned, it counts from the index.
void Pfb::operator()(const cf32* in, cf32* const* out, std::size_t n, std::uint64_t first) {
    const std::size_t turn = 2 * std::size_t(first % channels_);
    RowsFft& fft = cpu_->fft;
    const auto filter = HWY_DYNAMIC_DISPATCH(filter_rows);
    const auto* newest_row = reinterpret_cast<const float*>(in) - 2 * channels_;
    for (std::size_t m = 0; m < n; m += batch_) {
        const std::size_t frames = std::min(batch_, n - m);
        filter(newest_row + 2 * m * channels_, cpu_->taps.data(), 2 * channels_, rows_, reinterpret_cast<float*>(fft.in()),
               2 * channels_, turn, frames);
        fft.run();
        const cf32* from = fft.out();
        for (std::size_t k = 0; k < channels_; ++k, from += batch_) {
            cf32* to = out[ascending(k, channels_)];
            if (!to) continue;
            if (frames == 8)
                std::memcpy(to + m, from, 8 * sizeof(cf32));  // one cache line: worth its own copy
            else
                std::memcpy(to + m, from, frames * sizeof(cf32));
        }
    }
}

}  // namespace flowspan::kernels
#endif

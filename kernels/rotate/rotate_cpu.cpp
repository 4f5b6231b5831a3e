#include "kernels/rotate/rotate.hpp"

#include "kernels/aligned.hpp"
#include "kernels/simd.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rotate/rotate_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// (a + jb)(c + jd), all interleaved.
template <class V>
HWY_INLINE V times(V a, V c) {
    const V straight = hn::Mul(hn::DupEven(a), c), crossed = hn::Mul(hn::DupOdd(a), hn::Shuffle2301(c));
    return hn::OddEven(hn::Add(straight, crossed), hn::Sub(straight, crossed));
}

/// out[i] = (base * table[i]) * in[i] for n complex numbers of one block; without `in`, base * table[i].
void rotate_block(const float* in, const float* table, float re, float im, float* out, std::size_t n) {
    const hn::CappedTag<float, 16> d;
    constexpr std::size_t lanes = hn::MaxLanes(d);
    const auto base = hn::OddEven(hn::Set(d, im), hn::Set(d, re));
    const auto one = [&](const float* x, const float* t, float* y) HWY_ATTR {
        const auto w = times(base, hn::LoadU(d, t));
        hn::StoreU(x ? times(w, hn::LoadU(d, x)) : w, d, y);
    };
    std::size_t i = 0;
    for (; i + lanes <= 2 * n; i += lanes) one(in ? in + i : nullptr, table + i, out + i);
    if (i < 2 * n) {
        float x[lanes] = {}, t[lanes] = {}, y[lanes];
        if (in) std::copy(in + i, in + 2 * n, x);
        std::copy(table + i, table + 2 * n, t);
        one(in ? x : nullptr, t, y);
        std::copy_n(y, 2 * n - i, out + i);
    }
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(rotate_block);
namespace {
constexpr std::size_t block = 64;

void rotate_all(const cf32* in, const AlignedVector<cf32>& table, std::uint64_t increment, cf32* out, std::size_t n,
                std::uint64_t first, double amplitude, std::uint64_t phase) {
    const auto run = HWY_DYNAMIC_DISPATCH(rotate_block);
    for (std::size_t i = 0; i < n;) {
        const std::size_t within = (first + i) % block, count = std::min(block - within, n - i);
        const Angle base = sincos_turns(phase + (first + i - within) * increment);
        run(reinterpret_cast<const float*>(in ? in + i : nullptr), reinterpret_cast<const float*>(table.data() + within),
            float(amplitude * base.cos), float(amplitude * base.sin), reinterpret_cast<float*>(out + i), count);
        i += count;
    }
}
}  // namespace

struct Rotator::Cpu {
    AlignedVector<cf32> table;  // one block of the phasor
};

Rotator::Rotator(std::uint64_t increment) : increment_(increment) {
    auto cpu = std::make_shared<Cpu>();
    cpu->table.resize(block);
    for (std::size_t i = 0; i < block; ++i) {
        const Angle a = sincos_turns(i * increment);
        cpu->table[i] = {float(a.cos), float(a.sin)};
    }
    cpu_ = std::move(cpu);
}

void Rotator::operator()(const cf32* in, cf32* out, std::size_t n, std::uint64_t first, std::uint64_t phase) const {
    rotate_all(in, cpu_->table, increment_, out, n, first, 1, phase);
}

void Rotator::generate(cf32* out, std::size_t n, std::uint64_t first, f32 amplitude, std::uint64_t phase) const {
    rotate_all(nullptr, cpu_->table, increment_, out, n, first, double(amplitude), phase);
}

}  // namespace flowspan::kernels
#endif

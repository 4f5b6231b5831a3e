#include "kernels/mode_s/mode_s.hpp"

#include "kernels/simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mode_s/mode_s_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
hn::Vec<D> power_of(D d, const float* in) {
    hn::Vec<D> re, im;
    hn::LoadInterleaved2(d, in, re, im);
    return hn::Add(hn::Mul(re, re), hn::Mul(im, im));
}

std::size_t square(const float* in, float* out, std::size_t n) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t k = 0;
    for (; k + lanes <= n; k += lanes) hn::StoreU(power_of(d, in + 2 * k), d, out + k);
    return k;
}

std::size_t square_in_turn(const float* even, const float* odd, float* out, std::size_t n) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t k = 0;
    for (; k + lanes <= n; k += lanes)
        hn::StoreInterleaved2(power_of(d, even + 2 * k), power_of(d, odd + 2 * k), d, out + 2 * k);
    return k;
}

std::size_t add_halves(const float* p, float* const* planes, std::size_t n) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    const auto half = hn::Set(d, 0.5F);
    std::size_t k = 0;
    for (; k + lanes <= n; k += lanes) {
        hn::Vec<decltype(d)> v[6], v6, v7;
        hn::LoadInterleaved4(d, p + 4 * k, v[0], v[1], v[2], v[3]);
        hn::LoadInterleaved4(d, p + 4 * k + 4, v[4], v[5], v6, v7);
        for (std::size_t i = 0; i < 4; ++i) {
            const auto here = hn::Add(v[i], v[i + 1]), next = hn::Add(v[i + 1], v[i + 2]);
            hn::StoreU(here, d, planes[2 * i] + k);
            hn::StoreU(hn::Mul(hn::Add(here, next), half), d, planes[2 * i + 1] + k);
        }
    }
    return k;
}

std::size_t find_formats(const float* early, const float* late, std::size_t n, float ratio, std::uint32_t formats, u8* found) {
    const hn::ScalableTag<float> d;
    const hn::RebindToUnsigned<decltype(d)> du;
    const hn::Rebind<u8, decltype(d)> d8;
    const hn::RebindToSigned<decltype(d)> di;
    const std::size_t lanes = hn::Lanes(d);
    const auto r = hn::Set(d, ratio), three = hn::Set(d, 3.0F);
    const auto set = hn::Set(du, formats), one = hn::Set(du, 1U);
    std::size_t k = 0;
    for (; k + lanes <= n; k += lanes) {
        const auto e = [&](std::size_t i) HWY_ATTR { return hn::LoadU(d, early + k + i); };
        const auto l = [&](std::size_t i) HWY_ATTR { return hn::LoadU(d, late + k + i); };
        const auto pulses = hn::Add(hn::Add(e(0), e(1)), hn::Add(l(3), l(4)));
        auto gaps = hn::Add(l(0), l(1));
        for (std::size_t i = 2; i < 8; ++i) {
            gaps = hn::Add(gaps, e(i));
            if (i != 3 && i != 4) gaps = hn::Add(gaps, l(i));
        }
        const auto high = hn::Gt(hn::Mul(pulses, three), hn::Mul(r, gaps));
        if (hn::AllFalse(d, high)) {
            for (std::size_t i = 0; i < lanes; ++i) found[k + i] = 0;
            continue;
        }
        auto format = hn::Zero(du);
        for (std::size_t bit = 0; bit < 5; ++bit) {
            const auto is_one = hn::RebindMask(du, hn::Gt(e(8 + bit), l(8 + bit)));
            format = hn::Add(hn::Add(format, format), hn::IfThenElseZero(is_one, one));
        }
        const auto allowed = hn::Eq(hn::And(hn::Shr(set, format), one), one);
        const auto said = hn::IfThenElseZero(hn::And(allowed, hn::RebindMask(du, high)), hn::Add(format, one));
        hn::StoreU(hn::DemoteTo(d8, hn::BitCast(di, said)), d8, found + k);
    }
    return k;
}

std::size_t compare_bits(const float* early, const float* late, std::size_t count, u8* bytes) {
    const hn::CappedTag<float, 8> d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t byte = 0; byte < count / 8; ++byte) {
        unsigned bits = 0;  // the first is the least significant
        for (std::size_t k = 0; k < 8; k += lanes) {
            u8 mask[8] = {};
            hn::StoreMaskBits(d, hn::Gt(hn::LoadU(d, early + 8 * byte + k), hn::LoadU(d, late + 8 * byte + k)), mask);
            bits |= unsigned(mask[0]) << k;
        }
        bytes[byte] = u8(((bits * 0x80200802ULL) & 0x0884422110ULL) * 0x0101010101ULL >> 32);  // turned round
    }
    return count;
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(square);
HWY_EXPORT(square_in_turn);
HWY_EXPORT(add_halves);
HWY_EXPORT(find_formats);
HWY_EXPORT(compare_bits);

void powers(const cf32* in, f32* out, std::size_t n) {
    const std::size_t done = HWY_DYNAMIC_DISPATCH(square)(reinterpret_cast<const f32*>(in), out, n);
    reference::powers(in + done, out + done, n - done);
}
void powers_in_turn(const cf32* even, const cf32* odd, f32* out, std::size_t n) {
    const auto* e = reinterpret_cast<const f32*>(even);
    const auto* o = reinterpret_cast<const f32*>(odd);
    for (std::size_t k = HWY_DYNAMIC_DISPATCH(square_in_turn)(e, o, out, n); k < n; ++k) {
        reference::powers(even + k, out + 2 * k, 1);
        reference::powers(odd + k, out + 2 * k + 1, 1);
    }
}
void half_bit_energies(const f32* p, f32* const planes[8], std::size_t n) {
    const std::size_t done = HWY_DYNAMIC_DISPATCH(add_halves)(p, planes, n);
    f32* rest[8];
    for (std::size_t i = 0; i < 8; ++i) rest[i] = planes[i] + done;
    reference::half_bit_energies(p + 4 * done, rest, n - done);
}
void find_preambles(const f32* early, const f32* late, std::size_t n, f32 ratio, std::uint32_t formats, u8* found) {
    const std::size_t done = HWY_DYNAMIC_DISPATCH(find_formats)(early, late, n, ratio, formats, found);
    reference::find_preambles(early + done, late + done, n - done, ratio, formats, found + done);
}
void read_bits(const f32* early, const f32* late, std::size_t count, u8* bytes) {
    HWY_DYNAMIC_DISPATCH(compare_bits)(early, late, count, bytes);
}

}  // namespace flowspan::kernels
#endif

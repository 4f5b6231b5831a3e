#include "kernels/mode_s/mode_s.hpp"

#include "kernels/simd.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

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

/// The bits of 64 comparisons of `lanes` each; `compare(j)` is about places j … j + lanes - 1.
template <class D, class Compare>
HWY_INLINE std::uint64_t word_of(D d, Compare compare) {
    std::uint64_t word = 0;
#pragma GCC unroll 16
    for (std::size_t j = 0; j < 64; j += hn::MaxLanes(d)) {
        u8 bytes[8] = {};
        std::uint64_t bits = 0;
        hn::StoreMaskBits(d, compare(j), bytes);
        std::memcpy(&bits, bytes, sizeof bits);
        word |= bits << j;
    }
    return word;
}

constexpr std::size_t at_once = 8, places = 64 * at_once;  // words, and what they are about

/// e(t) and e(t) + e(t + 2), of a us, and excess(t) of a block of places and some more, which excess(t) is about. Loops run
/// over the end by less than a vector: what they find there is not used.
struct Block {
    static constexpr std::size_t more = 32, room = places + more + 64;
    HWY_ALIGN float e[room] = {}, us[room] = {}, excess[room] = {};

    HWY_INLINE void fill(const float* p, std::size_t n, float ratio) {
        const hn::CappedTag<float, 16> d;
        constexpr std::size_t lanes = hn::MaxLanes(d);
        for (std::size_t k = 0; k < n + more; k += lanes)
            hn::Store(hn::Add(hn::LoadU(d, p + k), hn::LoadU(d, p + k + 1)), d, e + k);
        for (std::size_t k = 0; k < n + more; k += lanes)
            hn::Store(hn::Add(hn::Load(d, e + k), hn::LoadU(d, e + k + 2)), d, us + k);
        const auto three = hn::Set(d, 3.0F), r = hn::Set(d, ratio);
        for (std::size_t k = 0; k < n + 1; k += lanes) {
            const auto pair = [&](const float* x, std::size_t i)
                                  HWY_ATTR { return hn::Add(hn::LoadU(d, x + k + i), hn::LoadU(d, x + k + i + 4)); };
            const auto pulses = hn::Add(pair(e, 0), pair(e, 14));
            const auto all = hn::Add(hn::Add(pair(us, 0), pair(us, 8)), hn::Add(pair(us, 16), pair(us, 24)));
            hn::Store(hn::Sub(hn::Mul(pulses, three), hn::Mul(r, hn::Sub(all, pulses))), d, excess + k);
        }
    }
};

void mark_all(const float* p, std::size_t words, float ratio, const ModeSMarks& marks) {
    const hn::CappedTag<float, 16> d;
    const auto zero = hn::Zero(d);
    Block block;
    for (std::size_t w = 0; w < words; w += at_once, p += places) {
        const std::size_t n = std::min(words - w, at_once);
        block.fill(p, 64 * n, ratio);
        for (std::size_t k = 0; k < n; ++k) {
            const float *e = block.e + 64 * k, *x = block.excess + 64 * k;
            const auto sum = [&](const float* from) HWY_ATTR { return hn::Add(hn::LoadU(d, from), hn::LoadU(d, from + 1)); };
            marks.preambles[0][w + k] = word_of(d, [&](auto j) HWY_ATTR { return hn::Gt(hn::Load(d, x + j), zero); });
            marks.preambles[1][w + k] = word_of(d, [&](auto j) HWY_ATTR { return hn::Gt(sum(x + j), zero); });
            marks.ones[0][w + k] =
                word_of(d, [&](auto j) HWY_ATTR { return hn::Gt(hn::Load(d, e + j), hn::LoadU(d, e + j + 2)); });
            marks.ones[1][w + k] = word_of(d, [&](auto j) HWY_ATTR { return hn::Gt(sum(e + j), sum(e + j + 2)); });
        }
    }
}

template <class D>
std::size_t match(D d, const std::uint64_t* preambles, const std::uint64_t* ones, std::size_t from, std::size_t words,
                  std::uint32_t formats, std::uint64_t* begins) {
    const std::size_t lanes = hn::Lanes(d);
    const auto all = hn::Set(d, ~std::uint64_t{0});
    std::size_t k = from;
    for (; k + lanes <= words; k += lanes) {
        const auto here = hn::LoadU(d, ones + k), next = hn::LoadU(d, ones + k + 1);
        const hn::Vec<D> bits[5] = {hn::Or(hn::ShiftRight<32>(here), hn::ShiftLeft<32>(next)),
                                    hn::Or(hn::ShiftRight<36>(here), hn::ShiftLeft<28>(next)),
                                    hn::Or(hn::ShiftRight<40>(here), hn::ShiftLeft<24>(next)),
                                    hn::Or(hn::ShiftRight<44>(here), hn::ShiftLeft<20>(next)),
                                    hn::Or(hn::ShiftRight<48>(here), hn::ShiftLeft<16>(next))};
        const auto preamble = hn::LoadU(d, preambles + k);
        auto found = hn::Zero(d);
        for (unsigned format = 0; format < 32; ++format) {
            if ((formats >> format & 1) == 0) continue;
            auto is = preamble;
#pragma GCC unroll 5
            for (unsigned bit = 0; bit < 5; ++bit)
                is = hn::And(is, (format >> (4 - bit) & 1) != 0 ? bits[bit] : hn::Xor(bits[bit], all));
            found = hn::Or(found, is);
        }
        hn::StoreU(found, d, begins + k);
    }
    return k;
}

void match_formats(const std::uint64_t* preambles, const std::uint64_t* ones, std::size_t words, std::uint32_t formats,
                   std::uint64_t* begins) {
    const std::size_t done = match(hn::ScalableTag<std::uint64_t>(), preambles, ones, 0, words, formats, begins);
    match(hn::CappedTag<std::uint64_t, 1>(), preambles, ones, done, words, formats, begins);
}

/// Four at a time, and four where there are none: how many there are in a word is hard to foretell.
std::size_t list_all(const std::uint64_t* begins, std::size_t words, std::uint32_t* places) {
    constexpr std::uint64_t top = std::uint64_t{1} << 63;  // (no care need be taken of 0)
    std::uint32_t* end = places;
    for (std::size_t w = 0; w < words; ++w) {
        std::uint32_t* to = end;
        std::uint64_t bits = begins[w];
        end += std::popcount(bits);
        do {
#pragma GCC unroll 4
            for (std::size_t k = 0; k < 4; ++k, bits &= bits - 1)
                to[k] = std::uint32_t(64 * w) + std::uint32_t(std::countr_zero(bits | top));
            to += 4;
        } while (bits != 0);
    }
    return std::size_t(end - places);
}

/// Those of `count` bits whose sum, without carry, is a bit of the remainder; the first is bit `from` of 112.
constexpr std::uint64_t summands(std::size_t bit, std::size_t from, std::size_t count) {
    std::uint64_t mask = 0;
    for (std::size_t k = 0; k < count; ++k) mask |= std::uint64_t(mode_s_remainders[from + k] >> bit & 1) << k;
    return mask;
}

/// How many of them are ones in a frame of `bits`: 64 bits of it, and the others.
template <std::size_t bits, std::size_t bit>
HWY_INLINE int ones(std::uint64_t first, std::uint64_t others) {
    constexpr std::uint64_t of_first = summands(bit, 112 - bits, std::min<std::size_t>(bits, 64)),
                            of_others = bits > 64 ? summands(bit, 64, bits - 64) : 0;
    return std::popcount((first & of_first) ^ (others & of_others));
}

template <std::size_t bits>
std::size_t sift(const ModeSLines& lines, std::uint32_t* places, std::size_t n) {
    std::size_t kept = 0;
    for (std::size_t k = 0; k < n; ++k) {
        const std::uint32_t t = places[k], bit = t / 4 + std::uint32_t(mode_s_preamble_us);
        const u8* bytes = lines[t % 4] + bit / 8;
        std::uint64_t first = 0, others = 0;
        std::memcpy(&first, bytes, 8);
        std::memcpy(&others, bytes + 8, 8);
        first = first >> bit % 8 | others << 1 << (63 - bit % 8);
        others >>= bit % 8;
        places[kept] = t;
        kept += std::size_t(~(ones<bits, 20>(first, others) | ones<bits, 21>(first, others) | ones<bits, 22>(first, others) |
                              ones<bits, 23>(first, others)) &
                            1);
    }
    return kept;
}

std::size_t sift_all(const ModeSLines& lines, std::size_t bits, std::uint32_t* places, std::size_t n) {
    return bits == 56 ? sift<56>(lines, places, n) : sift<112>(lines, places, n);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(square);
HWY_EXPORT(square_in_turn);
HWY_EXPORT(mark_all);
HWY_EXPORT(match_formats);
HWY_EXPORT(list_all);
HWY_EXPORT(sift_all);

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
void mark(const f32* p, std::size_t words, f32 ratio, const ModeSMarks& marks) {
    HWY_DYNAMIC_DISPATCH(mark_all)(p, words, ratio, marks);
}
void find_formats(const std::uint64_t* preambles, const std::uint64_t* ones, std::size_t words, std::uint32_t formats,
                  std::uint64_t* begins) {
    HWY_DYNAMIC_DISPATCH(match_formats)(preambles, ones, words, formats, begins);
}
std::size_t list_places(const std::uint64_t* begins, std::size_t words, std::uint32_t* places) {
    return HWY_DYNAMIC_DISPATCH(list_all)(begins, words, places);
}
std::size_t sift_by_parity(const ModeSLines& lines, std::size_t bits, std::uint32_t* places, std::size_t n) {
    return HWY_DYNAMIC_DISPATCH(sift_all)(lines, bits, places, n);
}

}  // namespace flowspan::kernels
#endif

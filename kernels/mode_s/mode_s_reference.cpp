#include "kernels/mode_s/mode_s.hpp"

namespace flowspan::kernels::reference {
namespace {

f32 energy(const f32* p) { return p[0] + p[1]; }
f32 energy_of_us(const f32* p) { return energy(p) + energy(p + 2); }
f32 excess(const f32* p, f32 ratio) {
    const f32 pulses = (energy(p) + energy(p + 4)) + (energy(p + 14) + energy(p + 18));
    const f32 all = ((energy_of_us(p) + energy_of_us(p + 4)) + (energy_of_us(p + 8) + energy_of_us(p + 12))) +
                    ((energy_of_us(p + 16) + energy_of_us(p + 20)) + (energy_of_us(p + 24) + energy_of_us(p + 28)));
    return pulses * 3 - ratio * (all - pulses);
}
std::uint64_t word_of(bool set, std::size_t place) { return std::uint64_t(set) << (place % 64); }

}  // namespace

void powers(const cf32* in, f32* out, std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) out[k] = in[k].real() * in[k].real() + in[k].imag() * in[k].imag();
}

void mark(const f32* p, std::size_t words, f32 ratio, const ModeSMarks& marks) {
    for (std::size_t k = 0; k < words; ++k)
        for (std::size_t odd = 0; odd < 2; ++odd) marks.preambles[odd][k] = marks.ones[odd][k] = 0;
    for (std::size_t t = 0; t < 64 * words; ++t, ++p) {
        const f32 here = excess(p, ratio), next = excess(p + 1, ratio);
        marks.preambles[0][t / 64] |= word_of(here > 0, t);
        marks.preambles[1][t / 64] |= word_of(here + next > 0, t);
        marks.ones[0][t / 64] |= word_of(energy(p) > energy(p + 2), t);
        marks.ones[1][t / 64] |= word_of(energy(p) + energy(p + 1) > energy(p + 2) + energy(p + 3), t);
    }
}

void find_formats(const std::uint64_t* preambles, const std::uint64_t* ones, std::size_t words, std::uint32_t formats,
                  std::uint64_t* begins) {
    const auto is_one = [&](std::size_t place) { return ones[place / 64] >> (place % 64) & 1; };
    for (std::size_t k = 0; k < words; ++k) {
        begins[k] = 0;
        for (std::size_t t = 64 * k; t < 64 * k + 64; ++t) {
            std::uint32_t format = 0;
            for (std::size_t bit = 0; bit < 5; ++bit)
                format = 2 * format + std::uint32_t(is_one(t + 4 * (mode_s_preamble_us + bit)));
            begins[k] |= word_of((formats >> format & 1) != 0, t) & preambles[k];
        }
    }
}

std::size_t list_places(const std::uint64_t* begins, std::size_t words, std::uint32_t* places) {
    std::size_t n = 0;
    for (std::size_t t = 0; t < 64 * words; ++t)
        if ((begins[t / 64] >> (t % 64) & 1) != 0) places[n++] = std::uint32_t(t);
    return n;
}

std::size_t sift_by_parity(const ModeSLines& lines, std::size_t bits, std::uint32_t* places, std::size_t n) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t t = places[i];
        std::uint32_t remainder = 0;
        for (std::size_t bit = 0; bit < bits; ++bit) {
            const std::size_t k = t / 4 + mode_s_preamble_us + bit;
            if ((lines[t % 4][k / 8] >> (k % 8) & 1) != 0) remainder ^= mode_s_remainders[112 - bits + bit];
        }
        if (remainder >> 20 == 0) places[kept++] = t;
    }
    return kept;
}

}  // namespace flowspan::kernels::reference

// Frames of Mode S in powers at 4 MHz: where a preamble may lie, and which bit is a 1 (ICAO Annex 10, volume IV, 3.1.2).
//
// A frame has a preamble of 8 us, with pulses in its half bits 0, 2, 7 and 9, and a bit a microsecond, which is 1 where its
// first half has more energy than its second. Of powers p[t], 1/4 us apart, the half bit (0.5 us) at t has the energy e(t) =
// p[t] + p[t + 1], the one that begins 1/8 us later (e(t) + e(t + 1)) / 2. No result depends on the level of the instruction
// set.
#pragma once

#include <flowspan/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace flowspan::kernels {

inline constexpr std::size_t mode_s_preamble_us = 8;

/// out[k] = |in[k]|^2 for k < n.
void powers(const cf32* in, f32* out, std::size_t n);
/// The same of two streams in turn: out[2 k] = |even[k]|^2, out[2 k + 1] = |odd[k]|^2.
void powers_in_turn(const cf32* even, const cf32* odd, f32* out, std::size_t n);

/// Facts about successive places, 64 a word, the first one the least significant bit: in [0] about those at powers, in [1]
/// about those 1/8 us behind.
struct ModeSMarks {
    std::uint64_t* preambles[2];  // a preamble may begin here
    std::uint64_t* ones[2];       // a bit that begins here is a 1
};

/// Of places t < 64 words, with all(t) = e(t) + e(t + 2) + e(t + 4) + … + e(t + 30), of the whole preamble,
///   pulses(t) = (e(t) + e(t + 4)) + (e(t + 14) + e(t + 18)),   excess(t) = 3 pulses(t) - ratio (all(t) - pulses(t)):
///   preambles[0]: excess(t) > 0: the mean of the pulses is more than `ratio` times that of the gaps
///   preambles[1]: excess(t) + excess(t + 1) > 0
///   ones[0]: e(t) > e(t + 2);   ones[1]: e(t) + e(t + 1) > e(t + 2) + e(t + 3)
/// p has 64 words + 36 values.
inline constexpr std::size_t mode_s_marks_see = 36;
void mark(const f32* p, std::size_t words, f32 ratio, const ModeSMarks& marks);

/// begins[k], bit t: preambles has it, and the five bits 8 us behind are one of the formats whose bits are set. `ones` has a
/// word more than the others.
void find_formats(const std::uint64_t* preambles, const std::uint64_t* ones, std::size_t words, std::uint32_t formats,
                  std::uint64_t* begins);

/// What each of 112 bits leaves alone when it is divided by the polynomial of the parity, x^24 + x^23 + … + x^12 + x^10 + x^3 +
/// 1. A frame leaves the sum (without carry) of what its ones leave; one of 56 bits is one of 112 that begins with zeros.
inline constexpr std::array<std::uint32_t, 112> mode_s_remainders = [] {
    std::array<std::uint32_t, 112> remainders{};
    std::uint32_t remainder = 1;
    for (std::size_t k = 112; k-- > 0;) {
        remainders[k] = remainder;
        remainder = (remainder << 1 ^ (remainder >> 23) * 0xfff409) & 0xffffff;
    }
    return remainders;
}();

/// Writes the places t of the ones in `begins` (bit t % 64 of word t / 64), in order, and up to four values more. Returns how
/// many there are.
std::size_t list_places(const std::uint64_t* begins, std::size_t words, std::uint32_t* places);

/// Ones 1 us apart: lines[i] has those at places t = 4 k + i, bit k % 8 of byte k / 8. 16 bytes of it are read at once.
using ModeSLines = std::array<const u8*, 4>;
/// Keeps those of n places whose frames of `bits` (56 or 112) leave nothing in the most significant four bits of the remainder:
/// the true ones, and 1 in 16 of the others. Returns how many.
std::size_t sift_by_parity(const ModeSLines& lines, std::size_t bits, std::uint32_t* places, std::size_t n);

namespace reference {
void powers(const cf32* in, f32* out, std::size_t n);
void mark(const f32* p, std::size_t words, f32 ratio, const ModeSMarks& marks);
void find_formats(const std::uint64_t* preambles, const std::uint64_t* ones, std::size_t words, std::uint32_t formats,
                  std::uint64_t* begins);
std::size_t list_places(const std::uint64_t* begins, std::size_t words, std::uint32_t* places);
std::size_t sift_by_parity(const ModeSLines& lines, std::size_t bits, std::uint32_t* places, std::size_t n);
}  // namespace reference

}  // namespace flowspan::kernels

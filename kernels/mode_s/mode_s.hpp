// Frames of Mode S in energies of half bits (0.5 us): finding preambles, and reading bits (ICAO Annex 10, volume IV, 3.1.2).
//
// A frame has a preamble of 8 us, with pulses in its half bits 0, 2, 7 and 9, and a bit a microsecond, which is 1 where its
// first half has more energy than its second. `early[k]` is the energy of the half bit that begins k us behind some place,
// `late[k]` that of the one half a microsecond later. No result depends on the level of the instruction set.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>

namespace flowspan::kernels {

inline constexpr std::size_t mode_s_preamble_us = 8;

/// out[k] = |in[k]|^2 for k < n.
void powers(const cf32* in, f32* out, std::size_t n);
/// The same of two streams in turn: out[2 k] = |even[k]|^2, out[2 k + 1] = |odd[k]|^2.
void powers_in_turn(const cf32* even, const cf32* odd, f32* out, std::size_t n);

/// Energies of half bits that begin at each 1/8 us, of powers at 4 MHz, p: for i < 4 and k < n
///   planes[2 i][k]     = p[4 k + i] + p[4 k + i + 1]
///   planes[2 i + 1][k] = (planes[2 i][k] + the next half bit's, p[4 k + i + 1] + p[4 k + i + 2]) / 2
/// p has 4 n + 4 values.
void half_bit_energies(const f32* p, f32* const planes[8], std::size_t n);

/// found[k] = 1 + format of the frame that may begin k us behind the place, for k < n; 0 where none does: the mean of its
/// pulses is to be more than `ratio` times that of the gaps, and bit `format` of `formats` 1. early and late have n + 12
/// values.
void find_preambles(const f32* early, const f32* late, std::size_t n, f32 ratio, std::uint32_t formats, u8* found);

/// `count` bits, a multiple of 8, of the frame whose first bit is early[0] and late[0]; the most significant of a byte first.
void read_bits(const f32* early, const f32* late, std::size_t count, u8* bytes);

namespace reference {
void powers(const cf32* in, f32* out, std::size_t n);
void half_bit_energies(const f32* p, f32* const planes[8], std::size_t n);
void find_preambles(const f32* early, const f32* late, std::size_t n, f32 ratio, std::uint32_t formats, u8* found);
void read_bits(const f32* early, const f32* late, std::size_t count, u8* bytes);
}  // namespace reference

}  // namespace flowspan::kernels

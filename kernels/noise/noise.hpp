// Random numbers by index: sample i depends on seed and i alone, so any part of a stream can be made by itself.
//
// Bits: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), counter = index and stream, key
// = seed. Normal numbers: Box and Muller, Ann. Math. Stat. 29 (1958), with our own log and sincos. The same bits at every
// level.
#pragma once

#include <flowspan/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace flowspan::kernels {

/// Four words of 32 random bits.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// out[i]: complex normal number `first` + i, of mean square magnitude amplitude^2.
void gaussian(cf32* out, std::size_t n, std::uint64_t first, std::uint64_t seed, double amplitude);
/// out[i]: real normal number of standard deviation `amplitude`.
void gaussian(f32* out, std::size_t n, std::uint64_t first, std::uint64_t seed, double amplitude);

}  // namespace flowspan::kernels

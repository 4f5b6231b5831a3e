// Integers and floats on a device, number by number, as `convert` and what is converted implicitly have them on the host.
//
//   floats:    y = (x - zero) scale
//   integers:  y = x scale + zero, rounded half to even, saturated; of NaN what 0 gives
//
// `zero` is 0 of signed types, and half the range less 1/2 of unsigned ones. Each is an operation or two of IEEE 754 in single
// precision: the same bits at any chunking, those of kernels::to_floats, and those of the block `convert` to integers; its
// floats are rounded from double precision, half a unit in the last place away at most.
//
// Complex samples are two numbers. `in` and `out` of pieces with an even n may be aligned to samples of two numbers: then loads
// and stores are twice as wide. Bytes a sample: ci16 to cf32 4 read, 8 written; ci8 and cu8 2 and 8; cf32 to ci16 8 and 4.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// n numbers of unconnected data.
template <class In, class Out>
struct Conversion {
    const In* in = nullptr;
    Out* out = nullptr;
    std::uint64_t n = 0;
    f32 scale = 1;
};

/// Integer: i8, u8, i16 or u16.
template <class Integer>
void to_floats(device::Queue& queue, std::span<const Conversion<Integer, f32>> pieces);

/// What saturation altered, in memory of the device; it begins as zeros. `peak_bits`: bits of the greatest magnitude (double)
/// of clipped values, as the largest that fits is 1.
struct ClippedOnDevice {
    std::uint64_t clipped = 0, not_finite = 0, peak_bits = 0;
};

/// Integer: i8, u8 or i16. `counts` of all pieces.
template <class Integer>
void to_integers(device::Queue& queue, std::span<const Conversion<f32, Integer>> pieces, ClippedOnDevice* counts);

}  // namespace flowspan::kernels

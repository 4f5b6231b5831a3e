// The implicit conversion to floats of 32 bits; the planner puts it where a block wants these and a stream has integers, or
// floats of 64 bits.
#pragma once

#include <flowspan/block.hpp>

#include <memory>

namespace flowspan::runtime {

/// What a type turns into implicitly (ci16 -> cf32, ru8 -> rf32, cf64 -> cf32); itself for floats of 32 bits.
SampleType floats_for(SampleType type);

/// From `from` to floats_for(from): ci8, ci16, ci32 and their real kin divided by 2^(bits - 1); unsigned ones
/// (x - (2^bits - 1) / 2) / 2^(bits - 1), so cu8 is (x - 127.5) / 128; by full_scale where the stream has one. Floats of 64
/// bits are rounded to the nearest; what is beyond the range of 32 becomes infinite.
std::unique_ptr<Block> make_to_floats(SampleType from);

}  // namespace flowspan::runtime

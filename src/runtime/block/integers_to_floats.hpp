// The implicit conversion of integers to floats; the planner puts it where a block wants floats and a stream has integers.
#pragma once

#include <flowspan/block.hpp>

#include <memory>

namespace flowspan::runtime {

/// From `from` to float_of(from): ci8, ci16, ci32 and their real kin divided by 2^(bits - 1); unsigned ones
/// (x - (2^bits - 1) / 2) / 2^(bits - 1), so cu8 is (x - 127.5) / 128; by full_scale where the stream has one.
std::unique_ptr<Block> make_integers_to_floats(SampleType from);

}  // namespace flowspan::runtime

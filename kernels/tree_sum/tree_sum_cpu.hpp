// For kernels that add frames to a sum on their way.
#pragma once

#include "kernels/tree_sum/tree_sum.hpp"

namespace flowspan::kernels {

/// Where the numbers of a frame go: out[k] = left[depth - 1][k] + (… + (left[0][k] + frame[k])). All merges that the frame
/// brings about are so made in one pass. `out` may be the last `left`.
struct TreeSum::Place {
    double* out;
    const double* const* left;
    std::size_t depth;
};

}  // namespace flowspan::kernels

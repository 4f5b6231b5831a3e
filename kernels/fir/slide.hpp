// The part of Fir that makes every output of real taps (fir.hpp has formula and contract).
#pragma once

#include <cstddef>

namespace flowspan::kernels {

/// n floats of output, `width` (1 or 2) of them a sample. x: the oldest sample of the first output. Taps in the order of the
/// samples, oldest first, padded in front to `places` groups of 16 / width: tap k at taps[k % (16 / width) * places + k / (16 /
/// width)].
/// Returns whether all outputs are finite.
bool slide(const float* x, const float* taps, std::size_t width, std::size_t places, float* y, std::size_t n);

}  // namespace flowspan::kernels

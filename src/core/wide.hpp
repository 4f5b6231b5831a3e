// 128-bit integers, for products of 64-bit ones.
#pragma once

namespace flowspan {

using Wide = __int128;

/// floor(a / b) for any signs; b is not 0.
constexpr Wide floor_div(Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

}  // namespace flowspan

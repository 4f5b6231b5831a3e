// Levels of samples, for blocks that follow them.
#pragma once

#include <flowspan/types.hpp>

namespace flowspan::blocks {

/// |x|^2, which the range of a double holds for every finite x.
inline double power(f32 x) { return double(x) * double(x); }
inline double power(cf32 x) { return power(x.real()) + power(x.imag()); }

inline f32 scaled(f32 x, double factor) { return f32(double(x) * factor); }
inline cf32 scaled(cf32 x, double factor) { return {scaled(x.real(), factor), scaled(x.imag(), factor)}; }

/// What has decayed to nothing is nothing: denormal numbers would be slow.
inline double settled(double level) { return level < 1e-100 ? 0 : level; }

}  // namespace flowspan::blocks

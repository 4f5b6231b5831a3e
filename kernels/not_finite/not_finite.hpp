// NaN and infinities in numbers, and the one NaN that is written.
#pragma once

#include <flowspan/types.hpp>

#include <cmath>
#include <cstddef>
#include <limits>

namespace flowspan::kernels {

/// Whether all n numbers are finite. n may be 0; no alignment is asked for.
bool all_finite(const f32* x, std::size_t n);
inline bool all_finite(const cf32* x, std::size_t n) { return all_finite(reinterpret_cast<const f32*>(x), 2 * n); }

inline bool is_finite(f32 x) { return std::isfinite(x); }
inline bool is_finite(cf32 x) { return std::isfinite(x.real()) && std::isfinite(x.imag()); }

/// One NaN for all: which of several a sum takes over depends on the order that a compiler chose.
inline f32 rounded(double sum) { return std::isnan(sum) ? std::numeric_limits<f32>::quiet_NaN() : f32(sum); }

/// Makes every NaN among n numbers that one. For sums whose order of two summands the compiler chooses, which may be another
/// one at the end of a call than within it.
void unify_nan(f32* x, std::size_t n);

}  // namespace flowspan::kernels

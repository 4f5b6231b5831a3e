// Parts of a spectrum estimate. No alignment is asked for. The same bits at every level.
#pragma once

#include "kernels/tree_sum/tree_sum.hpp"

#include <flowspan/types.hpp>

#include <cstddef>

namespace flowspan::kernels {

/// out[i] = in[i] * window[i] for i < n; `out` may be `in`.
void apply_window(const cf32* in, const f32* window, cf32* out, std::size_t n);
void apply_window(const f32* in, const f32* window, cf32* out, std::size_t n);
/// sum[k] += |bins[k]|^2 for k < n; the square in single, the sum in double precision.
void add_power(const cf32* bins, double* sum, std::size_t n);
/// Adds the frame of the powers of n bins; further numbers of the sum, if it has any, get 0.
void add_power(const cf32* bins, std::size_t n, TreeSum& sum);
inline void add_power(const cf32* bins, TreeSum& sum) { add_power(bins, sum.size(), sum); }

}  // namespace flowspan::kernels

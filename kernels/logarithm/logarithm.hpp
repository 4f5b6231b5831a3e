// Logarithms of many samples: kernels::log10 of each, several at a time.
//
// No alignment is asked for; `out` may be `in`. The same bits as kernels::log10 one by one, at every level and for any n; what
// is not a number may be another one.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>

namespace flowspan::kernels {

/// out[i] = factor log10(in[i]), in double precision, rounded once: -infinity of 0 (for a positive factor), NaN of what is
/// below.
void scaled_log10(const f32* in, double factor, f32* out, std::size_t n);

namespace reference {
void scaled_log10(const f32* in, double factor, f32* out, std::size_t n);
}  // namespace reference

}  // namespace flowspan::kernels

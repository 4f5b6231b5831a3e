// The angle of complex samples: arg(z) = atan2(im, re), through atan(t) = t P(t^2) on [0, 1].
//
// P is a minimax polynomial of degree 7 in t^2 (fitted by Lawson's iteration, scripts/oracles/atan_polynomial.py; error 6e-8).
// No alignment is asked for; `out` may not overlap `in`. The same bits at every level.
#pragma once

#include <flowspan/kernels.hpp>

namespace flowspan::kernels {

/// out[i] = gain * arg(in[i] conj(in[i-1])) for i < n; in[-1] is read.
void quadrature_demod(const cf32* in, f32* out, std::size_t n, f32 gain);

namespace reference {
void arguments(const cf32* in, f32* out, std::size_t n);
void quadrature_demod(const cf32* in, f32* out, std::size_t n, f32 gain);
}  // namespace reference

}  // namespace flowspan::kernels

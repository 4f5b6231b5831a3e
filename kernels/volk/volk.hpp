// Arithmetic sample by sample, by VOLK where it is faster than what the compiler makes of a loop.
//
// Each result is one operation of IEEE 754 on its samples, or the six of a complex product, none of them fused, and so the same
// bits at every level, for any n and any alignment: VOLK is asked by name (`_manual`) for an implementation that works on any
// alignment, chosen by the level that all ranks have agreed on, never by its profile. (Of two NaN either may leave:
// kernels::unify_nan.) `out` may be an input; else they do not overlap.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>

namespace flowspan::kernels {

/// out[i] = a[i] + b[i], a[i] - b[i], a[i] b[i], a[i] / b[i]
void add(const f32* a, const f32* b, f32* out, std::size_t n);
void subtract(const f32* a, const f32* b, f32* out, std::size_t n);
void multiply(const f32* a, const f32* b, f32* out, std::size_t n);
void divide(const f32* a, const f32* b, f32* out, std::size_t n);
/// out[i] = a[i] b[i] = (Re a Re b - Im a Im b) + j (Re a Im b + Im a Re b)
void multiply(const cf32* a, const cf32* b, cf32* out, std::size_t n);
/// out[i] = in[i] factor
void scale(const f32* in, f32 factor, f32* out, std::size_t n);
/// out[i] = sqrt(in[i])
void square_root(const f32* in, f32* out, std::size_t n);
/// out[i] = re[i] + j im[i]; not in place
void interleave(const f32* re, const f32* im, cf32* out, std::size_t n);
/// out[i] = in[i] / unit, which is a power of two
void to_floats(const i8* in, f32* out, std::size_t n, f32 unit);
void to_floats(const i16* in, f32* out, std::size_t n, f32 unit);

namespace reference {
void add(const f32* a, const f32* b, f32* out, std::size_t n);
void subtract(const f32* a, const f32* b, f32* out, std::size_t n);
void multiply(const f32* a, const f32* b, f32* out, std::size_t n);
void divide(const f32* a, const f32* b, f32* out, std::size_t n);
void multiply(const cf32* a, const cf32* b, cf32* out, std::size_t n);
void scale(const f32* in, f32 factor, f32* out, std::size_t n);
void square_root(const f32* in, f32* out, std::size_t n);
void interleave(const f32* re, const f32* im, cf32* out, std::size_t n);
void to_floats(const i8* in, f32* out, std::size_t n, f32 unit);
void to_floats(const i16* in, f32* out, std::size_t n, f32 unit);
}  // namespace reference

}  // namespace flowspan::kernels

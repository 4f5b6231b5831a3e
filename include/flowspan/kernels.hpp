// Numeric routines for block code: elementary functions that give the same bits on every processor (the C library's do not),
// filters and their design, transforms, windows, and the level of the instruction set that all kernels use.
#pragma once

#include <flowspan/kernels/fft.hpp>
#include <flowspan/kernels/fir.hpp>
#include <flowspan/kernels/fir_design.hpp>
#include <flowspan/kernels/window.hpp>
#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::kernels {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double two_pi = 2 * pi;

// ---- Elementary functions: the same bits at every level --------------------------------------------------------------

/// Cosine and sine.
struct Angle {
    double cos = 1, sin = 0;
};

/// Cosine and sine of a phase in fixed point: `phase` / 2^64 turns. Absolute error below 1e-15.
Angle sincos_turns(std::uint64_t phase);
/// Cosine and sine of an angle in radians, |angle| below 2^30. Absolute error below 1e-15 x max(1, |angle|).
Angle sincos(double radians);
/// A part of a turn in fixed point: the fraction of `turns` x 2^64. An oscillator of frequency f has phase
/// index * phase_increment(f / rate) at sample `index`, without drift, for every 64-bit index.
std::uint64_t phase_increment(double turns);
/// e^x; relative error below 1e-15. 0 below -708, infinite above 709.7.
double exp(double x);
/// Natural logarithm of x > 0 (normal numbers); relative error below 1e-15. -infinity for 0, NaN below.
double log(double x);
/// log10(x); as `log`.
double log10(double x);

/// arg(z) in (-pi, pi]; 0 for 0, NaN where a part is NaN or both are infinite. Absolute error below 4e-7.
f32 argument(cf32 z);
/// out[i] = arg(in[i]) for i < n; bit for bit what `argument` gives. `out` may not overlap `in`.
void arguments(const cf32* in, f32* out, std::size_t n);

/// Sum of |in[i]|^2 over i < n in double precision, in a fixed order that depends on n alone.
double energy(const cf32* in, std::size_t n);
double energy(const f32* in, std::size_t n);

/// Raised whenever the bits that a kernel, or a run around its blocks, makes change: what a batch has made with an earlier one
/// is made again. What one block alone makes otherwise is that block's revision (flowspan/registry.hpp).
inline constexpr int revision = 1;

// ---- Level of the instruction set ----------------------------------------------------------------------------------------

/// The levels that this processor has, lowest first: of "x86-64-v2", "avx2", "avx512" (elsewhere one, "native").
std::vector<std::string> isa_levels();
/// The level that kernels use now.
std::string isa();
/// Makes kernels use `level`, one of `isa_levels()`, or "best". Call it before kernels run on other threads. Throws
/// std::invalid_argument naming the levels that there are.
///
/// Kernels without fused multiply-add give the same bits at every level; filters and transforms use it where it exists and
/// give the same bits at "avx2" and "avx512", others at "x86-64-v2". Each kernel's header says which.
void pin_isa(std::string_view level);
/// From now on transforms use code that does not depend on the processor. Call it before any transform is made.
void portable_fft(bool wanted);
/// Hash of what every kernel and transform makes of a fixed vector at the present level, 16 hexadecimal digits. Ranks with
/// the same fingerprint compute the same bytes.
std::string fingerprint();

}  // namespace flowspan::kernels

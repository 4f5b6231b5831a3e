// Kernels that are wrong on purpose: what the tests of kernels must see. Every class and function of a kernel's file that is
// not its own is renamed where it is made wrong, or it would take the place of the right one (wrong-kernels-apart).
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan::device {

/// kernels/pfb without its barriers.
void pfb_without_barriers(Queue& queue, std::size_t channels, std::span<const double> prototype, std::span<cf32* const> outputs,
                          const cf32* in, std::uint64_t n);
/// kernels/fir without its barriers.
void fir_without_barriers(Queue& queue, std::span<const cf64> taps, std::size_t decimation, const cf32* in, cf32* out,
                          std::uint64_t n);
/// kernels/fir by ratios, 3 / 2, without its barriers.
void resample_without_barriers(Queue& queue, std::span<const f32> taps, const cf32* in, cf32* out, std::uint64_t n);
/// kernels/spectrum and the transform of kernels/fft without their barriers: n frames side by side.
void psd_without_barriers(Queue& queue, std::span<const f32> window, const cf32* in, std::uint64_t n, f32* item);
/// kernels/energy without its barriers.
void energy_without_barriers(Queue& queue, const cf32* in, double* out, std::uint64_t n, std::uint64_t frame);
/// kernels/convert without its guards against what is beyond the end.
void convert_without_guards(Queue& queue, const i16* in, f32* out, std::uint64_t n);

/// A block of 64 threads that turns 64 numbers round by way of shared memory.
enum class Turned { rightly, with_a_barrier_for_some, with_barriers_apart, with_too_little_shared_memory };
void turn_round(Queue& queue, const float* in, float* out, Turned how);

/// Blocks whose tiles overlap by one: two of them write one place.
void overlapping_tiles(Queue& queue, float* out, unsigned blocks);

}  // namespace flowspan::device

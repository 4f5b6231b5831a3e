// The sums of fir.hpp, which has formula and contract, on rows of floats: `width` (1 or 2) of them a sample.
//
// Taps stand in the order of the samples, oldest first, padded in front to groups of 16 floats. x is the oldest sample of the
// first output; n outputs go to y. Each returns whether all are finite.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flowspan::kernels {

/// Real taps, no change of rate; n counts floats here. `places` groups of 16 / width taps: tap k at taps[k % (16 / width) *
/// places + k / (16 / width)].
bool slide(const float* x, const float* taps, std::size_t width, std::size_t places, float* y, std::size_t n);

/// Real taps, decimation. `length` floats of taps: each stands there `width` times.
bool decimate(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
              std::size_t decimation);

/// Complex taps on complex samples, decimation: `re` and `im` as the taps of `decimate`.
bool complex_decimate(const float* x, const float* re, const float* im, std::size_t length, float* y, std::size_t n,
                      std::size_t decimation);

/// Output i has its oldest sample at x + width * floor(p / I) and, as for `decimate`, the taps of row p mod I, with
/// p = phase + i D.
bool resample(const float* x, const float* taps, std::size_t width, std::size_t length, float* y, std::size_t n,
              std::size_t interpolation, std::size_t decimation, std::size_t phase);

/// Rows of taps, as InterpolatedFir keeps them.
struct PhaseTable {
    const float* taps = nullptr;
    std::size_t length = 0;  // floats a row
    std::size_t phases = 1, edge_row = 0;
    std::uint64_t edge = 0;
};

/// The same with taps between two rows, (p mod I) P / I rows down.
bool resample_between(const float* x, const PhaseTable& table, std::size_t width, float* y, std::size_t n,
                      std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t phase);

}  // namespace flowspan::kernels

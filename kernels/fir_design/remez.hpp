// Equiripple filters of linear phase by the exchange algorithm of Remez (T. Parks and J. McClellan, Chebyshev Approximation for
// Nonrecursive Digital Filters with Linear Phase, IEEE Trans. Circuit Theory 19, 1972). Frequencies are in cycles per sample.
// In double precision, the same on every processor.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

namespace flowspan::kernels {

/// |H| is to be `wanted` from `low` to `high`; an error there counts `weight` times.
struct RemezBand {
    double low = 0, high = 0.5, wanted = 1, weight = 1;
};

/// The exchange did not come to an end: the filter is too long for its bands, or no such filter is known to double precision.
struct NotConverged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// At least 3 symmetric taps whose greatest weighted error over the bands is the least that is possible. Bands rise and do not
/// overlap, 0 <= low < high <= 1/2; one that reaches 1/2 and is to pass needs an odd number of taps. Throws NotConverged.
std::vector<double> design_remez(std::size_t taps, std::span<const RemezBand> bands);

/// About how many taps that takes where errors of `pass` and `stop` (as factors) are wanted and a transition is `width` wide
/// (O. Herrmann, L. Rabiner and D. Chan, Practical Design Rules for Optimum Finite Impulse Response Lowpass Digital
/// Filters, Bell System Technical Journal 52, 1973), and three to be sure.
std::size_t remez_taps(double pass, double stop, double width);

}  // namespace flowspan::kernels

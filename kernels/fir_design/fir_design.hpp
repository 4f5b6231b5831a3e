// Tables of filters that are too long to keep; the design of filters is in include/flowspan/kernels/fir_design.hpp.
#pragma once

#include <flowspan/kernels/fir_design.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::kernels {

/// design_low_pass with a Kaiser window of `taps` taps, for a filter at I times a rate and with gain I, as a table of its
/// values at every I / P-th tap: `size` of them, from tap 0 to the first beyond the last one. `cutoff` in cycles per sample at
/// the rate. Beyond the last tap the table goes on straight. (The sum of all taps follows from the integral, by the rule of
/// Euler and Maclaurin.)
std::vector<double> low_pass_table(double cutoff, double beta, std::uint64_t taps, std::uint64_t interpolation,
                                   std::size_t phases, std::size_t size);

}  // namespace flowspan::kernels

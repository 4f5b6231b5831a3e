// Filters of further shapes, in double precision, the same on every processor. Frequencies are in cycles per sample.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace flowspan::kernels {

/// Hilbert transformer (Oppenheim and Schafer, Discrete-Time Signal Processing, 12.4): 2 / (pi t) at odd distances t from the
/// middle, else 0, times a window of odd length; gain 1 at 1/4.
std::vector<double> design_hilbert(std::span<const double> window);

/// Root raised cosine (Proakis and Salehi, Digital Communications, 9.2) of a symbol rate of `rate` cycles per sample; sum 1.
std::vector<double> design_root_raised_cosine(double rate, double rolloff, std::size_t taps);

/// Gaussian low pass, 3 dB down at bt x rate; sum 1.
std::vector<double> design_gaussian(double rate, double bt, std::size_t taps);

/// Nth power of the mean of `length` samples: what a CIC of N stages does; sum 1 (Hogenauer, An Economical Class of Digital
/// Filters for Decimation and Interpolation, 1981).
std::vector<double> design_cic(std::size_t length, int stages);

/// The taps moved up by `frequency`, symmetric about their middle.
std::vector<cf64> moved_up(std::span<const double> taps, double frequency);

}  // namespace flowspan::kernels

// Window functions, in double precision, the same on every processor.
//
// Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978); Kaiser's
// window with I0 by its power series (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::kernels {

/// Symmetric: for filters. Periodic: one period of a longer one, for spectra.
enum class Symmetry : bool { symmetric, periodic };

/// "rectangular", "hann", "hamming", "blackman", "kaiser".
const std::vector<std::string>& window_names();
/// n values; `beta` is Kaiser's and unused for the others. Throws std::invalid_argument for a name that it does not know.
std::vector<double> window(std::string_view name, std::size_t n, Symmetry symmetry, double beta = 8.6);

/// Kaiser's at x from -1 to 1.
double kaiser(double x, double beta);

}  // namespace flowspan::kernels

// Design of linear-phase filters by the window method (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5): the ideal
// impulse response between two edges, times a window, scaled to gain 1 at a reference frequency. Frequencies are in cycles
// per sample. In double precision, the same on every processor.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace flowspan::kernels {

/// Taps that pass low <= f <= high, as many as the window has; 0 <= low < high <= 1/2. Gain 1 at 0 when low is 0, at 1/2
/// when high is 1/2, else in the middle. A filter that passes 1/2 needs an odd number of taps.
std::vector<double> design_band(double low, double high, std::span<const double> window);
inline std::vector<double> design_low_pass(double cutoff, std::span<const double> window) {
    return design_band(0, cutoff, window);
}

/// Kaiser's formulas for a stop band that is `attenuation_db` down and a transition `width` cycles per sample wide.
double kaiser_beta(double attenuation_db);
std::size_t kaiser_taps(double attenuation_db, double width);

}  // namespace flowspan::kernels

#include "kernels/fir_design/fir_design.hpp"

#include <flowspan/kernels.hpp>

#include <cmath>

namespace flowspan::kernels {
namespace {

/// Impulse response at time t of the ideal filter that passes |f| <= edge.
double ideal(double edge, double t) {
    if (t == 0) return 2 * edge;
    return sincos_turns(phase_increment(edge * t)).sin / (pi * t);
}

}  // namespace

std::vector<double> design_band(double low, double high, std::span<const double> window) {
    std::vector<double> taps(window.size());
    const double middle = (double(taps.size()) - 1) / 2;
    const double reference = low == 0 ? 0 : high >= 0.5 ? 0.5 : (low + high) / 2;
    double gain = 0;
    for (std::size_t k = 0; k < taps.size(); ++k) {
        const double t = double(k) - middle;
        taps[k] = window[k] * (ideal(high, t) - ideal(low, t));
        gain += taps[k] * sincos_turns(phase_increment(reference * t)).cos;
    }
    for (double& tap : taps) tap /= gain;
    return taps;
}

double kaiser_beta(double attenuation_db) {
    const double a = attenuation_db;
    if (a > 50) return 0.1102 * (a - 8.7);
    if (a > 21) return 0.5842 * exp(0.4 * log(a - 21)) + 0.07886 * (a - 21);
    return 0;
}

std::size_t kaiser_taps(double attenuation_db, double width) {
    const double taps = (attenuation_db - 7.95) / (2.285 * two_pi * width) + 1;
    return taps < 1 ? 1 : std::size_t(std::ceil(taps));
}

}  // namespace flowspan::kernels

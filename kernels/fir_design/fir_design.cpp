#include "kernels/fir_design/fir_design.hpp"

#include <flowspan/kernels.hpp>

#include "kernels/window/window.hpp"

#include <algorithm>
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

std::vector<double> low_pass_table(double cutoff, double beta, std::uint64_t taps, std::uint64_t interpolation,
                                   std::size_t phases, std::size_t size) {
    const double length = double(taps - 1) / double(interpolation), cell = 1 / double(phases);  // in samples at the rate
    const auto value = [&](double t) {
        const double x = 2 * t / length - 1;
        return ideal(cutoff, t - length / 2) * kaiser(std::clamp(x, -1.0, 1.0), beta);
    };
    std::vector<double> table(size);
    const std::size_t last = size - 2;  // up to here before the edge
    for (std::size_t k = 0; k <= last; ++k) table[k] = value(double(k) * cell);
    const double edge = value(length), rest = std::clamp(length / cell - double(last), 0.0, 1.0);
    table[last + 1] = rest > 1e-9 ? table[last] + (edge - table[last]) / rest : edge;
    double sum = -table[0] / 2 - table[last] / 2 + rest * (table[last] + edge) / 2;
    for (std::size_t k = 0; k <= last; ++k) sum += table[k];
    const double gain = sum * cell + (table[0] + edge) / 2 / double(interpolation);
    for (double& tap : table) tap /= gain;
    return table;
}

double kaiser_beta(double attenuation_db) {
    const double a = attenuation_db;
    if (a > 50) return 0.1102 * (a - 8.7);
    if (a > 21) return 0.5842 * exp(0.4 * log(a - 21)) + 0.07886 * (a - 21);
    return 0;
}

std::size_t kaiser_taps(double attenuation_db, double width) {
    const double taps = (attenuation_db - 7.95) / (2.285 * two_pi * width) + 1;
    return taps < 1 ? 1 : taps < 0x1p62 ? std::size_t(std::ceil(taps)) : std::size_t{1} << 62;
}

}  // namespace flowspan::kernels

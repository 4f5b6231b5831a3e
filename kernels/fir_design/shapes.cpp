#include "kernels/fir_design/shapes.hpp"

#include <flowspan/kernels.hpp>

#include <algorithm>
#include <cmath>

namespace flowspan::kernels {
namespace {

double sine(double turns) { return sincos_turns(phase_increment(turns)).sin; }
double cosine(double turns) { return sincos_turns(phase_increment(turns)).cos; }

std::vector<double> of_sum_1(std::vector<double> taps) {
    double sum = 0;
    for (const double tap : taps) sum += tap;
    for (double& tap : taps) tap /= sum;
    return taps;
}

/// t in symbols, a the rolloff.
double root_raised_cosine(double t, double a) {
    if (t == 0) return 1 - a + 4 * a / pi;
    const double x = 4 * a * t;
    if (std::abs(std::abs(x) - 1) < 1e-9) {
        const double s = sine(1 / (8 * a)), c = cosine(1 / (8 * a));
        return a * 0.70710678118654752440 * ((1 + 2 / pi) * s + (1 - 2 / pi) * c);
    }
    return (sine(t * (1 - a) / 2) + x * cosine(t * (1 + a) / 2)) / (pi * t * (1 - x * x));
}

}  // namespace

std::vector<double> design_hilbert(std::span<const double> window) {
    std::vector<double> taps(window.size());
    const auto middle = std::ptrdiff_t(taps.size() / 2);
    double gain = 0;
    for (std::ptrdiff_t t = 1; t <= middle; t += 2) {
        const double tap = 2 / (pi * double(t)) * window[std::size_t(middle + t)];
        taps[std::size_t(middle + t)] = tap;
        taps[std::size_t(middle - t)] = -tap;
        gain += 2 * (t % 4 == 1 ? tap : -tap);
    }
    if (gain != 0)
        for (double& tap : taps) tap /= gain;
    return taps;
}

std::vector<double> design_root_raised_cosine(double rate, double rolloff, std::size_t taps) {
    std::vector<double> h(taps);
    for (std::size_t k = 0; k < taps; ++k) h[k] = root_raised_cosine((double(k) - (double(taps) - 1) / 2) * rate, rolloff);
    return of_sum_1(std::move(h));
}

// |H(f)|^2 = 1/2 at f = bt rate:  h(t) = e^(-t^2 / 2 s^2),  s = sqrt(ln 2) / (2 pi bt rate).
std::vector<double> design_gaussian(double rate, double bt, std::size_t taps) {
    std::vector<double> h(taps);
    const double per_s = two_pi * bt * rate / std::sqrt(log(2));
    for (std::size_t k = 0; k < taps; ++k) {
        const double t = (double(k) - (double(taps) - 1) / 2) * per_s;
        h[k] = exp(-t * t / 2);
    }
    return of_sum_1(std::move(h));
}

std::vector<double> design_cic(std::size_t length, int stages) {
    std::vector<double> taps{1};
    for (int stage = 0; stage < stages; ++stage) {
        std::vector<double> next(taps.size() + length - 1);
        double sum = 0;  // of the last `length` taps; exact below 2^53
        for (std::size_t k = 0; k < next.size(); ++k) {
            if (k < taps.size()) sum += taps[k];
            if (k >= length) sum -= taps[k - length];
            next[k] = sum;
        }
        taps = std::move(next);
    }
    for (std::size_t k = 0; k < taps.size() / 2; ++k) taps[taps.size() - 1 - k] = taps[k];  // rounding, too, is symmetric
    return of_sum_1(std::move(taps));
}

std::vector<cf64> moved_up(std::span<const double> taps, double frequency) {
    std::vector<cf64> moved(taps.size());
    for (std::size_t k = 0; k < taps.size(); ++k) {
        const double t = double(k) - (double(taps.size()) - 1) / 2;
        const Angle a = sincos_turns(phase_increment(frequency * t));
        moved[k] = {taps[k] * a.cos, taps[k] * a.sin};
    }
    return moved;
}

}  // namespace flowspan::kernels

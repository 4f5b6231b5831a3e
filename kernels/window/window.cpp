#include "kernels/window/window.hpp"

#include <flowspan/kernels.hpp>

#include <cmath>
#include <span>
#include <stdexcept>

namespace flowspan::kernels {
namespace {

/// Modified Bessel function of the first kind, order 0.
double bessel_i0(double x) {
    const double quarter = x * x / 4;
    double term = 1, sum = 1;
    for (int k = 1; term > sum * 1e-17; ++k) {
        term *= quarter / (double(k) * double(k));
        sum += term;
    }
    return sum;
}

/// a[0] - a[1] cos(2 pi i / period) + a[2] cos(4 pi i / period).
double cosine_sum(std::span<const double> a, std::size_t i, std::size_t period) {
    double w = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        const double turns = double(k * i % period) / double(period);
        w += (k % 2 ? -1 : 1) * a[k] * sincos_turns(phase_increment(turns)).cos;
    }
    return w;
}

}  // namespace

const std::vector<std::string>& window_names() {
    static const std::vector<std::string> names{"rectangular", "hann", "hamming", "blackman", "kaiser"};
    return names;
}

double kaiser(double x, double beta) { return bessel_i0(beta * std::sqrt(std::max(0.0, 1 - x * x))) / bessel_i0(beta); }

std::vector<double> window(std::string_view name, std::size_t n, Symmetry symmetry, double beta) {
    std::vector<double> w(n, 1.0), a;
    const std::size_t period = symmetry == Symmetry::periodic ? n : n - 1;
    if (name == "hann")
        a = {0.5, 0.5};
    else if (name == "hamming")
        a = {0.54, 0.46};
    else if (name == "blackman")
        a = {0.42, 0.5, 0.08};
    else if (name != "kaiser" && name != "rectangular")
        throw std::invalid_argument("unknown window " + std::string(name));
    if (n < 2 || name == "rectangular") return w;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = 2 * double(i) / double(period) - 1;
        w[i] = a.empty() ? kaiser(x, beta) : cosine_sum(a, i, period);
    }
    return w;
}

}  // namespace flowspan::kernels

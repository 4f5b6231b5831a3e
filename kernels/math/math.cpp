#include "kernels/math/ln2.hpp"

#include <flowspan/kernels.hpp>

#include "kernels/math/turns.hpp"

#include <bit>
#include <cmath>
#include <limits>

// Plain double arithmetic without contraction: IEEE 754 fixes every bit of it.
namespace flowspan::kernels {
namespace {

Angle turned(unsigned quarter, double x) {
    const turns::Phasor w = turns::turned(quarter, x);
    return {w.cos, w.sin};
}

}  // namespace

Angle sincos_turns(std::uint64_t phase) {
    const turns::Phasor w = turns::phasor(phase);
    return {w.cos, w.sin};
}

Angle sincos(double radians) {
    const double quarters = std::nearbyint(radians * (2 / pi));
    // pi/2 in three parts of 33 bits, so that the products are exact (Cody and Waite).
    const double rest = ((radians - quarters * 1.57079632673412561417e+00) - quarters * 6.07710050630396597660e-11) -
                        quarters * 2.02226624879595063154e-21;
    return turned(unsigned(std::int64_t(quarters) & 3), rest);
}

std::uint64_t phase_increment(double turns) {
    const double fraction = turns - std::nearbyint(turns);  // exact, in [-1/2, 1/2]
    if (fraction == 0.5 || fraction == -0.5) return std::uint64_t(1) << 63;
    return std::uint64_t(std::int64_t(std::nearbyint(fraction * 18446744073709551616.0)));
}

double exp(double x) {
    if (std::isnan(x)) return x;
    if (x > 709.7) return std::numeric_limits<double>::infinity();
    if (x < -708) return 0;
    const double k = std::nearbyint(x / 0.69314718055994530942);
    const double r = (x - k * ln2_high) - k * ln2_low;  // within ln(2)/2
    double p = 1.0 / 6227020800.0;
    for (double c : {1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0,
                     1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5})
        p = p * r + c;
    const double e = 1 + (r + r * r * p);
    return e * std::bit_cast<double>(std::uint64_t(std::int64_t(k) + 1023) << 52);
}

// log x = k ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), with m in [sqrt(1/2), sqrt(2)): the series of artanh.
double log(double x) {
    if (std::isnan(x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
    if (x == 0) return -std::numeric_limits<double>::infinity();
    if (std::isinf(x)) return x;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto k = std::int64_t(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        ++k;
    }
    const double f = m - 1, s = f / (2 + f), z = s * s;
    double p = 1.0 / 23;
    for (double c : {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3})
        p = p * z + c;
    return double(k) * ln2_high + (2 * s + (2 * s * (z * p) + double(k) * ln2_low));
}

double log10(double x) { return log(x) * 4.34294481903251827651e-01; }

}  // namespace flowspan::kernels

// Cosine and sine of a phase in fixed point, for hosts and devices: plain double arithmetic, which without contraction has the
// same bits on both. (nvcc lets kernels call what is constexpr.)
#pragma once

#include <cstdint>

namespace flowspan::kernels::turns {

struct Phasor {
    double cos = 1, sin = 0;
};

// Taylor series on [-pi/4, pi/4]; the first term left out is below 1e-17.
constexpr double sin_near_zero(double x) {
    const double z = x * x;
    double p = -1.0 / 1307674368000.0;
    p = p * z + 1.0 / 6227020800.0;
    p = p * z + -1.0 / 39916800.0;
    p = p * z + 1.0 / 362880.0;
    p = p * z + -1.0 / 5040.0;
    p = p * z + 1.0 / 120.0;
    p = p * z + -1.0 / 6.0;
    return x + x * (z * p);
}
constexpr double cos_near_zero(double x) {
    const double z = x * x;
    double p = 1.0 / 20922789888000.0;
    p = p * z + -1.0 / 87178291200.0;
    p = p * z + 1.0 / 479001600.0;
    p = p * z + -1.0 / 3628800.0;
    p = p * z + 1.0 / 40320.0;
    p = p * z + -1.0 / 720.0;
    p = p * z + 1.0 / 24.0;
    p = p * z + -0.5;
    return 1 + z * p;
}

/// Of quarter x pi/2 + x.
constexpr Phasor turned(unsigned quarter, double x) {
    const double c = cos_near_zero(x), s = sin_near_zero(x);
    switch (quarter & 3) {
        case 0:
            return {c, s};
        case 1:
            return {-s, c};
        case 2:
            return {-c, -s};
        default:
            return {s, -c};
    }
}

/// Of `phase` / 2^64 turns. Absolute error below 1e-15.
constexpr Phasor phasor(std::uint64_t phase) {
    constexpr std::uint64_t eighth = std::uint64_t(1) << 61;
    const auto quarter = unsigned((phase + eighth) >> 62);
    const auto rest = std::int64_t(phase - (std::uint64_t(quarter) << 62));  // within an eighth of a turn
    return turned(quarter, double(rest) * (6.28318530717958647692 / 18446744073709551616.0));
}

}  // namespace flowspan::kernels::turns

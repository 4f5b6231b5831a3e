#include "kernels/argument/argument.hpp"
#include "kernels/energy/energy.hpp"
#include "kernels/integers/integers.hpp"
#include "kernels/logarithm/logarithm.hpp"
#include "kernels/noise/noise.hpp"

#include "tests/unit/kernels/levels.hpp"
#include "tests/unit/oracle.hpp"

#include <limits>
#include <numbers>

using namespace flowspan;
using namespace flowspan::kernels;

TEST(Sincos, OfTurnsIsRightToFifteenDigits) {
    for (std::uint64_t k = 0; k < 4001; ++k) {
        const std::uint64_t phase = k * 4611686018427387ULL + (k << 3);
        const long double angle = 2 * std::numbers::pi_v<long double> * (long double)phase / 18446744073709551616.0L;
        const Angle a = sincos_turns(phase);
        EXPECT_NEAR(a.cos, double(cosl(angle)), 1e-15);
        EXPECT_NEAR(a.sin, double(sinl(angle)), 1e-15);
    }
}

TEST(Sincos, OfTheQuartersIsExact) {
    EXPECT_EQ(sincos_turns(0).cos, 1);
    EXPECT_EQ(sincos_turns(1ULL << 62).sin, 1);
    EXPECT_EQ(sincos_turns(1ULL << 62).cos, 0);
    EXPECT_EQ(sincos_turns(1ULL << 63).cos, -1);
    EXPECT_EQ(sincos_turns(3ULL << 62).sin, -1);
}

TEST(Sincos, OfRadiansIsRightToFifteenDigits) {
    for (double x = -50; x < 50; x += 0.0317) {
        EXPECT_NEAR(sincos(x).cos, double(cosl(x)), 1e-15 * std::max(1.0, std::abs(x)));
        EXPECT_NEAR(sincos(x).sin, double(sinl(x)), 1e-15 * std::max(1.0, std::abs(x)));
    }
}

TEST(PhaseIncrement, IsTheFractionOfATurnInFixedPoint) {
    EXPECT_EQ(phase_increment(0.25), 1ULL << 62);
    EXPECT_EQ(phase_increment(-0.25), 3ULL << 62);
    EXPECT_EQ(phase_increment(0.5), 1ULL << 63);
    EXPECT_EQ(phase_increment(-0.5), 1ULL << 63);
    EXPECT_EQ(phase_increment(3.125), 1ULL << 61);
    EXPECT_EQ(phase_increment(0), 0U);
}

TEST(Exp, IsRightToFifteenDigits) {
    for (double x = -700; x < 700; x += 0.7331) EXPECT_NEAR(kernels::exp(x) / std::exp(x), 1, 1e-15) << x;
    EXPECT_EQ(kernels::exp(0), 1);
    EXPECT_EQ(kernels::exp(-1000), 0);
    EXPECT_TRUE(std::isinf(kernels::exp(710)));
}

TEST(Log, IsRightToFifteenDigits) {
    for (double x = 1e-300; x < 1e300; x *= 1.937) {
        EXPECT_NEAR(kernels::log(x), std::log(x), 1e-15 * std::max(1.0, std::abs(std::log(x)))) << x;
        EXPECT_NEAR(kernels::log10(x), std::log10(x), 1e-15 * std::max(1.0, std::abs(std::log10(x)))) << x;
    }
    for (double x = 0.9; x < 1.1; x += 0.0007) EXPECT_NEAR(kernels::log(x) / std::log(x), 1, 1e-14) << x;
    EXPECT_EQ(kernels::log(1), 0);
    EXPECT_TRUE(std::isinf(kernels::log(0)));
    EXPECT_TRUE(std::isnan(kernels::log(-1)));
}

namespace {

/// Numbers of all sizes, halves of integers up to beyond the ends of 16 bits, and what is special among them.
std::vector<f32> numbers_of_all_sizes() {
    std::vector<f32> x = real_noise(3011);
    for (std::size_t k = 0; k < x.size(); ++k)
        x[k] = k % 3 == 0 ? std::nearbyint(x[k] * 80000) / 2 : std::ldexp(x[k], int(k % 90) - 45);
    const f32 infinite = std::numeric_limits<f32>::infinity();
    const f32 special[] = {0.0F, -0.0F, 1e-40F, 3e38F, -3e38F, infinite, -infinite, std::numeric_limits<f32>::quiet_NaN()};
    for (std::size_t k = 0; k < x.size(); k += 13) x[k] = special[k / 13 % 8];
    return x;
}

template <class Integer>
void expect_integers_of_the_reference(f32 offset) {
    const auto x = numbers_of_all_sizes();
    for (const f32 scale : {1.0F, 0.37F, 127.0F}) {
        for (std::size_t first = 0, n = 0; first < x.size(); first += n, n = std::min(x.size() - first, 2 * n + 1)) {
            std::vector<Integer> out(n), expected(n);
            const Saturation a = to_integers(x.data() + first, scale, offset, out.data(), n);
            const Saturation b = reference::to_integers(x.data() + first, scale, offset, expected.data(), n);
            EXPECT_TRUE(same_bytes(out, expected)) << scale << " from " << first;
            EXPECT_EQ(a.clipped, b.clipped);
            EXPECT_EQ(a.not_finite, b.not_finite);
            EXPECT_EQ(a.most, b.most);
            EXPECT_EQ(a.least, b.least);
        }
    }
}

}  // namespace

TEST(Integers, EqualThePlainLoopAtEveryLevel) {
    at_every_level([] {
        expect_integers_of_the_reference<i8>(0);
        expect_integers_of_the_reference<u8>(127.5F);
        expect_integers_of_the_reference<i16>(0);
    });
}

TEST(ScaledLog10, HasTheBitsOfSingleLogarithmsAtEveryLevel) {
    at_every_level([] {
        const auto x = numbers_of_all_sizes();
        for (std::size_t first = 0, n = 0; first < x.size(); first += n, n = std::min(x.size() - first, 2 * n + 1)) {
            std::vector<f32> out(n), expected(n);
            scaled_log10(x.data() + first, -20.0, out.data(), n);
            reference::scaled_log10(x.data() + first, -20.0, expected.data(), n);
            for (std::size_t k = 0; k < n; ++k) {
                EXPECT_EQ(std::isnan(out[k]), std::isnan(expected[k])) << x[first + k];
                if (!std::isnan(out[k])) { EXPECT_EQ(out[k], expected[k]) << x[first + k]; }
            }
        }
    });
}

TEST(Argument, IsRightAllAroundTheCircleAtEveryLevel) {
    at_every_level([] {
        std::vector<cf32> in;
        for (int k = -1800; k <= 1800; ++k) {
            for (const double radius : {1e-18, 0.3, 1.0, 7e15}) {
                const double angle = k * std::numbers::pi / 1800;
                in.emplace_back(float(radius * std::cos(angle)), float(radius * std::sin(angle)));
            }
        }
        std::vector<f32> out(in.size()), expected(in.size());
        arguments(in.data(), out.data(), in.size());
        reference::arguments(in.data(), expected.data(), in.size());
        for (std::size_t i = 0; i < in.size(); ++i) EXPECT_NEAR(out[i], expected[i], 4e-7) << in[i];
    });
}

TEST(Argument, OfTheAxesAndOfZero) {
    EXPECT_EQ(argument({0, 0}), 0);
    EXPECT_EQ(argument({1, 0}), 0);
    EXPECT_FLOAT_EQ(argument({-1, 0}), float(pi));
    EXPECT_FLOAT_EQ(argument({0, 1}), float(pi / 2));
    EXPECT_FLOAT_EQ(argument({0, -1}), float(-pi / 2));
}

TEST(Argument, OfOneSampleIsThatOfMany) {
    at_every_level([] {
        const auto in = noise(1023);
        std::vector<f32> out(in.size());
        for (const std::size_t n : awkward_sizes) {
            arguments(in.data(), out.data(), n);
            for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(out[i], argument(in[i]));
        }
    });
}

TEST(QuadratureDemod, EqualsThePlainFormula) {
    at_every_level([] {
        const auto in = noise(1024);
        for (const std::size_t n : awkward_sizes) {
            std::vector<f32> out(n), expected(n);
            quadrature_demod(in.data() + 1, out.data(), n, 2.5F);
            reference::quadrature_demod(in.data() + 1, expected.data(), n, 2.5F);
            EXPECT_LE(oracle::relative_error(out, expected), 1e-6);
        }
    });
}

TEST(QuadratureDemod, MakesTheSameBytesAtEveryLevel) {
    const auto in = noise(1024);
    expect_same_at_levels([&] {
        std::vector<f32> out(1023);
        quadrature_demod(in.data() + 1, out.data(), out.size(), 2.5F);
        return out;
    });
}

TEST(Energy, EqualsThePlainSumAndIsTheSameAtEveryLevel) {
    const auto in = real_noise(1100);
    at_every_level([&] {
        for (const std::size_t n : awkward_sizes)
            EXPECT_NEAR(energy(in.data(), n), reference::energy(in.data(), n), 1e-13 * (1 + reference::energy(in.data(), n)));
    });
    expect_same_at_levels([&] { return std::vector<double>{energy(in.data(), 1023), energy(in.data() + 3, 129)}; });
}

TEST(Philox, GivesThePublishedWords) {
    // Known answers of the authors' Random123 for ten rounds.
    const std::array<std::uint32_t, 4> zeros{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    const std::array<std::uint32_t, 4> ones{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    const std::array<std::uint32_t, 4> pis{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), zeros);
    EXPECT_EQ(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}), ones);
    EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}), pis);
}

TEST(Gaussian, HasTheMomentsOfTheNormalDistribution) {
    const std::size_t n = 200000;
    std::vector<cf32> z(n);
    gaussian(z.data(), n, 0, 42, 2.0);
    double re = 0, power = 0, fourth = 0, cross = 0;
    for (const cf32 v : z) {
        re += v.real();
        power += std::norm(cf64(v));
        fourth += std::pow(double(v.real()), 4);
        cross += double(v.real()) * double(v.imag());
    }
    const double count = double(n);  // bounds of about 4 standard deviations
    EXPECT_NEAR(re / count, 0, 4 * std::sqrt(2 / count));
    EXPECT_NEAR(power / count, 4, 4 * 4 / std::sqrt(count));
    EXPECT_NEAR(fourth / count, 12, 4 * 4 * std::sqrt(96 / count));
    EXPECT_NEAR(cross / count, 0, 4 * 2 / std::sqrt(count));
}

TEST(Gaussian, DependsOnIndexAndSeedAlone) {
    std::vector<cf32> whole(100), part(40), other(100);
    gaussian(whole.data(), 100, 1ULL << 40, 7, 1.0);
    gaussian(part.data(), 40, (1ULL << 40) + 60, 7, 1.0);
    gaussian(other.data(), 100, 1ULL << 40, 8, 1.0);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 60));
    EXPECT_NE(whole[0], other[0]);
}

TEST(Isa, PinsALevelAndRefusesAnUnknownOne) {
    at_every_level([] {});
    for (const auto& level : isa_levels()) {
        pin_isa(level);
        EXPECT_EQ(isa(), level);
    }
    pin_isa("best");
    EXPECT_EQ(isa(), isa_levels().back());
    EXPECT_THROW(pin_isa("avx9000"), std::invalid_argument);
}

TEST(Isa, FingerprintIsStableAndTellsFusedLevelsFromOthers) {
    const std::string best = fingerprint();
    EXPECT_EQ(best.size(), 16U);
    EXPECT_EQ(fingerprint(), best);
    const auto levels = isa_levels();
    if (levels.size() < 2 || levels.front() != "x86-64-v2") GTEST_SKIP() << "the processor has one level";
    pin_isa("x86-64-v2");
    EXPECT_NE(fingerprint(), best);
    pin_isa("avx2");
    EXPECT_EQ(fingerprint(), best);
    pin_isa("best");
}

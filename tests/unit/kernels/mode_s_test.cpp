// Energies of half bits, preambles and bits of Mode S: what the plain loops give, at every level and from anywhere.
#include "kernels/mode_s/mode_s.hpp"

#include "tests/unit/kernels/levels.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace flowspan::kernels {
namespace {

std::vector<cf32> noise(std::size_t n) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<cf32> x(n);
    for (cf32& v : x) v = {normal(random), normal(random)};
    return x;
}
std::vector<f32> power_of(const std::vector<cf32>& x) {
    std::vector<f32> p(x.size());
    reference::powers(x.data(), p.data(), x.size());
    return p;
}

TEST(ModeS, PowersAreThoseOfThePlainLoop) {
    for (const std::size_t n : {0, 1, 7, 16, 33, 1000}) {
        const auto x = noise(n), y = noise(n + 3);
        at_every_level([&] {
            std::vector<f32> p(n), both(2 * n);
            powers(x.data(), p.data(), n);
            EXPECT_EQ(p, power_of(x));
            powers_in_turn(x.data(), y.data() + 3, both.data(), n);
            for (std::size_t k = 0; k < n; ++k) {
                ASSERT_EQ(both[2 * k], p[k]);
                ASSERT_EQ(both[2 * k + 1], power_of(y)[k + 3]);
            }
        });
    }
}

TEST(ModeS, EnergiesAreThoseOfThePlainLoop) {
    for (const std::size_t n : {0, 1, 5, 16, 40, 257}) {
        const auto p = power_of(noise(4 * n + 4));
        std::array<std::vector<f32>, 8> expected, got;
        std::array<f32*, 8> to;
        const auto planes = [&](auto& all) {
            for (std::size_t i = 0; i < 8; ++i) to[i] = (all[i] = std::vector<f32>(n)).data();
            return to.data();
        };
        reference::half_bit_energies(p.data(), planes(expected), n);
        at_every_level([&] {
            half_bit_energies(p.data(), planes(got), n);
            EXPECT_EQ(got, expected);
        });
    }
}

TEST(ModeS, PreamblesAndBitsAreThoseOfThePlainLoop) {
    const auto early = power_of(noise(2000)), late = power_of(noise(2001));
    std::size_t found_any = 0;
    for (const std::size_t n : {1, 15, 64, 1501}) {
        std::vector<u8> expected(n), got(n);
        for (const std::uint32_t formats : {0xffffffffU, 0x60800U}) {
            reference::find_preambles(early.data() + 3, late.data() + 1, n, 1.2F, formats, expected.data());
            at_every_level([&] {
                find_preambles(early.data() + 3, late.data() + 1, n, 1.2F, formats, got.data());
                EXPECT_EQ(got, expected);
            });
            found_any += std::size_t(std::count_if(got.begin(), got.end(), [](u8 v) { return v != 0; }));
        }
    }
    EXPECT_GT(found_any, 50U);
    for (const std::size_t bits : {56, 112}) {
        std::array<u8, 14> expected{}, got{};
        reference::read_bits(early.data() + 5, late.data() + 2, bits, expected.data());
        at_every_level([&] {
            read_bits(early.data() + 5, late.data() + 2, bits, got.data());
            EXPECT_EQ(got, expected);
        });
    }
}

}  // namespace
}  // namespace flowspan::kernels

// The rule of counts at ratios of any size, against integers of any length.
#include "runtime/count/counts.hpp"

#include <gtest/gtest.h>
#include <boost/multiprecision/cpp_int.hpp>

#include <random>

namespace flowspan::runtime {
namespace {

using Integer = boost::multiprecision::cpp_int;

/// At least 0, of every length up to `bits`.
std::uint64_t some(std::mt19937_64& random, int bits) { return random() >> (64 - bits) >> random() % std::uint64_t(bits); }

Ratio some_ratio(std::mt19937_64& random, int bits) {
    return {.interpolation = some(random, bits) + 1, .decimation = some(random, bits) + 1};
}

Integer ceil_div(const Integer& a, const Integer& b) { return a >= 0 ? Integer((a + b - 1) / b) : Integer(-(-a / b)); }

TEST(Counts, AreExactForRatiosOfAnySize) {
    std::mt19937_64 random(1);
    for (int k = 0; k < 50'000; ++k) {
        const Ratio r = some_ratio(random, 62);
        const std::uint64_t n = some(random, 63);
        const Integer input = Integer(n) * r.decimation / r.interpolation;
        if (input <= UINT64_MAX) { EXPECT_EQ(Integer(input_of(r, n)), input); }
        const Integer outputs = ceil_div(Integer(n) * r.interpolation, r.decimation);
        EXPECT_EQ(Integer(outputs_before(r, n)), outputs < UINT64_MAX ? outputs : Integer(UINT64_MAX));
        EXPECT_GE(cell_for(r), 1U);
    }
}

TEST(Counts, OutputsThatBelongToAnItemAreFoundBack) {
    std::mt19937_64 random(2);
    for (int k = 0; k < 50'000; ++k) {
        const Ratio r = some_ratio(random, 40);
        const std::uint64_t n = some(random, 60);
        const std::uint64_t m = outputs_before(r, n);  // the first at or after input item n
        if (m == UINT64_MAX || Integer(m) * r.decimation / r.interpolation > UINT64_MAX) continue;
        EXPECT_GE(input_of(r, m), n);
        if (m > 0) { EXPECT_LT(input_of(r, m - 1), n); }
    }
}

TEST(Counts, PlacesOfTagsAreExact) {
    std::mt19937_64 random(3);
    for (int k = 0; k < 50'000; ++k) {
        Ratio r = some_ratio(random, 62);
        const auto p = std::int64_t(some(random, 40)), q = std::int64_t(some(random, 58) + 1);
        r.delay = Rational(k % 5 == 0 ? -p : p, q);
        const std::uint64_t i = some(random, 50);
        const Integer expected = ceil_div((Integer(i) * r.delay.denominator() + r.delay.numerator()) * r.interpolation,
                                          Integer(r.delay.denominator()) * r.decimation);
        if (expected > INT64_MAX) continue;
        EXPECT_EQ(Integer(output_at(r, i)), expected < 0 ? Integer(0) : expected)
            << i << " " << r.delay.text() << " " << r.interpolation << "/" << r.decimation;
    }
}

}  // namespace
}  // namespace flowspan::runtime

// Random large numbers against integers of any length (Boost.Multiprecision).
#include "core/numbers/exact.hpp"

#include <gtest/gtest.h>
#include <boost/multiprecision/cpp_int.hpp>

#include <bit>
#include <random>
#include <stdexcept>

namespace flowspan {
namespace {

using Integer = boost::multiprecision::cpp_int;

/// Numbers of every length up to `bits`.
class Numbers {
public:
    std::int64_t positive(int bits = 63) {
        const int length = 1 + int(random_() % std::uint64_t(bits));
        return std::int64_t(random_() >> 1 >> (63 - length) | 1);
    }
    std::int64_t any(int bits = 63) { return random_() % 2 == 0 ? positive(bits) : -positive(bits); }
    Rational fraction() {
        const std::int64_t d = positive();
        return {positive() % d, d};
    }
    Time time() { return {any(40), fraction()}; }

private:
    std::mt19937_64 random_{1};
};

Integer floor_of(const Integer& a, const Integer& b) {
    const Integer q = a / b, r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
}

Integer big(Wide v) { return (Integer(std::int64_t(v >> 64)) << 64) + Integer(std::uint64_t(v)); }

struct Exact {
    Integer numerator, denominator;
    explicit Exact(const Rational& r) : numerator(r.numerator()), denominator(r.denominator()) {}
    explicit Exact(const Time& t)
        : numerator(Integer(t.whole()) * t.fraction().denominator() + t.fraction().numerator()),
          denominator(t.fraction().denominator()) {}
    Exact(Integer n, Integer d) : numerator(std::move(n)), denominator(std::move(d)) {}
    Exact operator+(const Exact& o) const {
        return {numerator * o.denominator + o.numerator * denominator, denominator * o.denominator};
    }
    Exact operator-(const Exact& o) const { return *this + Exact(-o.numerator, o.denominator); }
    Exact operator*(const Exact& o) const { return {numerator * o.numerator, denominator * o.denominator}; }
    Exact operator/(const Exact& o) const { return {numerator * o.denominator, denominator * o.numerator}; }
    bool operator==(const Exact& o) const { return numerator * o.denominator == o.numerator * denominator; }
    Integer ceil() const { return denominator > 0 ? -floor_of(-numerator, denominator) : -floor_of(numerator, -denominator); }
};

/// Whether the reduced fraction has room in 64 bits.
bool fits(const Exact& e) {
    const Integer common = gcd(e.numerator, e.denominator), n = abs(e.numerator) / common, d = abs(e.denominator) / common;
    return n <= INT64_MAX && d <= INT64_MAX;
}

template <class Made>
void expect_exact(const Exact& expected, Made made) {
    if (fits(expected)) {
        EXPECT_EQ(Exact(made()), expected);
    } else {
        EXPECT_THROW(made(), std::overflow_error);
    }
}

TEST(Exact, ProductsAreDividedAsIfTheyHadRoom) {
    Numbers numbers;
    for (int k = 0; k < 20000; ++k) {
        const Wide a = Wide(numbers.any()) * numbers.positive(24);
        const std::int64_t b = numbers.positive(60), c = numbers.positive();
        const Integer expected = floor_of(big(a) * b, c);
        if (abs(expected) >> 126 == 0) { EXPECT_EQ(big(mul_div(a, b, c)), expected) << k; }
        const Wide divisor = Wide(numbers.positive()) * numbers.positive();
        const auto part = UnsignedWide(divisor - 1) / UnsignedWide(numbers.positive(30));
        const Division found = mul_div_long(part, std::uint64_t(b), UnsignedWide(divisor));
        EXPECT_EQ(big(Wide(found.whole)) * big(divisor) + big(Wide(found.rest)), big(Wide(part)) * b) << k;
        EXPECT_LT(big(Wide(found.rest)), big(divisor));
    }
}

TEST(Exact, RationalsAreRightOrRefuse) {
    Numbers numbers;
    for (int k = 0; k < 20000; ++k) {
        const int bits = 20 + k % 44;
        const Rational a(numbers.any(bits), numbers.positive(bits)), b(numbers.any(bits), numbers.positive(bits));
        expect_exact(Exact(a) + Exact(b), [&] { return a + b; });
        expect_exact(Exact(a) - Exact(b), [&] { return a - b; });
        expect_exact(Exact(a) * Exact(b), [&] { return a * b; });
        expect_exact(Exact(a) / Exact(b), [&] { return a / b; });
        EXPECT_EQ(a < b, (Exact(a) - Exact(b)).numerator < 0);
    }
}

TEST(Exact, TheIndexOfATimeIsExactForEveryRateAndOrigin) {
    Numbers numbers;
    for (int k = 0; k < 20000; ++k) {
        const Rational rate(numbers.positive(), numbers.positive(40));
        const Time time = numbers.time(), origin = k % 3 == 0 ? Time() : numbers.time();
        const Integer expected = ((Exact(time) - Exact(origin)) * Exact(rate)).ceil();
        const std::int64_t found = time.ceil_index(rate, origin);
        const Integer saturated = expected > INT64_MAX   ? Integer(INT64_MAX)
                                  : expected < INT64_MIN ? Integer(INT64_MIN)
                                                         : expected;
        EXPECT_EQ(Integer(found), saturated) << time.text() << " " << origin.text() << " " << rate.text();
    }
}

TEST(Exact, TheTimeOfAnIndexIsExactForEveryRate) {
    Numbers numbers;
    for (int k = 0; k < 20000; ++k) {
        const Rational rate(numbers.positive(), numbers.positive(30));
        const std::int64_t index = numbers.any(45);
        const Exact expected = Exact(Rational(index)) / Exact(rate);
        if (abs(expected.numerator / expected.denominator) < INT64_MAX) {
            EXPECT_EQ(Exact(Time::of(index, rate)), expected) << index << " " << rate.text();
        }
    }
}

TEST(Exact, MovedIsExactOrNearestToThePicosecond) {
    Numbers numbers;
    for (int k = 0; k < 20000; ++k) {
        const Time a = numbers.time(), b = numbers.time();
        const Exact sum = Exact(a) + Exact(b), found = Exact(moved(a, b)), off = found - sum;
        const Integer common = gcd(sum.numerator, sum.denominator);
        const bool exact = sum.denominator / common <= INT64_MAX;
        EXPECT_LE(Integer(abs(off.numerator) * 2'000'000'000'000), exact ? Integer(0) : Integer(abs(off.denominator)))
            << a.text() << " " << b.text();
    }
}

TEST(Exact, TheNearestTimeIsAtMostHalfAUnitAway) {
    Numbers numbers;
    for (int k = 0; k < 20000; ++k) {
        const Wide n = Wide(numbers.any()) * numbers.positive(40), d = Wide(numbers.positive()) * numbers.positive(60);
        const std::int64_t units = numbers.positive(62);
        if (n / d > INT64_MAX / 2 || n / d < INT64_MIN / 2) continue;
        const Exact found(nearest_time(n, d, units)), off = found - Exact(big(n), big(d));
        EXPECT_LE(abs(off.numerator) * 2 * units, abs(off.denominator));
        EXPECT_EQ(found.numerator * units % found.denominator, 0);
    }
}

TEST(Exact, NumbersComeBackFromValuesAndJson) {
    const Time time(-5, Rational(1, INT64_MAX));
    EXPECT_EQ(time_from(exact_value(time)), time);
    EXPECT_EQ(time_from(Value::from_json(exact_value(time).json())), time);
    EXPECT_EQ(rational_from(Value::from_json(exact_value(Rational(7, 3)).json())), Rational(7, 3));
}

TEST(Rfc3339, ReadsOneFormAlone) {
    int digits = -1;
    EXPECT_EQ(parse_rfc3339("2019-08-29T19:08:20Z", &digits), Time(1567105700, Rational(0)));
    EXPECT_EQ(digits, 0);
    EXPECT_EQ(parse_rfc3339("2019-08-29T19:08:20.250000Z", &digits), Time(1567105700, Rational(1, 4)));
    EXPECT_EQ(digits, 6);
    for (const char* wrong :
         {"", "Z", "2019-08-29T19:08:20", "2019-08-29T19:08:20.Z", "2019- 8-29T19:08:20Z", "+019-08-29T19:08:20Z",
          "2019-08-29 19:08:20Z", "2019-02-29T19:08:20Z", "2019-13-01T00:00:00Z", "2019-08-29T19:08:20.5+00:00",
          "2019-08-29T19:08:20.5z", "2019-08-29T24:00:00Z", "2019-08-29T19:08:20.1.2Z", "-019-08-29T19:08:20Z"})
        EXPECT_THROW(parse_rfc3339(wrong), std::invalid_argument) << wrong;
}

}  // namespace
}  // namespace flowspan

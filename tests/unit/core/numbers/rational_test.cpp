#include <flowspan/rational.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace flowspan {
namespace {

const Time picoseconds = parse_rfc3339("2024-05-17T12:34:56.789012345678Z");
const Rational odd_rate(2147483647, 7);

TEST(Moved, IsExactWhereThatFits) {
    const Time utc = parse_rfc3339("2020-01-01T00:00:00.25Z");
    EXPECT_EQ(moved(utc, Time::of(200, Rational(200, 3))), parse_rfc3339("2020-01-01T00:00:03.25Z"));
    EXPECT_EQ(moved(utc, Time::of(-1, Rational(4))), parse_rfc3339("2020-01-01T00:00:00Z"));
    EXPECT_EQ(moved(utc, Time() - parse_rfc3339("2019-12-31T23:59:59.5Z")), Time(Rational(3, 4)));
}

TEST(Moved, IsRightToThePicosecondWhereItDoesNotFit) {
    EXPECT_THROW(picoseconds + Time::of(1000, odd_rate), std::overflow_error);
    // 1000 * 7 / 2147483647 s = 3.259629...e-6 s (bc -l)
    EXPECT_EQ(rfc3339(moved(picoseconds, Time::of(1000, odd_rate))), "2024-05-17T12:34:56.789015605307Z");
    EXPECT_EQ(rfc3339(moved(picoseconds, Time::of(-1000, odd_rate))), "2024-05-17T12:34:56.789009086049Z");
    EXPECT_EQ(rfc3339(moved(Time(0, Rational(999999999999999999, 1000000000000000000)), Time::of(1, odd_rate))),
              "1970-01-01T00:00:01.00000000326Z");
}

TEST(Moved, GoesBackToWhereItCameFrom) {
    for (const std::int64_t samples : {1, 999, 1000000007}) {
        const Time there = moved(picoseconds, Time::of(samples, odd_rate));
        EXPECT_EQ(moved(there, Time::of(-samples, odd_rate)), picoseconds) << samples;
    }
}

}  // namespace
}  // namespace flowspan

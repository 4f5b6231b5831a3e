// Places in a stream, as people write them, and back.
#include <flowspan/when.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace flowspan {
namespace {

TEST(When, ReadsIndicesTimesAndUtc) {
    EXPECT_EQ(When::from(Value(480000)), at_sample(480000));
    EXPECT_EQ(When::from(Value(2e6)), at_sample(2000000));
    EXPECT_EQ(When::from(Value("2e6")), at_sample(2000000));
    EXPECT_EQ(When::from(Value("480 samples")), at_sample(480));
    EXPECT_EQ(When::from(Value("1.5 s")), at_time(Rational(3, 2)));
    EXPECT_EQ(When::from(Value("0.1 ms")), at_time(Rational(1, 10000)));
    EXPECT_EQ(When::from(Value("2026-01-31T12:00:00.25Z")), at_utc(parse_rfc3339("2026-01-31T12:00:00.25Z")));
    EXPECT_EQ(When::from(Value()), next_step());
}

TEST(When, WritesWhatReadsBackTheSame) {
    for (const When& when : {at_sample(0), at_sample(std::uint64_t(1) << 52), at_time(Rational(3, 2)), at_time(Rational(1, 3)),
                             at_time(Time::of(987654321987, Rational(2147483647, 7))), next_step(),
                             at_utc(parse_rfc3339("2026-01-31T12:00:00.123456789012Z"))})
        EXPECT_EQ(When::from(when.value()), when) << when.value().json();
}

TEST(When, RefusesEverythingElse) {
    for (const Value& wrong : {Value(-1), Value(0.5), Value("-3"), Value("soon"), Value("3 kHz"), Value("-1 s"), Value(true),
                               Value("2024-02-30T00:00:00Z"), Value("2026-01-31 12:00:00"), Value(Value::List{})})
        EXPECT_THROW(When::from(wrong), std::invalid_argument) << wrong.json();
}

TEST(Rfc3339, KnowsHowLongMonthsAre) {
    EXPECT_NO_THROW(parse_rfc3339("2024-02-29T00:00:00Z"));
    EXPECT_THROW(parse_rfc3339("2023-02-29T00:00:00Z"), std::invalid_argument);
    EXPECT_THROW(parse_rfc3339("2024-04-31T00:00:00Z"), std::invalid_argument);
    EXPECT_NO_THROW(parse_rfc3339("2024-12-31T23:59:59Z"));
}

}  // namespace
}  // namespace flowspan

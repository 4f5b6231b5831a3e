// Exact rational numbers for sample rates, ratios and times. Overflow is an error, never a wrong value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace flowspan {

/// Numerator and denominator, always reduced, denominator > 0. Arithmetic throws std::overflow_error when a reduced
/// result does not fit.
class Rational {
public:
    constexpr Rational() = default;
    constexpr Rational(std::int64_t value) : numerator_(value) {}  // NOLINT: an integer is a rational
    Rational(std::int64_t numerator, std::int64_t denominator);

    std::int64_t numerator() const { return numerator_; }
    std::int64_t denominator() const { return denominator_; }
    double value() const { return double(numerator_) / double(denominator_); }
    std::int64_t floor() const;
    std::int64_t ceil() const;
    /// "48000" or "200/3".
    std::string text() const;
    /// The rational of smallest denominator (at most `max_denominator`) that is within 2^-50 of `value`, else the best one
    /// (continued fractions). Throws std::overflow_error when |value| is not below 2^62.
    static Rational nearest(double value, std::int64_t max_denominator = std::int64_t{1} << 40);

    friend Rational operator+(const Rational& a, const Rational& b);
    friend Rational operator-(const Rational& a, const Rational& b);
    friend Rational operator*(const Rational& a, const Rational& b);
    friend Rational operator/(const Rational& a, const Rational& b);
    Rational operator-() const { return Rational(0) - *this; }
    friend bool operator==(const Rational&, const Rational&) = default;
    friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);

private:
    std::int64_t numerator_ = 0, denominator_ = 1;
};

/// A time in seconds, exact: whole seconds and a fraction in [0, 1). Used for the stamps of messages (relative to index 0
/// of the source) and for UTC (relative to 1970).
class Time {
public:
    constexpr Time() = default;
    Time(const Rational& seconds);  // NOLINT: a rational number of seconds is a time
    /// index / rate, exact for every 64-bit index.
    static Time of(std::int64_t index, const Rational& rate);
    static Time earliest() { return Time(INT64_MIN, Rational()); }
    static Time latest() { return Time(INT64_MAX, Rational()); }
    Time(std::int64_t whole, const Rational& fraction);

    std::int64_t whole() const { return whole_; }
    const Rational& fraction() const { return fraction_; }
    double value() const { return double(whole_) + fraction_.value(); }
    /// The smallest index i with of(i, rate) >= this; saturates at the ends of the 64-bit range.
    std::int64_t ceil_index(const Rational& rate) const { return ceil_index(rate, Time()); }
    /// The same with index 0 at `origin`, exact also where their difference does not fit.
    std::int64_t ceil_index(const Rational& rate, const Time& origin) const;
    /// "12", "12+1/3".
    std::string text() const;

    friend Time operator+(const Time& a, const Time& b);
    friend Time operator-(const Time& a, const Time& b);
    friend bool operator==(const Time&, const Time&) = default;
    friend std::strong_ordering operator<=>(const Time& a, const Time& b);

private:
    std::int64_t whole_ = 0;
    Rational fraction_;
};

/// `time` later by `by`, for times of recordings, whose digits and rates may be odd: exact where that fits, else to the nearest
/// picosecond, the last digit that rfc3339 writes.
Time moved(const Time& time, const Time& by);

/// RFC 3339 with `Z` and as many fraction digits as are exact (at most 12), as SigMF wants it: "2019-08-29T19:08:20.25Z".
std::string rfc3339(const Time& utc);
/// Reads RFC 3339 with `Z`; throws std::invalid_argument with a sentence for anything else. `digits`: how many stand behind the
/// point of the seconds.
Time parse_rfc3339(const std::string& text, int* digits = nullptr);

}  // namespace flowspan

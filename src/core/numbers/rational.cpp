#include <flowspan/rational.hpp>

#include "core/numbers/exact.hpp"
#include "core/numbers/wide.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace flowspan {
namespace {

std::int64_t narrow(Wide v) {
    if (v > INT64_MAX || v < INT64_MIN) throw std::overflow_error("a rational number does not fit in 64 bits");
    return std::int64_t(v);
}

Wide gcd(Wide a, Wide b) {
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b > UINT64_MAX) {
        const Wide r = a % b;
        a = b;
        b = r;
    }
    if (b == 0) return a;
    return std::gcd(std::uint64_t(a % b), std::uint64_t(b));  // of 64 bits: in a tenth of the time
}

Rational reduced(Wide numerator, Wide denominator) {
    if (denominator == 0) throw std::overflow_error("a rational number with denominator 0");
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    if (const Wide g = gcd(numerator, denominator); g > 1) {
        numerator /= g;
        denominator /= g;
    }
    Rational r(narrow(numerator));
    return denominator == 1 ? r : Rational(narrow(numerator), narrow(denominator));
}

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back.
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(std::int64_t y, int m, int d) {
    y -= m <= 2;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct Date {
    std::int64_t year;
    int month, day;
};

Date civil_from_days(std::int64_t z) {
    z += 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const std::int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    const int month = int(mp < 10 ? mp + 3 : mp - 9);
    return {yoe + era * 400 + (month <= 2), month, int(doy - (153 * mp + 2) / 5 + 1)};
}

constexpr std::int64_t picoseconds_per_s = 1'000'000'000'000;

}  // namespace

Rational::Rational(std::int64_t numerator, std::int64_t denominator) : numerator_(numerator), denominator_(denominator) {
    if (denominator <= 0 || (denominator > 1 && std::gcd(numerator, denominator) != 1)) *this = reduced(numerator, denominator);
}

std::int64_t Rational::floor() const { return std::int64_t(floor_div(numerator_, denominator_)); }
std::int64_t Rational::ceil() const { return -std::int64_t(floor_div(-Wide(numerator_), denominator_)); }

std::string Rational::text() const {
    return denominator_ == 1 ? std::to_string(numerator_) : fmt::format("{}/{}", numerator_, denominator_);
}

Rational Rational::nearest(double value, std::int64_t max_denominator) {
    if (!(std::abs(value) < 0x1p62)) throw std::overflow_error("a number is too large for a rational");
    // Continued fraction: convergents p/q until the tolerance or the limit of the denominator is reached.
    const double tolerance = std::abs(value) * 0x1p-50;
    Wide p0 = 0, q0 = 1, p1 = 1, q1 = 0;
    long double x = value;
    for (int k = 0; k < 64; ++k) {
        const auto a = Wide(std::floor(x));
        const Wide p2 = a * p1 + p0, q2 = a * q1 + q0;
        if (q2 > max_denominator || p2 > INT64_MAX || p2 < INT64_MIN) break;
        p0 = p1, q0 = q1, p1 = p2, q1 = q2;
        if (std::abs(double(p1) / double(q1) - value) <= tolerance) break;
        const long double rest = x - std::floor(x);
        if (rest == 0) break;
        x = 1 / rest;
    }
    return reduced(p1, q1);
}

Rational operator+(const Rational& a, const Rational& b) {
    const Wide g = gcd(a.denominator_, b.denominator_), da = a.denominator_ / g, db = b.denominator_ / g;
    return reduced(Wide(a.numerator_) * db + Wide(b.numerator_) * da, Wide(a.denominator_) * db);
}
Rational operator-(const Rational& a, const Rational& b) {
    const Wide g = gcd(a.denominator_, b.denominator_), da = a.denominator_ / g, db = b.denominator_ / g;
    return reduced(Wide(a.numerator_) * db - Wide(b.numerator_) * da, Wide(a.denominator_) * db);
}
Rational operator*(const Rational& a, const Rational& b) {
    return reduced(Wide(a.numerator_) * b.numerator_, Wide(a.denominator_) * b.denominator_);
}
Rational operator/(const Rational& a, const Rational& b) {
    return reduced(Wide(a.numerator_) * b.denominator_, Wide(a.denominator_) * b.numerator_);
}
std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    return Wide(a.numerator_) * b.denominator_ <=> Wide(b.numerator_) * a.denominator_;
}

Time::Time(const Rational& seconds) : Time(0, seconds) {}

Time::Time(std::int64_t whole, const Rational& fraction) : whole_(whole), fraction_(fraction) {
    const std::int64_t carry = fraction.floor();
    if (carry != 0) {
        whole_ = narrow(Wide(whole) + carry);
        fraction_ = fraction - Rational(carry);
    }
}

Time Time::of(std::int64_t index, const Rational& rate) {
    const Wide n = Wide(index) * rate.denominator(), whole = floor_div(n, rate.numerator());
    return Time(narrow(whole), reduced(n - whole * rate.numerator(), rate.numerator()));
}

// i = ceil((whole + fraction) n / d) for the rate n / d: first the whole seconds, then the fraction, which is apart from its
// floor less than one item.
std::int64_t Time::ceil_index(const Rational& rate, const Time& origin) const {
    const Wide n = rate.numerator(), d = rate.denominator();
    const auto [seconds, fraction, denominator] = between(origin, *this);
    const Division part = fraction <= INT64_MAX
                              ? Division{UnsignedWide(fraction * n / denominator), UnsignedWide(fraction * n % denominator)}
                              : mul_div_long(UnsignedWide(fraction), std::uint64_t(n), UnsignedWide(denominator));
    const Wide whole = floor_div(seconds, d), rest = seconds - whole * d;  // seconds n / d = whole n + rest n / d
    const Wide above = rest * n + Wide(part.whole), items = floor_div(above, d);
    const bool more = part.rest != 0 || items * d != above;
    if (whole > INT64_MAX / n + 1) return INT64_MAX;  // (whole n has room)
    if (whole < INT64_MIN / n - 2) return INT64_MIN;
    const Wide i = whole * n + items + (more ? 1 : 0);
    return i > INT64_MAX ? INT64_MAX : i < INT64_MIN ? INT64_MIN : std::int64_t(i);
}

Span between(const Time& earlier, const Time& later) {
    const Wide ed = earlier.fraction().denominator(), ld = later.fraction().denominator();
    const Wide fraction = later.fraction().numerator() * ed - earlier.fraction().numerator() * ld;
    const Wide seconds = Wide(later.whole()) - earlier.whole();
    return fraction < 0 ? Span{seconds - 1, fraction + ed * ld, ed * ld} : Span{seconds, fraction, ed * ld};
}

Time nearest_time(Wide numerator, Wide denominator, std::int64_t units_per_s) {
    const Wide whole = floor_div(numerator, denominator);
    const auto part =
        mul_div_long(UnsignedWide(numerator - whole * denominator), std::uint64_t(units_per_s), UnsignedWide(denominator));
    const bool up = 2 * part.rest >= UnsignedWide(denominator);
    return Time(narrow(whole), Rational(std::int64_t(part.whole) + (up ? 1 : 0), units_per_s));
}

std::string Time::text() const {
    return fraction_ == Rational(0) ? std::to_string(whole_) : fmt::format("{}+{}", whole_, fraction_.text());
}

Time operator+(const Time& a, const Time& b) { return Time(narrow(Wide(a.whole_) + b.whole_), a.fraction_ + b.fraction_); }
Time operator-(const Time& a, const Time& b) { return Time(narrow(Wide(a.whole_) - b.whole_), a.fraction_ - b.fraction_); }
std::strong_ordering operator<=>(const Time& a, const Time& b) {
    if (a.whole_ != b.whole_) return a.whole_ <=> b.whole_;
    return a.fraction_ <=> b.fraction_;
}

Time exact_time(Wide numerator, Wide denominator) {
    const Wide whole = floor_div(numerator, denominator), rest = numerator - whole * denominator;
    if (denominator / gcd(rest, denominator) <= INT64_MAX) return Time(narrow(whole), reduced(rest, denominator));
    return nearest_time(numerator, denominator, picoseconds_per_s);
}

Time moved(const Time& time, const Time& by) {
    const Rational &a = time.fraction(), &b = by.fraction();
    const Wide sum = Wide(a.numerator()) * b.denominator() + Wide(b.numerator()) * a.denominator();
    const Time fraction = exact_time(sum, Wide(a.denominator()) * b.denominator());
    return Time(narrow(Wide(time.whole()) + by.whole() + fraction.whole()), fraction.fraction());
}

std::string rfc3339(const Time& utc) {
    // Picoseconds at most, rounded down; trailing zeros are left out.
    const auto picoseconds = std::int64_t(Wide(utc.fraction().numerator()) * picoseconds_per_s / utc.fraction().denominator());
    const auto days = std::int64_t(floor_div(utc.whole(), 86400));
    const std::int64_t s = utc.whole() - days * 86400;
    const Date date = civil_from_days(days);
    std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day, s / 3600, s / 60 % 60, s % 60);
    if (picoseconds != 0) {
        std::string digits = fmt::format("{:012}", picoseconds);
        digits.erase(digits.find_last_not_of('0') + 1);
        text += '.' + digits;
    }
    return text + 'Z';
}

Time parse_rfc3339(const std::string& text, int* digits) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto bad = [&]() -> Time {
        throw std::invalid_argument(fmt::format("expected a UTC time as 2019-08-29T19:08:20.25Z, got {}", text));
    };
    if (text.size() <= form.size() || text.back() != 'Z') return bad();
    for (std::size_t k = 0; k < form.size(); ++k)
        if (form[k] == 'd' ? !is_digit(text[k]) : text[k] != form[k]) return bad();
    const auto number = [&](std::size_t at, std::size_t n) { return std::stoi(text.substr(at, n)); };
    const int y = number(0, 4), mo = number(5, 2), d = number(8, 2), h = number(11, 2), mi = number(14, 2), s = number(17, 2);
    if (mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 60) return bad();
    const auto first_of_next = mo == 12 ? days_from_civil(y + 1, 1, 1) : days_from_civil(y, mo + 1, 1);
    if (days_from_civil(y, mo, d) >= first_of_next) return bad();
    std::int64_t numerator = 0, denominator = 1;
    int written = 0;
    std::size_t p = form.size();
    if (text[p] == '.') {
        for (++p; is_digit(text[p]); ++p, ++written) {
            if (written >= 18) continue;  // below an attosecond nothing is meant
            numerator = numerator * 10 + (text[p] - '0');
            denominator *= 10;
        }
        if (written == 0) return bad();
    }
    if (p + 1 != text.size()) return bad();
    if (digits != nullptr) *digits = written;
    return Time(days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + s, Rational(numerator, denominator));
}

}  // namespace flowspan

// Exact numbers: how they travel (as lists of integers), and to what they are rounded where they do not fit.
#pragma once

#include "core/numbers/wide.hpp"

#include <flowspan/rational.hpp>
#include <flowspan/value.hpp>

namespace flowspan {

Value exact_value(const Rational& number);
Value exact_value(const Time& time);
/// Throw std::invalid_argument for values of other kinds.
Rational rational_from(const Value& value);
Time time_from(const Value& value);

/// whole + numerator / denominator seconds, 0 <= numerator < denominator <= 2^126.
struct Span {
    Wide whole = 0, numerator = 0, denominator = 1;
};
/// later - earlier, which may be negative.
Span between(const Time& earlier, const Time& later);

/// numerator / denominator seconds, to the nearest picosecond where that does not fit; 0 < denominator <= 2^126.
Time exact_time(Wide numerator, Wide denominator);

/// The multiple of 1 / `units_per_s` nearest to numerator / denominator seconds; 0 < denominator <= 2^126.
Time nearest_time(Wide numerator, Wide denominator, std::int64_t units_per_s);

}  // namespace flowspan

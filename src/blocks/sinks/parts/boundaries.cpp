#include "blocks/sinks/parts/boundaries.hpp"

#include <cmath>

namespace flowspan::blocks {
namespace {

using Wide = __int128;

long double seconds(const Time& time) {
    return static_cast<long double>(time.whole()) +
           static_cast<long double>(time.fraction().numerator()) / static_cast<long double>(time.fraction().denominator());
}

/// `part` durations, exactly: both are bounded by the times of a stream, so that their product has room.
Time multiple(const Time& duration, Wide part) {
    const Wide denominator = duration.fraction().denominator();
    const Wide total = part * (Wide(duration.whole()) * denominator + duration.fraction().numerator());
    Wide whole = total / denominator, rest = total % denominator;
    if (rest < 0) --whole, rest += denominator;
    if (whole > INT64_MAX) return Time::latest();
    if (whole < INT64_MIN) return Time::earliest();
    return {std::int64_t(whole), Rational(std::int64_t(rest), std::int64_t(denominator))};
}

}  // namespace

std::uint64_t Boundaries::begin_of(Wide part) const {
    const std::int64_t index = multiple(length_.duration, part).ceil_index(rate_, time_);
    return index < 0 ? 0 : index == INT64_MAX ? UINT64_MAX : std::uint64_t(index);
}

// Floating point says where about; which of the neighbours it is follows from where they begin.
Wide Boundaries::part_of(std::uint64_t index) const {
    if (length_.items != 0) return (index - first_) / length_.items;
    const long double at = seconds(time_) + static_cast<long double>(index) * static_cast<long double>(rate_.denominator()) /
                                                static_cast<long double>(rate_.numerator());
    auto part = Wide(std::floor(at / seconds(length_.duration)));
    while (begin_of(part) > index) --part;
    while (begin_of(part + 1) <= index) ++part;
    return part;
}

std::uint64_t Boundaries::next(std::uint64_t index) const {
    if (length_.items == 0) return begin_of(part_of(index) + 1);
    const std::uint64_t left = length_.items - (index - first_) % length_.items;
    return index > UINT64_MAX - left ? UINT64_MAX : index + left;
}

}  // namespace flowspan::blocks

#include "core/numbers/quantity.hpp"

#include <flowspan/when.hpp>

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace flowspan {
namespace {

[[noreturn]] void wrong(const std::string& got) {
    throw std::invalid_argument(
        fmt::format("expected a sample index, a time such as 1.5 s, or UTC such as 2026-01-31T12:00:00Z, got {}", got));
}

/// Exact: a time of the form `n/d s` is written as such where decimals do not say it.
std::string seconds_text(const Time& time) {
    const double seconds = time.value();
    if (Time(Rational::nearest(seconds)) == time) return format_number(seconds) + " s";
    return fmt::format("{}+{} s", time.whole(), time.fraction().text());
}

std::optional<Time> exact_seconds(const std::string& text) {
    const std::size_t plus = text.find('+'), slash = text.find('/'), unit = text.rfind(" s");
    if (plus == std::string::npos || slash == std::string::npos || unit == std::string::npos) return std::nullopt;
    const auto whole = parse_integer(text.substr(0, plus)), up = parse_integer(text.substr(plus + 1, slash - plus - 1)),
               down = parse_integer(text.substr(slash + 1, unit - slash - 1));
    if (!whole || !up || !down || *down <= 0) return std::nullopt;
    return Time(*whole, Rational(*up, *down));
}

}  // namespace

Value When::value() const {
    switch (kind) {
        case Kind::next_step:
            return {};
        case Kind::sample:
            return std::int64_t(sample);
        case Kind::time:
            return seconds_text(time);
        case Kind::utc:
            return rfc3339(time);
    }
    return {};
}

When When::from(const Value& value) {
    if (value.is_null()) return {};
    if (value.is<std::int64_t>() || value.is<double>()) {
        const double number = value.real();
        if (number < 0 || number != std::floor(number) || number >= 0x1p63) wrong(value.json());
        return at_sample(std::uint64_t(value.is<std::int64_t>() ? value.integer() : std::int64_t(number)));
    }
    if (!value.is<std::string>()) wrong(value.json());
    const std::string& text = value.string();
    if (const auto index = parse_integer(text)) {
        if (*index < 0) wrong(text);
        return at_sample(std::uint64_t(*index));
    }
    if (const auto exact = exact_seconds(text)) return at_time(*exact);
    if (const auto quantity = parse_quantity(text); quantity && quantity->has_unit) {
        if (quantity->value < 0) wrong(text);
        if (quantity->dimension == Dimension::time && quantity->value < 0x1p60)
            return at_time(Rational::nearest(quantity->value));
        if (quantity->dimension == Dimension::samples && quantity->value == std::floor(quantity->value) &&
            quantity->value < 0x1p53)
            return at_sample(std::uint64_t(quantity->value));
        wrong(text);
    }
    try {
        return at_utc(parse_rfc3339(text));
    } catch (const std::invalid_argument&) { wrong(text); }
}

}  // namespace flowspan

#include "io/recording/layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flowspan::io {
namespace {

/// A decimal number, exactly: digits with at most one point, and an exponent. Nothing for anything else.
std::optional<Rational> parse_decimal(std::string_view text) {
    std::int64_t digits = 0, scale = 1;
    bool any = false, point = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') break;
        if (digits > 100'000'000'000'000'000 || scale > 100'000'000'000'000'000) return std::nullopt;
        digits = digits * 10 + (c - '0');
        if (point) scale *= 10;
        any = true;
    }
    if (!any) return std::nullopt;
    int exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        if (++at < text.size() && text[at] == '+') ++at;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error != std::errc{}) return std::nullopt;
        at = std::size_t(end - text.data());
    }
    if (at != text.size() || exponent > 18 || exponent < -18) return std::nullopt;
    try {
        Rational value(digits, scale);
        for (; exponent > 0; --exponent) value = value * Rational(10);
        for (; exponent < 0; ++exponent) value = value / Rational(10);
        return value;
    } catch (const std::overflow_error&) { return std::nullopt; }
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<Extent> parse_extent(const std::string& whole) {
    static const std::array<std::pair<std::string_view, Rational>, 7> units{{{"ms", Rational(1, 1000)},
                                                                             {"us", Rational(1, 1'000'000)},
                                                                             {"µs", Rational(1, 1'000'000)},
                                                                             {"ns", Rational(1, 1'000'000'000)},
                                                                             {"min", Rational(60)},
                                                                             {"h", Rational(3600)},
                                                                             {"s", Rational(1)}}};
    std::string_view text = trimmed(whole);
    if (text.ends_with("Z")) {
        try {
            return Extent{Extent::Kind::utc, 0, parse_rfc3339(std::string(text))};
        } catch (const std::invalid_argument&) { return std::nullopt; }
    }
    if (text.ends_with("samples"))
        text = trimmed(text.substr(0, text.size() - 7));
    else
        for (const auto& [symbol, scale] : units) {
            if (!text.ends_with(symbol)) continue;
            const auto number = parse_decimal(trimmed(text.substr(0, text.size() - symbol.size())));
            if (!number) return std::nullopt;
            try {
                return Extent{Extent::Kind::seconds, 0, Time(*number * scale)};
            } catch (const std::overflow_error&) { return std::nullopt; }
        }
    const auto number = parse_decimal(text);
    if (!number || number->denominator() != 1) return std::nullopt;
    return Extent{Extent::Kind::samples, std::uint64_t(number->numerator()), {}};
}

}  // namespace flowspan::io

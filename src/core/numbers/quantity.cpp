#include "core/numbers/quantity.hpp"

#include "core/numbers/nearest_unit.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <span>

namespace flowspan {
namespace {

/// A unit as people write it: 10^exponent * scale base units.
struct Written {
    std::string_view symbol;
    Dimension dimension;
    int exponent = 0;
    double scale = 1;
};

constexpr double kibi = 1024.0;
constexpr auto written_units = std::to_array<Written>({
    {"mHz", Dimension::frequency, -3},
    {"Hz", Dimension::frequency},
    {"kHz", Dimension::frequency, 3},
    {"MHz", Dimension::frequency, 6},
    {"GHz", Dimension::frequency, 9},
    {"THz", Dimension::frequency, 12},
    {"S/s", Dimension::frequency},
    {"kS/s", Dimension::frequency, 3},
    {"MS/s", Dimension::frequency, 6},
    {"GS/s", Dimension::frequency, 9},
    {"ps", Dimension::time, -12},
    {"ns", Dimension::time, -9},
    {"us", Dimension::time, -6},
    {"\u00b5s", Dimension::time, -6},  // micro sign
    {"\u03bcs", Dimension::time, -6},  // Greek mu
    {"ms", Dimension::time, -3},
    {"s", Dimension::time},
    {"min", Dimension::time, 0, 60},
    {"h", Dimension::time, 0, 3600},
    {"dB", Dimension::level},
    {"B", Dimension::bytes},
    {"kB", Dimension::bytes, 3},
    {"MB", Dimension::bytes, 6},
    {"GB", Dimension::bytes, 9},
    {"TB", Dimension::bytes, 12},
    {"KiB", Dimension::bytes, 0, kibi},
    {"MiB", Dimension::bytes, 0, kibi* kibi},
    {"GiB", Dimension::bytes, 0, kibi* kibi* kibi},
    {"TiB", Dimension::bytes, 0, kibi* kibi* kibi* kibi},
    {"rad", Dimension::angle},
    {"mrad", Dimension::angle, -3},
    {"deg", Dimension::angle, 0, std::numbers::pi / 180},
    {"\u00b0", Dimension::angle, 0, std::numbers::pi / 180},
    {"samples", Dimension::samples},
    {"sample", Dimension::samples},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// A number taken apart: sign and digits with point, exponent, and what follows.
struct Parts {
    std::string mantissa;
    int exponent = 0;
    std::string_view rest;
};

std::optional<Parts> take_apart(std::string_view text) {
    text = trimmed(text);
    Parts parts;
    std::size_t i = 0, digits = 0;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
        if (text[i] == '-') parts.mantissa = "-";
        ++i;
    }
    bool point = false;
    for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
        if (text[i] == '.')
            point = true;
        else
            ++digits;
        parts.mantissa += text[i];
    }
    if (digits == 0) return std::nullopt;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        std::size_t k = i + 1;
        const bool negative = k < text.size() && text[k] == '-';
        if (k < text.size() && (text[k] == '-' || text[k] == '+')) ++k;
        if (k < text.size() && is_digit(text[k])) {
            for (; k < text.size() && is_digit(text[k]); ++k)
                if (parts.exponent < 100000) parts.exponent = parts.exponent * 10 + (text[k] - '0');
            if (negative) parts.exponent = -parts.exponent;
            i = k;
        }
    }
    parts.rest = trimmed(text.substr(i));
    return parts;
}

std::optional<double> value_of(const Parts& parts, int shift) {
    const std::string text = fmt::format("{}e{}", parts.mantissa, parts.exponent + shift);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

const Written* find_unit(std::string_view symbol) {
    for (const Written& unit : written_units)
        if (unit.symbol == symbol) return &unit;
    return nullptr;
}

std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    return low;
}

/// The unit that somebody means who writes `khz`, `KHz`, `k`, `Msps` or `mb`: as written but for its case, or its prefix alone.
/// Where the case would tell units apart (`mhz`), the larger one.
const Written* nearest_unit(std::string_view written, Dimension dimension) {
    std::string low = lower(written);
    if (dimension == Dimension::frequency && low.ends_with("sps")) low.replace(low.size() - 3, 3, "s/s");
    if (dimension == Dimension::time && low.ends_with("sec")) low.resize(low.size() - 2);
    const Written *alike = nullptr, *begun = nullptr;
    const auto larger = [](const Written* a, const Written& b) {
        return a == nullptr || b.exponent > a->exponent || (b.exponent == a->exponent && b.scale > a->scale);
    };
    for (const Written& unit : written_units) {
        if (unit.dimension != dimension) continue;
        const std::string symbol = lower(unit.symbol);
        if (symbol == low && larger(alike, unit)) alike = &unit;
        const bool prefix = low.size() == 1 && symbol.size() > 1 && symbol[0] == low[0];
        const bool first_kind = dimension != Dimension::frequency || symbol.ends_with("hz");
        if (prefix && first_kind && larger(begun, unit)) begun = &unit;
    }
    return alike != nullptr ? alike : begun;
}

std::string with_article(std::string_view name) { return (name.front() == 'a' ? "an " : "a ") + std::string(name); }

}  // namespace

std::vector<std::string_view> unit_symbols() {
    std::vector<std::string_view> all;
    for (const Written& unit : written_units) all.push_back(unit.symbol);
    return all;
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    const auto parts = take_apart(text);
    if (!parts) return std::nullopt;
    if (parts->rest.empty()) {
        const auto value = value_of(*parts, 0);
        if (!value) return std::nullopt;
        return Quantity{*value, false, Dimension::none};
    }
    const Written* unit = find_unit(parts->rest);
    if (unit == nullptr) return std::nullopt;
    const auto value = value_of(*parts, unit->exponent);
    if (!value) return std::nullopt;
    return Quantity{*value * unit->scale, true, unit->dimension};
}

std::optional<double> parse_number(std::string_view text) {
    const auto quantity = parse_quantity(text);
    if (!quantity || quantity->has_unit) return std::nullopt;
    return quantity->value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    text = trimmed(text);
    const std::string_view digits = !text.empty() && text.front() == '+' ? text.substr(1) : text;
    std::int64_t exact = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exact);
    const bool two_signs = digits.size() < text.size() && digits.starts_with('-');
    if (error == std::errc() && end == digits.data() + digits.size() && !two_signs) return exact;
    const auto value = parse_number(text);
    constexpr double two_53 = 9007199254740992.0;
    if (!value || *value != std::floor(*value) || std::abs(*value) >= two_53) return std::nullopt;
    return std::int64_t(*value);
}

std::optional<std::complex<double>> parse_complex(std::string_view text) {
    text = trimmed(text);
    if (text.empty() || (text.back() != 'j' && text.back() != 'i')) {
        const auto real = parse_number(text);
        return real ? std::optional<std::complex<double>>(*real) : std::nullopt;
    }
    text.remove_suffix(1);
    std::size_t sign = text.find_last_of("+-");
    while (sign != std::string_view::npos && sign > 0 && (text[sign - 1] == 'e' || text[sign - 1] == 'E'))
        sign = text.find_last_of("+-", sign - 1);
    const bool alone = sign == std::string_view::npos || trimmed(text.substr(0, sign)).empty();
    const auto imaginary = parse_number(alone ? text : text.substr(sign + 1));
    const auto real = alone ? 0.0 : parse_number(text.substr(0, sign));
    // "1+-2j" has two signs.
    if (!imaginary || !real || (!alone && std::signbit(*imaginary))) return std::nullopt;
    return std::complex<double>(*real, !alone && text[sign] == '-' ? -*imaginary : *imaginary);
}

std::optional<bool> parse_boolean(std::string_view text) {
    text = trimmed(text);
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::optional<double> read_quantity(std::string_view text, const Unit& unit, std::string* why) {
    const auto refuse = [&](std::string reason) {
        if (why != nullptr) *why = fmt::format("{}{}", trimmed(text), reason);
        return std::nullopt;
    };
    const auto quantity = parse_quantity(text);
    if (!quantity) {
        const auto parts = take_apart(text);
        if (parts && !parts->rest.empty() && find_unit(parts->rest) == nullptr &&
            parts->rest.find_first_of(" \t+-*/()<>=$,;[]{}0123456789") == std::string_view::npos)
            return refuse(fmt::format(" (`{}` is no known unit)", parts->rest));
        return refuse("");
    }
    if (!quantity->has_unit) return quantity->value;
    if (quantity->dimension != unit.dimension) return refuse(fmt::format(" ({})", with_article(name_of(quantity->dimension))));
    return unit.scale == 1 ? quantity->value : quantity->value / unit.scale;
}

std::string hint_for_quantity(std::string_view text, const Unit& unit) {
    const auto parts = take_apart(text);
    if (!parts || parts->rest.empty() || unit.dimension == Dimension::none) return {};
    const Written* near = nearest_unit(parts->rest, unit.dimension);
    if (near == nullptr || parts->rest == near->symbol) return {};
    const std::string_view whole = trimmed(text);
    return fmt::format("did you mean `{} {}`?", trimmed(whole.substr(0, whole.size() - parts->rest.size())), near->symbol);
}

std::string format_number(double value) {
    if (value == 0) return "0";
    const double magnitude = std::abs(value);
    if (magnitude < 1e15 && value == std::floor(value)) return fmt::format("{:.0f}", value);
    return fmt::format("{}", value);
}

std::string format_complex(std::complex<double> value) {
    if (value.imag() == 0) return format_number(value.real());
    const std::string imaginary = format_number(value.imag()) + "j";
    if (value.real() == 0) return imaginary;
    return format_number(value.real()) + (value.imag() < 0 ? "" : "+") + imaginary;
}

std::string format_quantity(double value, const Unit& unit) {
    struct Prefix {
        double scale;
        std::string_view symbol;
    };
    static constexpr auto frequency = std::to_array<Prefix>({{1e9, "GHz"}, {1e6, "MHz"}, {1e3, "kHz"}, {1, "Hz"}});
    static constexpr auto time = std::to_array<Prefix>({{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}});
    static constexpr auto bytes =
        std::to_array<Prefix>({{kibi * kibi * kibi, "GiB"}, {kibi * kibi, "MiB"}, {kibi, "KiB"}, {1, "B"}});
    std::span<const Prefix> prefixes;
    if (unit.dimension == Dimension::frequency) prefixes = frequency;
    if (unit.dimension == Dimension::time) prefixes = time;
    if (unit.dimension == Dimension::bytes) prefixes = bytes;
    const double base = value * unit.scale;
    for (const Prefix& prefix : prefixes)
        if (std::abs(base) >= prefix.scale) return fmt::format("{:.12g} {}", base / prefix.scale, prefix.symbol);
    if (unit.symbol.empty()) return format_number(value);
    return fmt::format("{} {}", format_number(value), unit.symbol);
}

std::string_view name_of(Dimension dimension) {
    switch (dimension) {
        case Dimension::none:
            return "number";
        case Dimension::frequency:
            return "frequency";
        case Dimension::time:
            return "time";
        case Dimension::level:
            return "level";
        case Dimension::bytes:
            return "size in bytes";
        case Dimension::angle:
            return "angle";
        case Dimension::samples:
            return "number of samples";
    }
    return "number";
}

}  // namespace flowspan

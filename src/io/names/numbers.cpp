#include "io/names/numbers.hpp"

#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <regex>
#include <utility>
#include <vector>

namespace flowspan::io {
namespace {

int exponent_of(char prefix) {
    switch (prefix) {
        case 'k':
        case 'K':
            return 3;
        case 'm':
        case 'M':
            return 6;
        case 'g':
        case 'G':
            return 9;
        default:
            return 0;
    }
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

/// Numbers of a name by what is said of them; `bare` ones have nothing but a prefix.
struct Numbers {
    struct Bare {
        NamedNumber number;
        char prefix;
    };
    std::vector<NamedNumber> rates, frequencies;
    std::vector<Bare> bare;
};

Numbers numbers_in(const std::string& stem) {
    static const std::regex form(
        R"((?:^\.?|[^A-Za-z0-9.]|[^0-9]\.)(fs|sr|rate|samplerate|fc|cf|freq|f)?=?(\d+(?:\.\d+)?(?:e\+?\d{1,3})?))"
        R"(([kmg]?hz|[kmg]?sps|[kmg]s(?:a|/s)?|[kmg])?(?![A-Za-z0-9]))",
        std::regex::icase);
    Numbers found;
    for (std::string rest = stem;;) {
        std::smatch m;
        if (!std::regex_search(rest, m, form)) return found;
        const std::string key = lower(m[1]), written = m[3], unit = lower(written);
        const bool prefixed = !unit.empty() && std::string("kmg").find(unit[0]) != std::string::npos;
        const bool seconds = unit.size() == 2 && unit[1] == 's' && written[1] != 'S';  // "10ms" is a time
        const auto number = named_number(m[2], prefixed ? unit[0] : char(0));
        const bool of_rate = key == "fs" || key == "sr" || key.ends_with("rate");
        if (!number || seconds) {
        } else if (of_rate) {
            found.rates.push_back(*number);
        } else if (unit.ends_with("hz")) {
            found.frequencies.push_back(*number);
        } else if (unit.size() > 1) {
            found.rates.push_back(*number);
        } else if (unit.size() == 1) {
            if (key.empty())
                found.bare.push_back({*number, unit[0]});
            else
                found.frequencies.push_back(*number);
        }
        // (What ends one number begins the next.)
        rest = rest.substr(std::size_t(m.position() + m.length()));
    }
}

std::optional<NamedNumber> only(const std::vector<NamedNumber>& numbers, const char* what, Named& named) {
    if (numbers.empty()) return std::nullopt;
    for (const NamedNumber& other : numbers) {
        if (!differs(numbers[0], other.value)) continue;
        std::vector<std::string> texts;
        for (const NamedNumber& n : numbers) texts.push_back(hertz_text(n.value));
        named.doubts.push_back(fmt::format("its name says several {}, {}: none of them counts", what, fmt::join(texts, ", ")));
        return std::nullopt;
    }
    return numbers[0];
}

/// As rtl_433 has it, a bare M is a frequency and a bare k a rate. They count only where both things are said: one number alone
/// may mean anything. Of two with one prefix the first, larger one is the frequency.
void place_bare(const std::vector<Numbers::Bare>& bare, Named& named) {
    if (bare.size() == 1 && named.frequency && !named.rate) named.rate = bare[0].number;
    if (bare.size() == 1 && named.rate && !named.frequency) named.frequency = bare[0].number;
    if (bare.size() != 2 || named.rate || named.frequency) return;
    const auto [a, b] = std::pair(bare[0], bare[1]);
    if (a.prefix == b.prefix ? a.number.value > b.number.value : a.prefix != 'k')
        named.frequency = a.number, named.rate = b.number;
    else if (a.prefix != b.prefix)
        named.frequency = b.number, named.rate = a.number;
}

}  // namespace

std::optional<NamedNumber> named_number(const std::string& digits, char prefix) {
    const std::size_t e = digits.find_first_of("eE"), point = digits.find('.');
    const std::string mantissa = digits.substr(0, e);
    int exponent = exponent_of(prefix);
    if (e != std::string::npos) exponent += std::stoi(digits.substr(e + 1));
    const auto value_of = [](const std::string& text) {
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc{} && end == text.data() + text.size() ? value : HUGE_VAL;
    };
    const int behind = point < mantissa.size() ? int(mantissa.size() - point) - 1 : 0;
    const NamedNumber number{value_of(fmt::format("{}e{}", mantissa, exponent)),
                             value_of(fmt::format("1e{}", exponent - behind))};
    if (!std::isfinite(number.value) || !std::isfinite(number.unit)) return std::nullopt;
    return number;
}

void read_numbers(const std::string& stem, Named& named) {
    Numbers found = numbers_in(stem);
    std::erase_if(found.rates, [](const NamedNumber& n) { return !rate_of(n.value); });
    std::erase_if(found.frequencies, [](const NamedNumber& n) { return !is_frequency(n.value); });
    std::erase_if(found.bare, [](const Numbers::Bare& b) { return !rate_of(b.number.value) || !is_frequency(b.number.value); });
    const std::size_t doubts = named.doubts.size();
    named.rate = only(found.rates, "rates", named);
    named.frequency = only(found.frequencies, "frequencies", named);
    if (named.doubts.size() == doubts) place_bare(found.bare, named);
}

}  // namespace flowspan::io

#include "cli/words/validators.hpp"

#include "core/mistakes/names.hpp"
#include "core/numbers/nearest_unit.hpp"
#include "core/numbers/quantity.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

constexpr double most_seconds = 1e7;

std::string with_hint(std::string sentence, const std::string& hint) {
    return hint.empty() ? sentence : std::move(sentence) + "\n   hint: " + hint;
}

/// `check` makes of a word what the option takes, or returns what is wrong.
template <class Check>
CLI::Validator validator(Check check) {
    return {[check](std::string& word) { return check(word); }, ""};
}

std::optional<double> bytes_of(const std::string& word) {
    if (const auto plain = read_quantity(word, byte)) return plain;
    if (word.empty()) return std::nullopt;
    const std::size_t letter = std::string_view("KMGT").find(word.back());
    const auto number = parse_number(word.substr(0, word.size() - 1));
    if (letter == std::string_view::npos || !number) return std::nullopt;
    return std::ldexp(*number, 10 * (int(letter) + 1));
}

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
    return validator([least, most](std::string& word) -> std::string {
        const auto number = parse_integer(word);
        if (!number || *number < least || *number > most)
            return fmt::format("expected a whole number from {} to {}, got {}", least, most, word);
        word = std::to_string(*number);
        return {};
    });
}

CLI::Validator one_of(std::vector<std::string> words) {
    return validator([words = std::move(words)](const std::string& word) -> std::string {
        if (std::find(words.begin(), words.end(), word) != words.end()) return {};
        const std::vector<std::string> but_last(words.begin(), words.end() - 1);
        return with_hint(fmt::format("expected {} or {}, got {}", fmt::join(but_last, ", "), words.back(), word),
                         hint_for(word, words, ""));
    });
}

CLI::Validator seconds() {
    return validator([](std::string& word) -> std::string {
        const auto value = read_quantity(word, second);
        if (!value || !(*value > 0 && *value <= most_seconds))
            return with_hint(fmt::format("expected seconds, more than 0 and at most 1e7, got {}", word),
                             hint_for_quantity(word, second));
        word = format_number(*value);
        return {};
    });
}

CLI::Validator size() {
    return validator([](std::string& word) -> std::string {
        const auto bytes = bytes_of(word);
        if (!bytes || *bytes < 0 || *bytes >= 0x1p63)
            return with_hint(fmt::format("expected a size such as 8 GiB, 100 MB or 8G (1024³ bytes), got {}", word),
                             hint_for_quantity(word, byte));
        word = fmt::format("{}", std::uint64_t(*bytes));
        return {};
    });
}

}  // namespace flowspan::cli

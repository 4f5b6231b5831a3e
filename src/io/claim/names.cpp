#include "io/claim/names.hpp"

#include <flowspan/rational.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace flowspan::io {
namespace {

using Field = ProductPattern::Field;

constexpr std::string_view no_time = "no-time", first_time = "0001-01-01T00:00:00Z";
constexpr std::size_t digits_of_a_number = 7, longest_time = 33;  // with picoseconds

bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Characters of a time, "no-time" included.
bool in_time(char c) {
    return is_digit(c) || std::string_view("TZ:.+-").find(c) != std::string_view::npos ||
           no_time.find(c) != std::string_view::npos;
}

bool parses(const std::string& text) {
    try {
        (void)parse_rfc3339(text);
        return true;
    } catch (const std::exception&) { return false; }
}

bool fits(Field field, std::string_view text) {
    if (text.empty()) return false;
    if (field == Field::time) {
        if (text == no_time.substr(0, text.size())) return true;
        std::string whole(text);
        if (whole.size() < first_time.size()) whole += first_time.substr(whole.size());
        return parses(std::string(text)) || parses(whole) || parses(std::string(text) + "Z");
    }
    const bool digits = std::all_of(text.begin(), text.end(), is_digit);
    return digits && (field == Field::digits || (text[0] != '0' && text != "1"));
}

std::string prefix_of(const Pattern& p) {
    return !p.empty() && std::holds_alternative<std::string>(p.front()) ? std::get<std::string>(p.front()) : "";
}
std::string suffix_of(const Pattern& p) {
    return !p.empty() && std::holds_alternative<std::string>(p.back()) ? std::get<std::string>(p.back()) : "";
}

/// A pattern as a chain of steps: one character, or one or more of a kind.
struct Step {
    char character = 0;
    std::optional<Field> field;
    bool takes(char c) const {
        if (!field) return c == character;
        return *field == Field::time ? in_time(c) : is_digit(c);
    }
};

std::vector<Step> steps_of(const Pattern& pattern) {
    std::vector<Step> steps;
    for (const auto& piece : pattern) {
        if (const auto* field = std::get_if<Field>(&piece)) {
            steps.push_back({0, *field});
            continue;
        }
        for (const char c : std::get<std::string>(piece)) steps.push_back({c, std::nullopt});
    }
    return steps;
}

bool common_character(const Step& a, const Step& b) {
    if (!a.field) return b.takes(a.character);
    if (!b.field) return a.takes(b.character);
    return true;  // digits are in all kinds
}

}  // namespace

bool matches(const Pattern& pattern, std::string_view name) {
    if (!name.starts_with(prefix_of(pattern)) || !name.ends_with(suffix_of(pattern))) return false;
    std::set<std::size_t> at{0};  // where what comes next may begin
    for (const auto& piece : pattern) {
        std::set<std::size_t> next;
        for (const std::size_t i : at) {
            if (const auto* literal = std::get_if<std::string>(&piece)) {
                if (name.substr(i).starts_with(*literal)) next.insert(i + literal->size());
                continue;
            }
            const Field field = std::get<Field>(piece);
            for (std::size_t end = i + 1; end <= name.size(); ++end) {
                if (!(field == Field::time ? in_time(name[end - 1]) : is_digit(name[end - 1]))) break;
                if (fits(field, name.substr(i, end - i))) next.insert(end);
            }
        }
        at = std::move(next);
    }
    return at.contains(name.size());
}

// Both chains walked at once: a pair of steps that a text can have come to.
bool may_share(const Pattern& a, const Pattern& b) {
    const auto one = steps_of(a), two = steps_of(b);
    const std::size_t columns = two.size() + 1;
    // reached[i][j]: a text that goes through the first i and j steps; those of fields may take more of it.
    std::vector<char> reached((one.size() + 1) * columns, 0);
    reached[0] = 1;
    for (std::size_t i = 0; i <= one.size(); ++i) {
        for (std::size_t j = 0; j <= two.size(); ++j) {
            if (reached[i * columns + j] == 0) continue;
            const bool more_i = i < one.size(), more_j = j < two.size();
            if (more_i && more_j && common_character(one[i], two[j])) reached[(i + 1) * columns + j + 1] = 1;
            // The field that one chain is in takes what the other goes on with.
            if (more_j && i > 0 && one[i - 1].field && common_character(one[i - 1], two[j])) reached[i * columns + j + 1] = 1;
            if (more_i && j > 0 && two[j - 1].field && common_character(one[i], two[j - 1])) reached[(i + 1) * columns + j] = 1;
        }
    }
    return reached.back() != 0;
}

std::string text_of(const Pattern& pattern) {
    std::string text;
    for (const auto& piece : pattern) {
        if (const auto* literal = std::get_if<std::string>(&piece))
            text += *literal;
        else
            text += std::get<Field>(piece) == Field::time ? "{datetime}" : "{n}";
    }
    return text;
}

std::size_t longest_name(const Pattern& pattern) {
    std::size_t bytes = 0;
    for (const auto& piece : pattern) {
        if (const auto* literal = std::get_if<std::string>(&piece))
            bytes += literal->size();
        else
            bytes += std::get<Field>(piece) == Field::time ? longest_time : digits_of_a_number;
    }
    return bytes;
}

std::optional<Names::Clash> Names::clash(const std::string& name) const {
    if (const auto same = names_.find(name); same != names_.end()) return Clash{same->first, same->second};
    for (std::size_t length = 0; length <= name.size() && !by_prefix_.empty(); ++length) {
        const auto [first, last] = by_prefix_.equal_range(std::string_view(name).substr(0, length));
        for (auto it = first; it != last; ++it)
            if (const auto& [pattern, number] = patterns_[it->second]; matches(pattern, name))
                return Clash{text_of(pattern), number};
    }
    return std::nullopt;
}

std::optional<Names::Clash> Names::clash(const Pattern& pattern) const {
    const std::string prefix = prefix_of(pattern), suffix = suffix_of(pattern);
    for (auto it = names_.lower_bound(prefix); it != names_.end() && it->first.starts_with(prefix); ++it)
        if (matches(pattern, it->first)) return Clash{it->first, it->second};
    const auto share = [&](std::size_t k) -> std::optional<Clash> {
        const auto& [other, number] = patterns_[k];
        const std::string end = suffix_of(other);
        if (!(end.ends_with(suffix) || suffix.ends_with(end)) || !may_share(pattern, other)) return std::nullopt;
        return Clash{text_of(other), number};
    };
    for (std::size_t length = 0; length < prefix.size(); ++length) {
        const auto [first, last] = by_prefix_.equal_range(std::string_view(prefix).substr(0, length));
        for (auto it = first; it != last; ++it)
            if (auto found = share(it->second)) return found;
    }
    for (auto it = by_prefix_.lower_bound(prefix); it != by_prefix_.end() && it->first.starts_with(prefix); ++it)
        if (auto found = share(it->second)) return found;
    return std::nullopt;
}

void Names::add(const std::string& name, int number) { names_.emplace(name, number); }

void Names::add(const Pattern& pattern, int number) {
    by_prefix_.emplace(prefix_of(pattern), patterns_.size());
    patterns_.emplace_back(pattern, number);
}

std::optional<std::string> Names::common(const Names& other) const {
    for (const auto& [name, number] : other.names_)
        if (const auto found = clash(name)) return name;
    for (const auto& [pattern, number] : other.patterns_)
        if (const auto found = clash(pattern)) return text_of(pattern);
    return std::nullopt;
}

Value Names::value() const {
    Value::List names, patterns;
    for (const auto& [name, number] : names_) names.emplace_back(name);
    for (const auto& [pattern, number] : patterns_) {
        Value::List pieces;
        for (const auto& piece : pattern) {
            if (const auto* literal = std::get_if<std::string>(&piece))
                pieces.emplace_back(*literal);
            else
                pieces.emplace_back(int(std::get<Field>(piece)));
        }
        patterns.emplace_back(std::move(pieces));
    }
    return Value::Map{{"names", std::move(names)}, {"patterns", std::move(patterns)}};
}

Names Names::from(const Value& value) {
    Names all;
    for (const Value& name : value.at("names").list()) all.add(name.string());
    for (const Value& pieces : value.at("patterns").list()) {
        Pattern pattern;
        for (const Value& piece : pieces.list()) {
            if (piece.is<std::string>()) {
                pattern.emplace_back(piece.string());
                continue;
            }
            if (piece.integer() < 0 || piece.integer() > int(Field::time))
                throw std::invalid_argument("an unknown kind of place");
            pattern.emplace_back(Field(piece.integer()));
        }
        all.add(pattern);
    }
    return all;
}

}  // namespace flowspan::io

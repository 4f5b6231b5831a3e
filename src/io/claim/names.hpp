// Names of files that a run may write into a folder: plain ones and patterns, and whether two of them can be one file.
#pragma once

#include <flowspan/product_pattern.hpp>
#include <flowspan/value.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::io {

using Pattern = std::vector<ProductPattern::Piece>;

/// Whether this is one of the names.
bool matches(const Pattern& pattern, std::string_view name);
/// Whether a name can be one of both. True for some that cannot: times count as any text of the characters of times.
bool may_share(const Pattern& a, const Pattern& b);
/// For people: "a.{n}.wav", "{datetime}.png".
std::string text_of(const Pattern& pattern);
/// How many bytes a name has at most, with numbers of up to 7 digits.
std::size_t longest_name(const Pattern& pattern);

/// Names and patterns of one folder, each with a number that the caller gives it (a block). Looks at few others for each.
class Names {
public:
    /// What can be the same file, as people read it, and its number.
    using Clash = std::pair<std::string, int>;
    std::optional<Clash> clash(const std::string& name) const;
    std::optional<Clash> clash(const Pattern& pattern) const;
    void add(const std::string& name, int number = 0);
    void add(const Pattern& pattern, int number = 0);

    const std::map<std::string, int, std::less<>>& names() const { return names_; }
    const std::vector<std::pair<Pattern, int>>& patterns() const { return patterns_; }
    /// Something that both may write.
    std::optional<std::string> common(const Names& other) const;

    Value value() const;
    /// Throws std::invalid_argument.
    static Names from(const Value& value);

private:
    std::map<std::string, int, std::less<>> names_;
    std::vector<std::pair<Pattern, int>> patterns_;
    std::multimap<std::string, std::size_t, std::less<>> by_prefix_;  // literal beginning -> pattern
};

}  // namespace flowspan::io

#include "graph/mistakes/syntax.hpp"

#include "graph/mistakes/openers.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flowspan::graph {
namespace {

/// yaml-cpp's words for what went wrong, as ours.
std::pair<std::string, std::string> sentence_for(const std::string& message) {
    struct Entry {
        std::string_view theirs, expected, got;
    };
    static constexpr auto table = std::to_array<Entry>({
        {"end of map flow not found", "`,` or `}`", "something else"},
        {"end of sequence flow not found", "`,` or `]`", "something else"},
        {"end of map not found", "`name: value`", "something else"},
        {"end of sequence not found", "`- item`", "something else"},
        {"illegal map value", "one `name: value` a line", "a second `:`"},
        {"illegal map key", "a `name:` on a line of its own", "one in the middle"},
        {"illegal block entry", "a list item on a line of its own", "a `-` in the middle"},
        {"illegal flow end", "an opening bracket before", "a closing one"},
        {"illegal EOF in scalar", "a closing quote", "the end of the file"},
        {"illegal tab when looking for indentation", "spaces for indentation", "a tab"},
        {"alias not found after *", "a value", "a bare `*`"},
        {"anchor not found after &", "a value", "a bare `&`"},
        {"the referenced anchor is not defined", "a value", "an alias (`*name`)"},
        {"unknown token", "a value", "a character that cannot begin one"},
    });
    for (const Entry& entry : table)
        if (message.starts_with(entry.theirs)) return {std::string(entry.expected), std::string(entry.got)};
    return {"YAML", message};
}

/// Whether the line has a bracket, star or brace that YAML gives a meaning to and that a graph file often means as text.
bool needs_quotes(const std::string& line) {
    bool quoted = false;
    for (const char c : line) {
        if (c == '"' || c == '\'') quoted = !quoted;
        if (c == '#' && !quoted) return false;
        if (!quoted && std::string_view("[]{}*&!@%`").find(c) != std::string_view::npos) return true;
    }
    return false;
}

/// The character under the caret, quoted.
std::string character_at(const Position& at) {
    int column = 0;
    const std::string& line = at.line_text.text();
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto continues = [&](std::size_t k) { return k < line.size() && !begins_character(line[k]); };
        if (continues(i) || ++column < at.column) continue;
        std::size_t end = i + 1;
        while (continues(end)) ++end;
        return "`" + line.substr(i, end - i) + "`";
    }
    return "the end of the line";
}

bool says_nothing(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    return first == std::string_view::npos || line[first] == '#';
}

std::string blanks(std::size_t n) { return n == 0 ? "no blank" : n == 1 ? "1 blank" : fmt::format("{} blanks", n); }

/// A line that begins further in, or less far out, than what stands before it allows.
std::optional<Diagnostic> wrong_indent(const YAML::Mark& mark, Places& places) {
    const auto line = std::size_t(std::max(mark.line, 0));
    const std::size_t own = indent_of(places.line(line));
    std::size_t before = line, outer = std::string_view::npos, same = line;
    // Of those above: the one before it, and the nearest that stands less far in.
    for (std::size_t k = line; k-- > 0;) {
        const std::string_view text = places.line(k);
        if (says_nothing(text)) continue;
        const std::size_t indent = indent_of(text);
        if (before == line) before = k;
        if (indent == own) return std::nullopt;
        if (indent < own) {
            outer = k;
            break;
        }
        same = k;
    }
    if (before == line) return std::nullopt;
    const std::size_t like = outer == before ? before : same;
    const std::string_view above = places.line(like);
    if (above.substr(0, above.find_last_not_of(" \r") + 1).ends_with(':') && like == before) return std::nullopt;
    YAML::Mark first = mark;
    first.column = int(own);
    return Diagnostic{places.at(first),
                      "",
                      fmt::format("{} before this, as in line {}", blanks(indent_of(above)), like + 1),
                      std::to_string(own),
                      "lines that belong together begin in the same column",
                      {}};
}

/// The bracket that is still open at the mark, where it stands in an earlier line.
std::optional<Diagnostic> open_bracket(const YAML::Mark& mark, Places& places, bool at_end) {
    const std::size_t end = at_end ? places.text().size() : places.begin_of(std::size_t(std::max(mark.line, 0)));
    const Openers openers(std::string_view(places.text()).substr(0, end));
    if (openers.brackets().empty()) return std::nullopt;
    const std::size_t at = openers.brackets().back();
    const char open = places.text()[at];
    return Diagnostic{places.at_byte(at),
                      "",
                      fmt::format("a `{}` that closes this `{}`", open == '{' ? '}' : ']', open),
                      at_end ? "none up to the end of the file" : fmt::format("none before line {}", mark.line + 1),
                      "",
                      {}};
}

}  // namespace

std::optional<Diagnostic> open_quote(Places& places) {
    const Openers openers(places.text());
    if (!openers.quote()) return std::nullopt;
    const char quote = places.text()[*openers.quote()];
    return Diagnostic{places.at_byte(*openers.quote()), "", fmt::format("a {} that closes this one", quote),
                      "none up to the end of the file", "", {}};
}

Diagnostic syntax_error(const YAML::Exception& error, Places& places) {
    const auto [expected, got] = sentence_for(error.msg);
    Diagnostic found{places.at(error.mark), "", expected, got, "", {}};
    const bool at_end = error.mark.line + error.mark.column == 0 || places.is_behind(error.mark.line);
    if (auto quote = open_quote(places)) return *quote;
    if (expected.starts_with("`,` or"))
        if (auto bracket = open_bracket(error.mark, places, got == "something else" && at_end)) return *bracket;
    if ((expected == "`name: value`" && got == "something else" && !at_end) || got == "a second `:`")
        if (auto indent = wrong_indent(error.mark, places)) return *indent;
    // yaml-cpp says that the text ends in its first place, or behind its last line.
    if (got == "something else" && at_end) {
        found.at = places.end();
        found.got = "the end of the file";
        return found;
    }
    const std::string& line = found.at.line_text.text();
    if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string::npos) {
        found.expected = "spaces for indentation";
        found.got = "a tab";
    } else if (found.got == "something else") {
        found.got = character_at(found.at);
    }
    if (found.got == "a tab")
        found.hint = "indent with spaces";
    else if (line.empty() || needs_quotes(line))
        found.hint =
            "quote it: a value with [ ] { } * or a comma stands in quotes within { } and [ ], and where it begins with one";
    else if (got == "a second `:`")
        found.hint = "quote it if the `:` belongs to the value, and check the indentation";
    return found;
}

}  // namespace flowspan::graph

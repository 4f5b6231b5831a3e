#include "core/mistakes/sane.hpp"

#include <fmt/format.h>
#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace flowspan {
namespace {

constexpr std::size_t widest_line = 160, longest_text = 400, longest_other = 4000;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

/// The first `count` characters; all where there are fewer.
std::string_view first_characters(std::string_view text, std::size_t count) {
    std::size_t i = 0;
    for (; i < text.size(); ++i)
        if (begins_character(text[i]) && count-- == 0) break;
    return text.substr(0, i);
}

/// What stands before column `column` (from 1, counted in characters) as blanks of the same width: tabs stay tabs.
std::string indent_to(const std::string& line, int column) {
    std::string blanks;
    int at = 1;
    for (std::size_t i = 0; i < line.size() && at < column; ++i) {
        if (!begins_character(line[i])) continue;  // a character counts once, however many bytes it has
        blanks += line[i] == '\t' ? '\t' : ' ';
        ++at;
    }
    blanks.append(std::size_t(std::max(0, column - at)), ' ');
    return blanks;
}

/// The line with a caret under the column; of a long one what is around it, with `…` for the rest.
std::string with_caret(const Position& at) {
    const std::string_view whole = at.line_text.text();
    std::string line(whole);
    int column = at.column;
    if (first_characters(whole, widest_line).size() < whole.size()) {
        const std::size_t before = std::size_t(std::max(0, column - int(widest_line) / 2));
        const std::string_view left_out = first_characters(whole, before), rest = whole.substr(left_out.size()),
                               shown = first_characters(rest, widest_line);
        line = (before > 0 ? "…" : "") + std::string(shown) + (shown.size() < rest.size() ? "…" : "");
        if (before > 0) column -= int(before) - 1;
    }
    const std::string text = fmt::format("\n{:5} | {}", at.line, sane(line, line.size()));
    return at.column > 0 ? text + "\n      | " + indent_to(line, column) + "^" : text;
}

std::string all_of(const Diagnostics& found) {
    std::string text;
    for (const Diagnostic& one : found) text += (text.empty() ? "" : "\n") + one.text();
    return text;
}

}  // namespace

std::string sane(std::string_view text, std::size_t most) {
    const std::string_view kept = first_characters(text, most);
    std::string shown;
    for (const char c : kept) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\0')
            shown += "\\0";
        else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
            shown += fmt::format("\\x{:02x}", byte);
        else
            shown += c;
    }
    return kept.size() == text.size() ? shown : shown + "…";
}

std::string Diagnostic::text() const {
    std::string text = sane(at.file, longest_other);
    if (at.line > 0) text += fmt::format("{}{}", text.empty() ? "" : ":", at.line);
    if (at.line > 0 && at.column > 0) text += fmt::format(":{}", at.column);
    if (!text.empty()) text += ": ";
    if (!key.empty()) text += sane(key, longest_text) + ": ";
    text += "expected " + sane(expected, longest_other);
    if (!got.empty()) text += ", got " + sane(got, longest_text);
    if (at.line > 0 && !at.line_text.empty()) text += with_caret(at);
    for (const std::string& line : context) text += "\n   " + sane(line, longest_other);
    if (!hint.empty()) text += "\n   hint: " + sane(hint, longest_other);
    return text;
}

Refused::Refused(Diagnostics found, ExitCode code) : found_(std::move(found)), code_(code), what_(all_of(found_)) {}
Refused::Refused(Diagnostic one, ExitCode code) : Refused(Diagnostics{std::move(one)}, code) {}

Failure file_failure(const std::string& verb, const std::string& path, int error) {
    return {ExitCode::file, fmt::format("cannot {} {}: {}", verb, path, std::strerror(error))};
}

}  // namespace flowspan

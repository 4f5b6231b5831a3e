#include <fmt/format.h>
#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <cstring>

namespace flowspan {
namespace {

/// What stands before column `column` (from 1, counted in characters) as blanks of the same width: tabs stay tabs.
std::string indent_to(const std::string& line, int column) {
    std::string blanks;
    int at = 1;
    for (std::size_t i = 0; i < line.size() && at < column; ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        if ((byte & 0xc0U) == 0x80U) continue;  // a character counts once, however many bytes it has
        blanks += line[i] == '\t' ? '\t' : ' ';
        ++at;
    }
    blanks.append(std::size_t(std::max(0, column - at)), ' ');
    return blanks;
}

std::string all_of(const Diagnostics& found) {
    std::string text;
    for (const Diagnostic& one : found) text += (text.empty() ? "" : "\n") + one.text();
    return text;
}

}  // namespace

std::string Diagnostic::text() const {
    std::string text = at.file;
    if (at.line > 0) text += fmt::format("{}{}", text.empty() ? "" : ":", at.line);
    if (at.line > 0 && at.column > 0) text += fmt::format(":{}", at.column);
    if (!text.empty()) text += ": ";
    if (!key.empty()) text += key + ": ";
    text += "expected " + expected;
    if (!got.empty()) text += ", got " + got;
    if (at.line > 0 && !at.line_text.empty()) {
        text += fmt::format("\n{:5} | {}", at.line, at.line_text);
        if (at.column > 0) text += "\n      | " + indent_to(at.line_text, at.column) + "^";
    }
    for (const std::string& line : context) text += "\n   " + line;
    if (!hint.empty()) text += "\n   hint: " + hint;
    return text;
}

Refused::Refused(Diagnostics found, ExitCode code) : found_(std::move(found)), code_(code), what_(all_of(found_)) {}
Refused::Refused(Diagnostic one, ExitCode code) : Refused(Diagnostics{std::move(one)}, code) {}

Failure file_failure(const std::string& verb, const std::string& path, int error) {
    return {ExitCode::file, fmt::format("cannot {} {}: {}", verb, path, std::strerror(error))};
}

}  // namespace flowspan

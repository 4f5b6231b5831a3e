#include "batch/see/again.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

bool means_itself(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+,@%=:").find(c) != std::string_view::npos;
}

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

/// A word that options would be taken for.
std::string as_file(const std::string& path) { return path.starts_with('-') ? "./" + path : path; }

/// The last of those with a key holds, and what a unit says itself comes last.
std::vector<std::string> settings(const line::Begin& begin, const Unit& unit, const std::string& input) {
    std::vector<std::pair<std::string, std::string>> all;
    const auto set = [&](const std::string& key, const std::string& value) {
        std::erase_if(all, [&](const auto& one) { return one.first == key; });
        all.emplace_back(key, value);
    };
    for (const std::string& one : begin.set)
        if (const std::size_t equals = one.find('='); equals != std::string::npos)
            set(one.substr(0, equals), one.substr(equals + 1));
    for (const auto& [key, value] : unit.parameters) set(key, value);
    set(input, unit.recording);
    std::vector<std::string> words;
    for (const auto& [key, value] : all) words.push_back(key + "=" + value);
    return words;
}

}  // namespace

std::string quoted(const std::string& word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), means_itself)) return word;
    // (a command substitution drops newlines at the end)
    const bool plain = word.ends_with('\n') || std::all_of(word.begin(), word.end(), is_printable);
    std::string text = plain ? "'" : "\"$(printf '";
    for (const char c : word) {
        if (c == '\'')
            text += "'\\''";
        else if (!plain && !is_printable(c))
            text += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
        else
            text += !plain && (c == '%' || c == '\\') ? std::string(2, c) : std::string(1, c);
    }
    return text + (plain ? "'" : "')\"");
}

std::optional<std::string> run_again(const line::Begin& begin, const Unit& unit) {
    const auto graph =
        std::find_if(begin.graphs.begin(), begin.graphs.end(), [&](const auto& g) { return g.name == unit.graph; });
    if (begin.folder.empty() || graph == begin.graphs.end()) return std::nullopt;
    std::vector<std::string> words{"flowspan", "run", quoted(as_file(unit.graph.empty() ? begin.graph : unit.graph))};
    const auto option = [&](const std::string& name, const std::string& value) {
        if (!value.empty()) words.push_back(name + "=" + quoted(value));
    };
    for (const std::string& one : settings(begin, unit, graph->input)) {
        words.emplace_back("--set");
        words.push_back(quoted(one));
    }
    option("--from", unit.from);
    option("--duration", unit.duration);
    for (const std::string& plugin : begin.plugin_files) option("--plugin", plugin);
    if (begin.isa != "best") option("--isa", begin.isa);
    if (begin.fft != "native") option("--fft", begin.fft);
    words.emplace_back("--out \"$OLDPWD\"/again");
    return fmt::format("(cd {} && {})", quoted(begin.folder), fmt::join(words, " "));
}

}  // namespace flowspan::batch

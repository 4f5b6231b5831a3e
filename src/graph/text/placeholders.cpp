#include "graph/resolve/names.hpp"
#include "graph/spec.hpp"

#include <set>

#include <fmt/args.h>
#include <fmt/format.h>

namespace flowspan::graph {
namespace {

/// Whether a format asks for no more than a file name has room for: fmt would make as much of it as it says.
bool is_short(const std::string& format) {
    std::size_t digits = 0;
    for (const char c : format) {
        digits = c >= '0' && c <= '9' ? digits + (digits > 0 || c != '0' ? 1 : 0) : 0;
        if (digits > 2) return false;
    }
    return true;
}

/// One value under fmt's format; throws fmt::format_error when they do not fit.
std::string formatted(const Value& value, const std::string& format) {
    const std::string pattern = format.empty() ? "{}" : "{:" + format + "}";
    const auto with = [&](const auto& v) { return fmt::format(fmt::runtime(pattern), v); };
    if (value.is<std::int64_t>()) return with(value.integer());
    if (value.is<double>()) return with(value.real());
    if (value.is<bool>()) return with(value.boolean());
    if (value.is<std::string>()) return with(value.string());
    return with(value.json());
}

using Values = std::map<std::string, Value>;

std::vector<std::string> names_of(const Values& values, const Values* further) {
    std::set<std::string> names;
    for (const Values* all : {&values, further})
        if (all != nullptr)
            for (const auto& [name, value] : *all) names.insert(name);
    return {names.begin(), names.end()};
}

}  // namespace

std::string fill_placeholders(const std::string& text, const std::map<std::string, Value>& values, const Position& at,
                              const std::string& key, Diagnostics& found, const std::map<std::string, Value>* further,
                              const std::map<std::string, std::string>* plain) {
    const auto refuse = [&](std::string expected, std::string got, std::string hint) {
        found.push_back({at, key, std::move(expected), std::move(got), std::move(hint), {}});
    };
    const auto value_of = [&](const std::string& name) -> const Value* {
        if (const auto own = values.find(name); own != values.end()) return &own->second;
        const auto other = further == nullptr ? values.end() : further->find(name);
        return further == nullptr || other == further->end() ? nullptr : &other->second;
    };
    std::string filled;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
        if (text[i] == '}' && !doubled) {
            refuse("`{name}`", "a `}` without `{`", "a brace is written `}}`");
            continue;
        }
        if (text[i] != '{' && text[i] != '}') {
            filled += text[i];
            continue;
        }
        if (doubled) {
            filled += text[i++];
            continue;
        }
        const std::size_t end = text.find_first_of("{}", i + 1);
        if (end == std::string::npos || text[end] == '{') {
            refuse("`{name}`", "a `{` without `}`", "a brace is written `{{`");
            if (end == std::string::npos) break;
            i = end - 1;
            continue;
        }
        const std::string inside = text.substr(i + 1, end - i - 1);
        const std::size_t colon = inside.find(':');
        const std::string name = inside.substr(0, colon);
        const std::string format = colon == std::string::npos ? "" : inside.substr(colon + 1);
        i = end;
        const Value* value = value_of(name);
        if (value == nullptr) {
            refuse("a placeholder", "`{" + name + "}`", hint_for(name, names_of(values, further), "there are: "));
            continue;
        }
        if (!is_short(format)) {
            refuse("a width and a precision of at most 99", "`{" + inside + "}`", "");
            continue;
        }
        if (plain != nullptr && plain->contains(name)) {
            filled += plain->at(name);
            continue;
        }
        try {
            filled += formatted(*value, format);
        } catch (const std::exception&) {  // fmt's format_error
            refuse("a format for " + std::string(value->kind()), "`{" + inside + "}`",
                   "such as {index:02} or {frequency_MHz:.3f}");
        }
    }
    return filled;
}

}  // namespace flowspan::graph

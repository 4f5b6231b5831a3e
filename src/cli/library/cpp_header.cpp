// C++ classes of block types, from what the types declare.
#include "cli/library/cpp_header.hpp"

#include "cli/library/block_text.hpp"

#include <cctype>
#include <iterator>
#include <set>
#include <sstream>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::size_t line_width = 120;

Names names_in(const char* text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

const Names keywords = names_in(R"(
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await
co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do
double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace
new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires return
short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef
typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq)");

/// What a class has from BlockProxy, or is made with: a member of that name would hide it.
const Names taken_members = names_in(R"(
name set get call set_async get_async call_async hold release watch fetch BlockProxy Settings TypedParameter
TypedReading TypedCommand)");

/// The name as a C++ identifier that is not in `taken`; it is then.
std::string identifier(const std::string& name, Names& taken) {
    std::string id;
    for (const char c : name) id += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    if (id.empty() || std::isdigit(static_cast<unsigned char>(id.front())) != 0) id.insert(0, "n");
    while (keywords.contains(id) || taken.contains(id)) id += '_';
    taken.insert(id);
    return id;
}

std::string_view cpp_type(ParameterKind kind) {
    switch (kind) {
        case ParameterKind::boolean:
            return "bool";
        case ParameterKind::integer:
            return "std::int64_t";
        case ParameterKind::real:
            return "double";
        case ParameterKind::complex:
            return "std::complex<double>";
        case ParameterKind::reals:
            return "std::vector<double>";
        case ParameterKind::complexes:
            return "std::vector<std::complex<double>>";
        case ParameterKind::strings:
            return "std::vector<std::string>";
        case ParameterKind::string:
        case ParameterKind::sample_type:
        case ParameterKind::input_path:
        case ParameterKind::product_path:
            return "std::string";
    }
    return "";
}

std::string comment(std::string_view indent, const std::string& text) {
    std::istringstream words(text);
    std::string lines, line;
    for (std::string word; words >> word;) {
        if (!line.empty() && indent.size() + 4 + line.size() + 1 + word.size() > line_width) {
            lines += fmt::format("{}/// {}\n", indent, line);
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return line.empty() ? lines : lines + fmt::format("{}/// {}\n", indent, line);
}

std::string sentence(const std::string& help, std::string declared) {
    if (declared.empty()) return help;
    declared.front() = char(std::toupper(static_cast<unsigned char>(declared.front())));
    return help + (help.empty() ? "" : " ") + declared + ".";
}

std::string quoted(const std::string& text) { return Value(text).json(); }

/// The parts of a class that its parameters make.
struct Parts {
    std::string settings, given, members;
    bool required = false;
};

void add_parameter(Parts& parts, const ParameterDeclaration& d, Names& taken) {
    const std::string id = identifier(d.name, taken);
    const std::string_view type = cpp_type(d.kind);
    parts.settings += comment("        ", sentence(d.help, declared_text(d)));
    parts.settings += fmt::format("        std::optional<{}> {}{{}};\n", type, id);
    parts.given += fmt::format("{}\n              {{{}, detail::setting(settings.{})}}", parts.given.empty() ? "" : ",",
                               quoted(d.name), id);
    parts.members += fmt::format("    TypedParameter<{}> {}{{*this, {}}};\n", type, id, quoted(d.name));
    parts.required = parts.required || (!d.initial && !d.optional);
}

void add_reading(Parts& parts, const ReadingBase& r, Names& taken) {
    const std::string_view unit = r.options().unit.symbol;
    parts.members += comment("    ", sentence(r.options().help, unit.empty() ? "" : fmt::format("in {}", unit)));
    parts.members += fmt::format("    TypedReading<{}> {}{{*this, {}}};\n", cpp_type(r.kind()), identifier(r.name(), taken),
                                 quoted(r.name()));
}

void add_command(Parts& parts, const CommandBase& c, Names& taken) {
    std::string arguments;
    for (const ParameterKind kind : c.arguments())
        arguments += fmt::format("{}{}", arguments.empty() ? "" : ", ", cpp_type(kind));
    parts.members += comment("    ", c.options().help);
    parts.members +=
        fmt::format("    TypedCommand<{}> {}{{*this, {}}};\n", arguments, identifier(c.name(), taken), quoted(c.name()));
}

std::string class_of(const BlockType& type, Names& classes) {
    const std::string id = identifier(type.name, classes);
    const auto block = type.variants[0].make();
    Names taken = taken_members;
    taken.insert(id);
    Parts parts;
    for (const auto* p : block->parameters()) add_parameter(parts, p->declaration(), taken);
    for (const auto* r : block->readings()) add_reading(parts, *r, taken);
    for (const auto* c : block->commands()) add_command(parts, *c, taken);

    std::string text = comment("", type.summary) + fmt::format("class {} : public BlockProxy {{\npublic:\n", id);
    text += parts.settings.empty() ? "    struct Settings {};\n" : "    struct Settings {\n" + parts.settings + "    };\n";
    text += fmt::format("    explicit {}(const BlockProxy& block) : BlockProxy(block) {{}}\n", id);
    // A default argument `= {}` would need the members' initializers before the class is complete.
    if (!parts.required)
        text += fmt::format("    {0}(Graph& graph, const std::string& name) : {0}(graph, name, Settings{{}}) {{}}\n", id);
    text += fmt::format("    {}(Graph& graph, const std::string& name, const Settings&{}, int copies = 0)\n", id,
                        parts.given.empty() ? "" : " settings");
    text += fmt::format("        : {}(graph.add(name, {}, detail::given_settings({{{}}}), copies)) {{}}\n", id,
                        quoted(type.name), parts.given);
    return text + (parts.members.empty() ? "" : "\n" + parts.members) + "};\n";
}

constexpr std::string_view top =
    R"(// Block types as C++ classes, for graphs that a program builds; written by `flowspan blocks --cpp`:
//
//     flowspan::blocks::TYPE block(graph, "name", {.parameter = value});
//     block.parameter.set(value);
//
// Settings that are left out keep their defaults. A class can also be made of what `Graph::block` gives.
// clang-format off
#pragma once

#include <flowspan/typed.hpp>

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::blocks {
)";

}  // namespace

std::string cpp_header(const std::vector<const BlockType*>& types) {
    Names classes{"flowspan", "detail", "std"};
    std::string text(top);
    for (const BlockType* type : types) text += "\n" + class_of(*type, classes);
    return text + "\n}  // namespace flowspan::blocks\n";
}

}  // namespace flowspan::cli

#include "cli/library/block_text.hpp"
#include "cli/reference/pages.hpp"
#include "core/numbers/quantity.hpp"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::cli {
namespace {

/// "cf32, rf32", of a list of texts; "".
std::string listed(const Value& list, const char* quote = "`") {
    std::string text;
    for (const Value& one : list.list()) text += (text.empty() ? "" : ", ") + (quote + one.string()) + quote;
    return text;
}

std::string text_of(const Value& map, std::string_view key) {
    const Value* value = map.find(key);
    if (value == nullptr) return "";
    return value->is<std::string>() ? value->string() : value->is<double>() ? format_number(value->real()) : value->json();
}

std::string port_row(const char* way, const Value& port) {
    if (port.is<std::string>()) return fmt::format("| {} `{}` | messages |\n", way, port.string());
    std::string type = text_of(port, "type");
    if (type == "group") type = "any number of them, by connections";
    const std::string items = text_of(port, "items");
    if (!items.empty() && items != "items of one sample" && type != "any type") type += "; " + items;
    const Value* optional = port.find("optional");
    if (optional != nullptr && *optional == Value(true)) type += "; may be left unconnected";
    return fmt::format("| {} `{}` | {} |\n", way, text_of(port, "name"), cell(type));
}

std::string ports_of(const Value& v) {
    std::string rows;
    for (const auto& [key, way] :
         {std::pair("inputs", "in"), {"message_inputs", "in"}, {"outputs", "out"}, {"message_outputs", "out"}})
        for (const Value& port : v.at(key).list()) rows += port_row(way, port);
    return rows.empty() ? "" : "| port | carries |\n|---|---|\n" + rows + "\n";
}

std::string kind_of(const Value& p) {
    const Value* choices = p.find("choices");
    if (choices == nullptr) return text_of(p, "kind");
    return "one of " + listed(*choices);
}

std::string initial_of(const Value& p) {
    if (p.at("required") == Value(true)) return "must be given";
    const Value* initial = p.find("default");
    if (initial == nullptr) return "";
    return "`" + (*initial == Value("") ? std::string("\"\"") : text_of(p, "default")) + "`";
}

std::string help_of(const Value& p) {
    std::string help = text_of(p, "help");
    if (p.find("tag") != nullptr) help += fmt::format(" Tags `{}` set it.", text_of(p, "tag"));
    if (p.find("message") != nullptr) help += fmt::format(" Messages on `{}` set it.", text_of(p, "message"));
    return help;
}

std::string parameters_of(const Value& v) {
    std::string rows;
    for (const Value& p : v.at("parameters").list())
        rows += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", text_of(p, "name"), cell(kind_of(p)),
                            text_of(p, "unit"), text_of(p, "min"), text_of(p, "max"), cell(initial_of(p)), text_of(p, "when"),
                            cell(help_of(p)));
    if (rows.empty()) return "";
    return "| parameter | kind | unit | min | max | default | set | means |\n|---|---|---|---|---|---|---|---|\n" + rows + "\n";
}

std::string answers_of(const Value& v) {
    std::string rows;
    for (const Value& r : v.at("readings").list()) {
        const std::string unit = text_of(r, "unit");
        rows += fmt::format("| `{}` | {}{} | {} |\n", text_of(r, "name"), text_of(r, "kind"), unit.empty() ? "" : ", " + unit,
                            cell(text_of(r, "help")));
    }
    for (const Value& c : v.at("commands").list())
        rows += fmt::format("| `{}({})` | command{} | {} |\n", text_of(c, "name"), listed(c.at("arguments"), ""),
                            c.at("changes") == Value(true) ? "" : ", changes nothing", cell(text_of(c, "help")));
    return rows.empty() ? "" : "| while it runs | is | means |\n|---|---|---|\n" + rows + "\n";
}

std::string section(const BlockType& type) {
    const Value v = block_value(type);
    std::string text = fmt::format("## {}\n{}\n\n", type.name, type.summary);
    if (type.variants.size() > 1) text += fmt::format("Sample types: {}.\n\n", listed(v.at("variants")));
    if (const std::string types = listed(v.at("on_devices")); !types.empty())
        text += types == "`any type`" ? "Runs on GPUs.\n\n" : fmt::format("Runs on GPUs: {}.\n\n", types);
    text += ports_of(v) + parameters_of(v) + answers_of(v);
    std::string example = type.example;
    if (example.starts_with('{')) example = example.substr(1, example.size() - 2);
    return text + fmt::format("```yaml\n{0}: {{type: {0}{1}{2}}}\n```\n", type.name, example.empty() ? "" : ", ", example);
}

std::map<std::string, std::vector<const BlockType*>> by_kind(const Registry& registry) {
    std::map<std::string, std::vector<const BlockType*>> kinds;
    for (const auto& [name, type] : registry.all()) kinds[type.kind].push_back(&type);
    return kinds;
}

}  // namespace

std::string cell(const std::string& text) {
    std::string safe;
    bool code = false;
    for (const char c : text) {
        if (c == '`') code = !code;
        if (c == '|' || (!code && (c == '*' || c == '<' || c == '_'))) safe += '\\';
        safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string blocks_page(const std::string& kind, const std::vector<const BlockType*>& types) {
    std::string text = fmt::format(
        "# Blocks: {}\n\nWhat they declare; `flowspan blocks NAME` prints the same. A value may be written in any unit of its "
        "dimension "
        "(`75 kHz` where the unit is Hz). *set* says when a parameter may be set: `before` the run, or also while it is "
        "`running` "
        "([changes.md](../../changes.md)). [All blocks](README.md).\n",
        kind);
    for (const BlockType* type : types) text += "\n" + section(*type);
    return text;
}

std::string blocks_index(const Registry& registry) {
    std::string text =
        "# Blocks\n\nAll that flowspan brings along, by kind. What becomes of tags and messages that pass a block is in "
        "[graph-file.md](../../graph-file.md); how to write one in [blocks.md](../../blocks.md).\n";
    for (const auto& [kind, types] : by_kind(registry)) {
        text += fmt::format("\n## [{0}]({0}.md)\n| block | does |\n|---|---|\n", kind);
        for (const BlockType* type : types)
            text += fmt::format("| [`{0}`]({1}.md#{0}) | {2} |\n", type->name, kind, cell(type->summary));
    }
    return text;
}

}  // namespace flowspan::cli

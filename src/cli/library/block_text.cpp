#include "cli/library/block_text.hpp"

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

Value parameter_value(const ParameterDeclaration& d) {
    Value::Map m{{"name", d.name},
                 {"kind", name_of(d.kind)},
                 {"help", d.help},
                 {"when", d.when == Change::running ? "running" : "before"},
                 {"required", !d.initial && !d.optional}};
    if (!d.unit.symbol.empty()) m["unit"] = d.unit.symbol;
    if (d.initial) m["default"] = *d.initial;
    if (d.min) m["min"] = *d.min;
    if (d.max) m["max"] = *d.max;
    if (!d.choices.empty()) m["choices"] = Value::List(d.choices.begin(), d.choices.end());
    if (!d.tag.empty()) m["tag"] = d.tag;
    if (!d.message.empty()) m["message"] = d.message;
    return m;
}

Value reading_value(const ReadingBase& r) {
    Value::Map m{{"name", r.name()}, {"kind", name_of(r.kind())}, {"help", r.options().help}};
    if (!r.options().unit.symbol.empty()) m["unit"] = r.options().unit.symbol;
    return m;
}

Value command_value(const CommandBase& c) {
    Value::List arguments;
    for (const ParameterKind kind : c.arguments()) arguments.emplace_back(name_of(kind));
    return Value::Map{
        {"name", c.name()}, {"arguments", arguments}, {"changes", c.options().changes}, {"help", c.options().help}};
}

std::string type_text(SampleType t) { return t == SampleType::any ? "any type" : std::string(name_of(t)); }

std::string row(std::string_view title, const std::string& text, const std::string& help = {}) {
    const std::string first = fmt::format("  {:<16} {}\n", title, text);
    return help.empty() ? first : first + fmt::format("  {:<16}   {}\n", "", help);
}

std::string port_text(const Value& port) {
    const Value* items = port.find("items");
    const bool said = items != nullptr && port.at("type").string() != "any type" && *items != Value("items of one sample");
    return fmt::format("{} ({}{})", port.at("name").string(), port.at("type").string(), said ? "; " + items->string() : "");
}

std::string port_rows(std::string_view title, const Value& ports) {
    std::string rows;
    for (const Value& p : ports.list()) rows += row(title, p.is<std::string>() ? p.string() : port_text(p));
    return rows;
}

std::string reading_row(const ReadingBase& r) {
    const std::string_view unit = r.options().unit.symbol;
    return row("reading", fmt::format("{} ({}{}{})", r.name(), name_of(r.kind()), unit.empty() ? "" : ", ", unit),
               r.options().help);
}

std::string command_row(const CommandBase& c) {
    std::string arguments;
    for (const ParameterKind kind : c.arguments())
        arguments += fmt::format("{}{}", arguments.empty() ? "" : ", ", name_of(kind));
    return row("command", fmt::format("{}({}){}", c.name(), arguments, c.options().changes ? "" : "; changes nothing"),
               c.options().help);
}

}  // namespace

std::string declared_text(const ParameterDeclaration& d) {
    std::string text = d.expectation();
    if (d.initial)
        text += fmt::format("; default {}{}{}", d.initial->is<std::string>() ? d.initial->string() : d.initial->json(),
                            d.unit.symbol.empty() ? "" : " ", d.unit.symbol);
    else
        text += d.optional ? "; may be left out" : "; must be given";
    if (d.when == Change::running) text += "; may change while running";
    if (!d.tag.empty()) text += fmt::format("; set by tags `{}`", d.tag);
    if (!d.message.empty()) text += fmt::format("; set by messages on `{}`", d.message);
    return text;
}

std::string block_text(const BlockType& type) {
    const Value v = block_value(type);
    std::string text = fmt::format("{}: {}\n", type.name, type.summary);
    if (type.variants.size() > 1) {
        std::string names;
        for (const Value& t : v.at("variants").list()) names += (names.empty() ? "" : ", ") + t.string();
        text += row("sample types", names);
    }
    if (!v.at("on_devices").list().empty()) {
        std::string names;
        for (const Value& t : v.at("on_devices").list()) names += (names.empty() ? "" : ", ") + t.string();
        text += row("device: cuda", names);
    }
    text += port_rows("input", v.at("inputs"));
    text += port_rows("output", v.at("outputs"));
    text += port_rows("messages in", v.at("message_inputs"));
    text += port_rows("messages out", v.at("message_outputs"));
    const auto block = type.variants[0].make();
    for (const auto* p : block->parameters()) text += row(p->name(), declared_text(p->declaration()), p->declaration().help);
    for (const auto* r : block->readings()) text += reading_row(*r);
    for (const auto* c : block->commands()) text += command_row(*c);
    std::string example = type.example;
    if (example.starts_with('{')) example = example.substr(1, example.size() - 2);
    return text + row("example", fmt::format("{{type: {}{}{}}}", type.name, example.empty() ? "" : ", ", example));
}

Value block_value(const BlockType& type) {
    const auto block = type.variants[0].make();
    Value::List inputs, outputs, message_inputs, message_outputs, parameters, readings, commands, variants, on_devices;
    for (const auto* p : block->inputs())
        inputs.emplace_back(
            Value::Map{{"name", p->name()}, {"type", type_text(p->declared_type())}, {"items", p->options().items.text()}});
    for (const auto* p : block->outputs())
        outputs.emplace_back(
            Value::Map{{"name", p->name()}, {"type", type_text(p->declared_type())}, {"optional", p->options().optional}});
    for (const auto* g : block->groups())
        (g->is_input() ? inputs : outputs).emplace_back(Value::Map{{"name", g->name() + "[*]"}, {"type", "group"}});
    for (const auto* p : block->message_inputs()) message_inputs.emplace_back(p->name());
    for (const auto* p : block->message_outputs()) message_outputs.emplace_back(p->name());
    for (const auto* p : block->parameters()) parameters.push_back(parameter_value(p->declaration()));
    for (const auto* r : block->readings()) readings.push_back(reading_value(*r));
    for (const auto* c : block->commands()) commands.push_back(command_value(*c));
    for (const auto& v : type.variants) variants.emplace_back(type_text(v.type));
    for (const auto& v : type.variants)
        if (v.on_devices) on_devices.emplace_back(type_text(v.type));
    return Value::Map{{"type", type.name},
                      {"summary", type.summary},
                      {"kind", type.kind},
                      {"revision", type.revision},
                      {"example", type.example},
                      {"inputs", inputs},
                      {"outputs", outputs},
                      {"message_inputs", message_inputs},
                      {"message_outputs", message_outputs},
                      {"parameters", parameters},
                      {"readings", readings},
                      {"commands", commands},
                      {"variants", variants},
                      {"on_devices", on_devices}};
}

}  // namespace flowspan::cli

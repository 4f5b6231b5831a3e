// `flowspan blocks` and `flowspan info`.
#include "cli/cli.hpp"
#include "cli/types.hpp"
#include "graph/schema.hpp"
#include "graph/spec.hpp"
#include "io/recording_reader.hpp"

#include <cstdio>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

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
    return m;
}

std::string type_text(SampleType t) { return t == SampleType::any ? "any type" : std::string(name_of(t)); }

Value block_value(const BlockType& type) {
    const auto block = type.variants[0].make();
    Value::List inputs, outputs, message_inputs, message_outputs, parameters, variants;
    for (const auto* p : block->inputs())
        inputs.emplace_back(Value::Map{{"name", p->name()}, {"type", type_text(p->declared_type())}});
    for (const auto* p : block->outputs())
        outputs.emplace_back(
            Value::Map{{"name", p->name()}, {"type", type_text(p->declared_type())}, {"optional", p->options().optional}});
    for (const auto* g : block->groups())
        (g->is_input() ? inputs : outputs).emplace_back(Value::Map{{"name", g->name() + "[*]"}, {"type", "group"}});
    for (const auto* p : block->message_inputs()) message_inputs.emplace_back(p->name());
    for (const auto* p : block->message_outputs()) message_outputs.emplace_back(p->name());
    for (const auto* p : block->parameters()) parameters.push_back(parameter_value(p->declaration()));
    for (const auto& v : type.variants) variants.emplace_back(type_text(v.type));
    return Value::Map{{"type", type.name},
                      {"summary", type.summary},
                      {"example", type.example},
                      {"inputs", inputs},
                      {"outputs", outputs},
                      {"message_inputs", message_inputs},
                      {"message_outputs", message_outputs},
                      {"parameters", parameters},
                      {"variants", variants}};
}

void print_ports(std::string_view title, const Value& ports) {
    for (const Value& p : ports.list()) {
        if (p.is<std::string>())
            fmt::print("  {:<16} {}\n", title, p.string());
        else
            fmt::print("  {:<16} {} ({})\n", title, p.at("name").string(), p.at("type").string());
    }
}

void print_block(const BlockType& type) {
    const Value v = block_value(type);
    fmt::print("{}: {}\n", type.name, type.summary);
    if (type.variants.size() > 1) {
        std::string names;
        for (const Value& t : v.at("variants").list()) names += (names.empty() ? "" : ", ") + t.string();
        fmt::print("  {:<16} {}\n", "sample types", names);
    }
    print_ports("input", v.at("inputs"));
    print_ports("output", v.at("outputs"));
    print_ports("messages in", v.at("message_inputs"));
    print_ports("messages out", v.at("message_outputs"));
    const auto block = type.variants[0].make();
    for (const auto* p : block->parameters()) {
        const ParameterDeclaration& d = p->declaration();
        std::string line = fmt::format("  {:<16} {}", d.name, d.expectation());
        if (d.initial)
            line += fmt::format("; default {}{}", d.initial->is<std::string>() ? d.initial->string() : d.initial->json(),
                                d.unit.symbol.empty() ? "" : fmt::format(" {}", d.unit.symbol));
        else
            line += d.optional ? "; may be left out" : "; must be given";
        if (d.when == Change::running) line += "; may change while running";
        fmt::print("{}\n  {:<16}   {}\n", line, "", d.help);
    }
    std::string example = type.example;
    if (example.starts_with('{')) example = example.substr(1, example.size() - 2);
    fmt::print("  {:<16} {{type: {}{}{}}}\n", "example", type.name, example.empty() ? "" : ", ", example);
}

[[noreturn]] void refuse_type(const Registry& registry, const std::string& name) {
    std::vector<std::string> known;
    for (const auto& [n, t] : registry.all()) known.push_back(n);
    const std::string near = graph::nearest_name(name, known);
    Diagnostic wrong;
    wrong.expected = "a block type";
    wrong.got = name;
    wrong.hint = near.empty() ? "`flowspan blocks` lists them" : fmt::format("did you mean `{}`?", near);
    throw Refused(std::move(wrong));
}

int print_schema(const Registry& registry) {
    const auto summary = [&](const std::string& type) { return registry.find(type)->summary; };
    fmt::print("{}\n", graph::json_schema(Types(registry), summary).json());
    return 0;
}

int blocks(const Registry& registry, const std::string& name, bool json) {
    if (!name.empty() && registry.find(name) == nullptr) refuse_type(registry, name);
    if (json) {
        Value::List all;
        for (const auto& [n, t] : registry.all()) {
            if (name.empty() || n == name) all.push_back(block_value(t));
        }
        fmt::print("{}\n", name.empty() ? Value(all).json() : all[0].json());
    } else if (name.empty()) {
        for (const auto& [n, t] : registry.all()) fmt::print("{:<22} {}\n", n, t.summary);
    } else {
        print_block(*registry.find(name));
    }
    return 0;
}

int info(const std::vector<std::string>& paths, bool json) {
    for (const std::string& path : paths) {
        const Recording r = io::read_recording(path);
        if (json)
            fmt::print("{}\n", io::recording_info(r).json());
        else
            fmt::print("{}", io::describe_recording(r));
    }
    return 0;
}

}  // namespace

void add_blocks(CLI::App& app, run::Library& library, int& code) {
    auto name = std::make_shared<std::string>();
    auto plugins = std::make_shared<std::vector<std::string>>();
    auto json = std::make_shared<bool>(false), schema = std::make_shared<bool>(false);
    CLI::App* sub = app.add_subcommand("blocks", "Lists the block types, or one with its ports and parameters");
    sub->add_option("TYPE", *name, "A block type");
    sub->add_flag("--json", *json, "For programs");
    sub->add_flag("--schema", *schema, "Print the JSON Schema of graph files, for editors");
    add_plugin_option(*sub, *plugins);
    sub->callback([name, json, schema, plugins, &library, &code] {
        library.load(run::plugin_files(*plugins));
        code = *schema ? print_schema(library.registry()) : blocks(library.registry(), *name, *json);
    });
}

void add_info(CLI::App& app, int& code) {
    auto paths = std::make_shared<std::vector<std::string>>();
    auto json = std::make_shared<bool>(false);
    CLI::App* sub = app.add_subcommand("info", "Says what recordings hold, from their headers and names");
    sub->add_option("RECORDING", *paths, "SigMF, raw or WAV files")->required();
    sub->add_flag("--json", *json, "For programs, one line a recording");
    sub->callback([paths, json, &code] { code = info(*paths, *json); });
}

}  // namespace flowspan::cli

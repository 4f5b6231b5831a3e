// `flowspan blocks` and `flowspan info`.
#include "cli/block_text.hpp"
#include "cli/cli.hpp"
#include "cli/cpp_header.hpp"
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

[[noreturn]] void refuse_several_forms() {
    Diagnostic wrong;
    wrong.key = "blocks";
    wrong.expected = "one of --json, --schema and --cpp";
    wrong.got = "several";
    throw Refused(std::move(wrong));
}

int print_schema(const Registry& registry) {
    const auto summary = [&](const std::string& type) { return registry.find(type)->summary; };
    fmt::print("{}\n", graph::json_schema(Types(registry), summary).json());
    return 0;
}

// A plug-in's blocks alone where there are plug-ins: those of flowspan have their header already.
int print_cpp(const Registry& registry, const std::string& name) {
    if (!name.empty() && registry.find(name) == nullptr) refuse_type(registry, name);
    const bool plugins = registry.all().size() > built_in_blocks().all().size();
    std::vector<const BlockType*> types;
    for (const auto& [n, t] : registry.all()) {
        const bool wanted = name.empty() ? !plugins || built_in_blocks().find(n) == nullptr : n == name;
        if (wanted) types.push_back(&t);
    }
    fmt::print("{}", cpp_header(types));
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
        fmt::print("{}", block_text(*registry.find(name)));
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
    auto json = std::make_shared<bool>(false), schema = std::make_shared<bool>(false), cpp = std::make_shared<bool>(false);
    CLI::App* sub = app.add_subcommand("blocks", "Lists the block types, or one with its ports and parameters");
    sub->add_option("TYPE", *name, "A block type");
    sub->add_flag("--json", *json, "For programs");
    sub->add_flag("--schema", *schema, "Print the JSON Schema of graph files, for editors");
    sub->add_flag("--cpp", *cpp, "Print a C++ header with a class for each block type; with plug-ins, for theirs alone");
    add_plugin_option(*sub, *plugins);
    sub->callback([name, json, schema, cpp, plugins, &library, &code] {
        if (int(*json) + int(*schema) + int(*cpp) > 1) refuse_several_forms();
        library.load(run::plugin_files(*plugins));
        const Registry& registry = library.registry();
        code = *cpp ? print_cpp(registry, *name) : *schema ? print_schema(registry) : blocks(registry, *name, *json);
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

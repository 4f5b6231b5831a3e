// `flowspan blocks`.
#include "cli/cli.hpp"
#include "cli/library/block_text.hpp"
#include "cli/library/cpp_header.hpp"
#include "core/mistakes/names.hpp"
#include "graph/mistakes/from_gnuradio.hpp"
#include "graph/output/schema.hpp"
#include "graph/spec.hpp"
#include "runtime/flowgraph/catalog.hpp"

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
    const std::string hint = graph::hint_for_type(name, known);
    Diagnostic wrong;
    wrong.expected = "a block type";
    wrong.got = name;
    wrong.hint = hint.empty() ? "`flowspan blocks` lists them; those of a plug-in come with --plugin FILE" : hint;
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
    fmt::print("{}\n", graph::json_schema(runtime::BlockCatalog(registry), summary).json());
    return 0;
}

[[noreturn]] void refuse_kind(const std::string& kind, const std::map<std::string, std::vector<const BlockType*>>& known) {
    std::vector<std::string> names;
    for (const auto& [name, types] : known) names.push_back(name);
    Diagnostic wrong;
    wrong.key = "blocks --kind";
    wrong.expected = fmt::format("one of {}", fmt::join(names, ", "));
    wrong.got = kind;
    throw Refused(std::move(wrong));
}

// What is asked for, by kind; those of plug-ins have none.
std::map<std::string, std::vector<const BlockType*>> chosen(const Registry& registry, const std::string& name,
                                                            const std::string& kind) {
    std::map<std::string, std::vector<const BlockType*>> types;
    for (const auto& [n, t] : registry.all()) {
        if (name.empty() || n == name) types[t.kind].push_back(&t);
    }
    if (types.empty()) refuse_type(registry, name);
    if (!kind.empty()) {
        if (!types.contains(kind)) refuse_kind(kind, types);
        std::erase_if(types, [&](const auto& one) { return one.first != kind; });
    }
    return types;
}

// A plug-in's blocks alone where there are plug-ins: those of flowspan have their headers already.
int print_cpp(std::map<std::string, std::vector<const BlockType*>> types) {
    if (types.contains("")) std::erase_if(types, [](const auto& one) { return !one.first.empty(); });
    std::vector<const BlockType*> wanted;
    for (const auto& [kind, of_kind] : types) wanted.insert(wanted.end(), of_kind.begin(), of_kind.end());
    fmt::print("{}", cpp_header(wanted));
    return 0;
}

int print_json(const std::map<std::string, std::vector<const BlockType*>>& types, bool one) {
    Value::List all;
    for (const auto& [kind, of_kind] : types) {
        for (const BlockType* type : of_kind) all.push_back(block_value(*type));
    }
    fmt::print("{}\n", one ? all[0].json() : Value(all).json());
    return 0;
}

int print_list(const std::map<std::string, std::vector<const BlockType*>>& types) {
    const char* between = "";
    for (const auto& [kind, of_kind] : types) {
        fmt::print("{}{}\n", between, kind.empty() ? "of plug-ins" : kind);
        for (const BlockType* type : of_kind) fmt::print("  {:<22} {}\n", type->name, type->summary);
        between = "\n";
    }
    return 0;
}

}  // namespace

void add_blocks(CLI::App& app, run::Library& library, int& code) {
    auto name = std::make_shared<std::string>(), kind = std::make_shared<std::string>();
    auto plugins = std::make_shared<std::vector<std::string>>();
    auto json = std::make_shared<bool>(false), schema = std::make_shared<bool>(false), cpp = std::make_shared<bool>(false);
    CLI::App* sub = app.add_subcommand("blocks", "Lists the block types, or one with its ports and parameters");
    sub->add_option("TYPE", *name, "A block type");
    sub->add_option("--kind", *kind, "Blocks of this kind alone: filters, sources, …");
    sub->add_flag("--json", *json, "For programs");
    sub->add_flag("--schema", *schema, "Print the JSON Schema of graph files, for editors");
    sub->add_flag("--cpp", *cpp, "Print a C++ header with a class for each block type; with plug-ins, for theirs alone");
    add_plugin_option(*sub, *plugins);
    sub->callback([name, kind, json, schema, cpp, plugins, &library, &code] {
        if (int(*json) + int(*schema) + int(*cpp) > 1) refuse_several_forms();
        library.load(run::plugin_files(*plugins));
        const Registry& registry = library.registry();
        const auto types = chosen(registry, *name, *kind);
        if (*schema)
            code = print_schema(registry);
        else if (*cpp)
            code = print_cpp(types);
        else if (*json)
            code = print_json(types, !name->empty());
        else if (name->empty())
            code = print_list(types);
        else
            fmt::print("{}", block_text(*registry.find(*name)));
    });
}

}  // namespace flowspan::cli

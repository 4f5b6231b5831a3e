// `flowspan graphs`: those that come with flowspan.
#include "cli/cli.hpp"
#include "core/files/text.hpp"
#include "graph/shipped/shipped.hpp"
#include "graph/spec.hpp"
#include "graph/text/document.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace flowspan::cli {
namespace {

std::vector<std::string> comment_of(const graph::ShippedGraph& one) {
    return graph::opening_comment(read_text(one.file, graph::most_bytes));
}

int print_list(const std::vector<graph::ShippedGraph>& all) {
    std::size_t widest = 0;
    for (const graph::ShippedGraph& one : all) widest = std::max(widest, one.name.size());
    for (const graph::ShippedGraph& one : all) {
        const auto comment = comment_of(one);
        fmt::print("{:<{}}  {}\n", one.name, widest, comment.empty() ? "" : comment.front());
    }
    return 0;
}

int print_one(const graph::ShippedGraph& one) {
    const auto parameters = parameters_of(one.file);
    fmt::print("{}\n\nFile: {}\nParameters:{}\n", fmt::join(comment_of(one), "\n"), one.file,
               parameters.empty() ? " none" : "");
    print_parameters(parameters);
    return 0;
}

nlohmann::ordered_json json_of(const graph::ShippedGraph& one) {
    auto parameters = nlohmann::ordered_json::array();
    for (const graph::ParameterInfo& p : parameters_of(one.file))
        parameters.push_back({{"name", p.name},
                              {"default", p.value},
                              {"unit", p.unit},
                              {"range", p.range},
                              {"help", p.help},
                              {"choices", p.choices}});
    return {{"name", one.name},
            {"help", fmt::format("{}", fmt::join(comment_of(one), " "))},
            {"file", one.file},
            {"parameters", parameters}};
}

struct GraphsOptions {
    std::string name;
    bool json = false;
};

int graphs(const GraphsOptions& options) {
    auto all = graph::shipped_graphs();
    if (!options.name.empty()) std::erase_if(all, [&](const auto& one) { return one.name != options.name; });
    if (all.empty()) {
        Diagnostic wrong;
        wrong.expected = options.name.empty() ? "graphs beside flowspan's library or in share/flowspan/configs"
                                              : "the name of a graph that comes with flowspan";
        wrong.got = options.name.empty() ? "none" : options.name;
        wrong.hint = options.name.empty() ? "" : graph::hint_for_graph(options.name);
        throw Refused(std::move(wrong));
    }
    if (options.json) {
        auto list = nlohmann::ordered_json::array();
        for (const graph::ShippedGraph& one : all) list.push_back(json_of(one));
        fmt::print("{}\n", list.dump(2));
        return 0;
    }
    return options.name.empty() ? print_list(all) : print_one(all.front());
}

}  // namespace

void add_graphs(CLI::App& app, int& code) {
    auto options = std::make_shared<GraphsOptions>();
    CLI::App* sub = app.add_subcommand(
        "graphs", "Lists the graphs that come with flowspan and run by name; with a name, its file and parameters");
    sub->add_option("NAME", options->name, "Only this one");
    sub->add_flag("--json", options->json, "With their parameters, for programs");
    sub->callback([options, &code] { code = graphs(*options); });
}

}  // namespace flowspan::cli

#include "cli/cli.hpp"
#include "core/say.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {

void add_plugin_option(CLI::App& app, std::vector<std::string>& plugins) {
    app.add_option("--plugin", plugins,
                   "Load block types from this shared object; may be given several times, beside what the environment names in "
                   "FLOWSPAN_PLUGINS (FILE:FILE…)")
        ->type_name("FILE")
        ->take_all()
        ->allow_extra_args(false);
}

void GraphOptions::add_to(CLI::App& app) {
    app.add_option("GRAPH", graph, "The graph file (YAML; see docs/graph-file.md)")->required();
    app.add_option("--set", set,
                   "Override a parameter: NAME=VALUE (of the graph) or BLOCK.KEY=VALUE; may be given several times")
        ->type_name("K=V")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option(
           "--ranks", ranks,
           "Where blocks run: a file with a `ranks:` section, `auto` (divided by cost) or `fold` (rank r runs as r mod n)")
        ->type_name("FILE|auto|fold");
    app.add_option("--out", out, "Folder for everything that is made")->type_name("DIR")->capture_default_str();
    app.add_option("--from", from, "Begin every source here: samples, a time (2.5 s) or UTC")->type_name("T");
    app.add_option("--duration", duration, "Read this much of every source: samples or a time")->type_name("T");
    add_plugin_option(app, plugins);
}

std::string read_text(const std::string& path) { return graph::Outside().text_of(path); }

run::JobRequest GraphOptions::request() const {
    run::JobRequest r;
    r.graph_file = graph;
    try {
        r.graph_text = read_text(graph);
    } catch (const Failure& e) { throw Refused(Diagnostic{{}, "", "a graph file", e.what(), "", {}}); }
    for (const std::string& s : set) {
        const auto equals = s.find('=');
        if (equals == std::string::npos || equals == 0) throw Refused(Diagnostic{{}, "--set", "KEY=VALUE", s, "", {}});
        r.read.overrides.push_back({s.substr(0, equals), s.substr(equals + 1)});
    }
    if (ranks == "auto")
        r.read.ranks_auto = true;
    else if (ranks == "fold")
        r.read.ranks_fold = true;
    else if (!ranks.empty()) {
        r.read.ranks_text = read_text(ranks);
        r.read.ranks_file = ranks;
    }
    r.out = out;
    r.from = from;
    r.duration = duration;
    return r;
}

void print(const Diagnostics& diagnostics) {
    for (const Diagnostic& d : diagnostics) say_line(d.text());
    if (diagnostics.size() > 1) say_line(fmt::format("{} mistakes", diagnostics.size()));
}

}  // namespace flowspan::cli

#include "cli/cli.hpp"
#include "cli/launch/ranks.hpp"
#include "cli/words/validators.hpp"
#include "core/files/file_kind.hpp"
#include "core/files/text.hpp"
#include "core/say.hpp"
#include "graph/shipped/shipped.hpp"
#include "graph/text/document.hpp"
#include "graph/text/keys.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>

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
    app.add_option("GRAPH", graph, "The graph file (YAML; see docs/graph-file.md), or a name that `flowspan graphs` lists")
        ->required()
        ->transform(CLI::Validator(
            [](std::string& word) {
                word = graph::graph_file_of(word);
                return std::string();
            },
            ""));
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
    app.add_option("--device", device,
                   "Where blocks run for which the graph does not say it by `device:`: cpu, cuda (those that have kernels for "
                   "devices) or auto (where all ranks have a device)")
        ->check(one_of({graph::keys::devices.begin(), graph::keys::devices.end()}))
        ->type_name("cpu|cuda|auto")
        ->capture_default_str();
    app.add_option("--device-chunk", device_chunk, "What a call on a device makes at most, and a copy there (default: 16 MiB)")
        ->type_name("SIZE")
        ->transform(cli::size());
    add_plugin_option(app, plugins);
}

void add_readers_option(CLI::App& app, int& readers) {
    app.add_option("--readers", readers, "Threads of a rank that share each large read of a file")
        ->transform(whole_number(1, 256))
        ->type_name("N")
        ->capture_default_str();
}

std::string graph_name(const std::string& path) {
    const auto descriptor = descriptor_of(path);
    return !descriptor ? path : *descriptor == STDIN_FILENO ? "(stdin)" : "(pipe)";
}

std::string text_of_graph(const std::string& path, const PipePatience& patience) {
    try {
        return read_text(path, graph::most_bytes, patience);
    } catch (const Failure& e) {
        if (e.code() == ExitCode::stopped) throw;
        if (kind_of(path) == FileKind::none && graph::may_name_graph(path)) {
            Diagnostic unknown;
            unknown.expected = "a graph file, or the name of a graph that comes with flowspan";
            unknown.got = path;
            unknown.hint = graph::hint_for_graph(path);
            throw Refused(std::move(unknown));
        }
        const bool lost = descriptor_of(path) && kind_of(path) == FileKind::none;
        throw Refused(Diagnostic{{},
                                 "",
                                 "a graph file",
                                 e.what(),
                                 lost ? "mpirun and srun hand no such pipe on: give the graph as /dev/stdin, `… | mpirun …`"
                                      : graph::hint_for_graph(path),
                                 {}});
    }
}

run::JobRequest GraphOptions::request(const std::function<bool()>& stop) const {
    run::JobRequest r;
    const PipePatience patience{patience_s, stop};
    r.graph_file = graph_name(graph);
    r.graph_text = text_of_graph(graph, patience);
    std::map<std::string, std::string> given;
    for (const std::string& s : set) {
        const auto equals = s.find('=');
        if (equals == std::string::npos || equals == 0) throw Refused(Diagnostic{{}, "--set", "KEY=VALUE", s, "", {}});
        if (const auto [earlier, fresh] = given.emplace(s.substr(0, equals), s); !fresh)
            throw Refused(Diagnostic{{}, "--set", "each name once", fmt::format("{} and {}", earlier->second, s), "", {}});
        r.read.overrides.push_back({s.substr(0, equals), s.substr(equals + 1)});
    }
    if (ranks == "auto")
        r.read.ranks_auto = true;
    else if (ranks == "fold")
        r.read.ranks_fold = true;
    else if (!ranks.empty()) {
        r.read.ranks_text = read_text(ranks, graph::most_bytes, patience);
        r.read.ranks_file = ranks;
    }
    r.read.device = graph::parse_device(device).value();
    r.device_chunk = device_chunk;
    r.out = out;
    r.from = from;
    r.duration = duration;
    return r;
}

void print(const Diagnostics& diagnostics) {
    constexpr std::size_t most_shown = 1000;
    for (std::size_t k = 0; k < std::min(diagnostics.size(), most_shown); ++k) say_line(diagnostics[k].text());
    const std::string some = diagnostics.size() > most_shown ? fmt::format(", the first {} shown", most_shown) : "";
    if (diagnostics.size() > 1) say_line(fmt::format("{} mistakes{}", diagnostics.size(), some));
}

}  // namespace flowspan::cli

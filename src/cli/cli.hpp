// The command line: one function a subcommand; `main` only dispatches and maps what is thrown to exit codes.
#pragma once

#include "run/job/job.hpp"
#include "run/plugins/library.hpp"

#include <flowspan/registry.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace flowspan {
struct PipePatience;
namespace graph {
struct ParameterInfo;
}
}  // namespace flowspan

namespace flowspan::cli {

/// More is a slip: no machine starts so many.
inline constexpr int most_ranks = 65536;

/// Options that `run`, `check` and `draw` share: which graph, with which overrides, on which ranks.
struct GraphOptions {
    std::string graph, ranks, out = ".", from, duration, device = "cpu";
    std::uint64_t device_chunk = 0;  // bytes; 0: not given
    std::vector<std::string> set, plugins;
    int rank_count = 0;      // -n; 0: not given
    double patience_s = 30;  // for a graph that comes through a pipe
    void add_to(CLI::App& app);
    /// Reads the files, from a pipe within the patience or until `stop` says so; throws Refused, Failure.
    run::JobRequest request(const std::function<bool()>& stop = {}) const;
};

/// Each adds its subcommand to `app` and stores in `code` what it returned.
/// `library` holds the blocks that are there without plug-ins; a subcommand adds those that its options name.
void add_run(CLI::App& app, run::Library& library, int argc, char** argv, int& code);
void add_batch(CLI::App& app, run::Library& library, int argc, char** argv, int& code);
void add_check(CLI::App& app, run::Library& library, int& code);
void add_draw(CLI::App& app, run::Library& library, int& code);
void add_blocks(CLI::App& app, run::Library& library, int& code);
void add_graphs(CLI::App& app, int& code);
void add_info(CLI::App& app, run::Library& library, int& code);
void add_convert(CLI::App& app, run::Library& library, int& code);
void add_cut(CLI::App& app, run::Library& library, int& code);
void add_new_block(CLI::App& app, const run::Library& library, int& code);
void add_ctl(CLI::App& app, int& code);
void add_recover(CLI::App& app, int& code);

/// `--readers N`: threads that share each large read of a file.
void add_readers_option(CLI::App& app, int& readers);
/// `--plugin FILE`, any number of times.
void add_plugin_option(CLI::App& app, std::vector<std::string>& plugins);
/// What a recording is, where it does not say so itself: as parameters of its source.
void add_told_options(CLI::App& app, std::map<std::string, std::string>& reading);
/// How a recording is to be read, too: by which parameters of its source.
void add_reading_options(CLI::App& app, std::map<std::string, std::string>& reading);
void add_completion(CLI::App& app, int& code);
/// The pages of docs/reference, from what `app` and the blocks declare.
void add_reference(CLI::App& app, int& code);

/// Behind the help of a subcommand that was given a graph: the graph's parameters. Throws Refused, Failure.
void print_graph_parameters(const CLI::App& app);
/// Those of a graph, a paragraph each.
void print_parameters(const std::vector<graph::ParameterInfo>& parameters);
std::vector<graph::ParameterInfo> parameters_of(const std::string& graph_file);

/// Prints every diagnostic to stderr, each whole.
void print(const Diagnostics& diagnostics);
/// What a graph is called in messages, and what its relative paths begin from: its own path. What comes through a descriptor,
/// as <(…) and /dev/stdin do, lies in no folder: its paths begin where you are.
std::string graph_name(const std::string& path);
/// The text of a graph, from a pipe within the patience. Throws Refused, Failure.
std::string text_of_graph(const std::string& path, const PipePatience& patience);

}  // namespace flowspan::cli

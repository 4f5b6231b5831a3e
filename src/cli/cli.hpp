// The command line: one function a subcommand; `main` only dispatches and maps what is thrown to exit codes.
#pragma once

#include "run/job/job.hpp"
#include "run/plugins/library.hpp"

#include <flowspan/registry.hpp>

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace flowspan::cli {

/// Options that `run`, `check` and `draw` share: which graph, with which overrides, on which ranks.
struct GraphOptions {
    std::string graph, ranks, out = ".", from, duration;
    std::vector<std::string> set, plugins;
    int rank_count = 0;  // -n; 0: not given
    void add_to(CLI::App& app);
    /// Reads the files; throws Refused.
    run::JobRequest request() const;
};

/// Each adds its subcommand to `app` and stores in `code` what it returned.
/// `library` holds the blocks that are there without plug-ins; a subcommand adds those that its options name.
void add_run(CLI::App& app, run::Library& library, int argc, char** argv, int& code);
void add_check(CLI::App& app, run::Library& library, int& code);
void add_draw(CLI::App& app, run::Library& library, int& code);
void add_blocks(CLI::App& app, run::Library& library, int& code);
void add_info(CLI::App& app, int& code);
void add_new_block(CLI::App& app, const run::Library& library, int& code);
void add_ctl(CLI::App& app, int& code);
void add_recover(CLI::App& app, int& code);

/// `--plugin FILE`, any number of times.
void add_plugin_option(CLI::App& app, std::vector<std::string>& plugins);
void add_completion(CLI::App& app, int& code);

/// Behind the help of a subcommand that was given a graph: the graph's parameters. Throws Refused, Failure.
void print_graph_parameters(const CLI::App& app);

/// Prints every diagnostic to stderr, each whole.
void print(const Diagnostics& diagnostics);
/// The whole of a text file. Throws Failure.
std::string read_text(const std::string& path);

}  // namespace flowspan::cli

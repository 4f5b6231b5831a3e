#include "cli/cli.hpp"
#include "cli/launch/ranks.hpp"
#include "cli/launch/words.hpp"
#include "cli/progress.hpp"
#include "cli/words/validators.hpp"
#include "comm/local/local.hpp"
#include "comm/mpi/mpi.hpp"
#include "core/files/file_kind.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/numbers/quantity.hpp"
#include "core/say.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/product.hpp"
#include "io/record/recover.hpp"
#include "run/job/log.hpp"
#include "run/plugins/share.hpp"
#include "run/report/summary.hpp"
#include "run/signs/attended.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"
#include "run/start/team.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

struct RunOptions : GraphOptions {
    bool overwrite = false, until_stopped = false, quiet = false, hash = false;
    std::string control, report, progress = "auto", isa = "best", fft = "native", log_level = "info", chunks;
    std::uint64_t memory = 0, device_memory = 0;
    int readers = 1;
    RankOptions ranks_of_run;
    std::vector<std::string> command;
};

/// 0 for what is none.
std::uint64_t whole_number(const std::string& text) {
    const auto number = parse_integer(text);
    return number && *number > 0 ? std::uint64_t(*number) : 0;
}

// `--chunks`: "N" limits calls to N items, "random:SEED" makes them of random size. For tests of promise 1.
void set_chunks(const std::string& text, run::JobRequest& request) {
    if (text.empty()) return;
    const std::string random = "random:";
    if (text.starts_with(random))
        request.chunk_seed = whole_number(text.substr(random.size()));
    else
        request.max_chunk = whole_number(text);
    if (request.chunk_seed == 0 && request.max_chunk == 0)
        throw Refused(Diagnostic{{}, "--chunks", "a number of items or random:SEED", text, "", {}});
}

run::JobRequest asked(const RunOptions& o, run::Library& library, const std::vector<run::PluginFile>& plugins, bool root) {
    run::JobRequest request;
    request.patience_s = o.patience_s;
    try {
        library.load(plugins);
        if (!root) return request;
        request = o.request([] { return run::Signals::stop_asked() || run::Signals::told_to_leave(); });
        request.overwrite = o.overwrite;
        request.report = o.report;
        if (!o.control.empty()) request.control = std::filesystem::absolute(o.control).lexically_normal().string();
        request.until_stopped = o.until_stopped;
        request.patience_s = o.patience_s;
        request.isa = o.isa;
        request.fft = o.fft;
        request.transport = o.ranks_of_run.transport;
        request.log_level = int(run::log_level(o.quiet ? "warning" : o.log_level).value());
        request.memory_limit = o.memory;
        request.device_memory_limit = o.device_memory;
        request.readers = o.readers;
        request.hash_inputs = !o.report.empty();
        request.hash_products = o.hash;
        request.command = o.command;
        set_chunks(o.chunks, request);
    } catch (...) {
        request.trouble = std::current_exception();  // the other ranks wait for what this one has to say
    }
    return request;
}

/// The last line is the cause or the outcome.
void say_how_it_ended(const run::JobResult& result, bool quiet) {
    if (!result.diagnostics.empty()) return print(result.diagnostics);
    if (result.code == ExitCode::stopped && !result.cause.empty()) return say_line(result.cause);
    // The launcher has got the signal, and says which.
    if (under_launcher() && int(result.code) == run::code_of_signal(SIGUSR2)) return announce_end(result.cause);
    if (!result.cause.empty()) return say_line("flowspan: " + result.cause);
    if (quiet) return;
    std::string outcome = result.late_stop ? "done: the stop came when nothing was left to stop, and all is published" : "done";
    if (result.code == ExitCode::stopped)
        outcome = "stopped on request; products are kept as " + io::partial_path("NAME.EXT", result.partial);
    if (!result.no_report.empty()) outcome += "; " + result.no_report;
    say_line(run::screen(result.report) + outcome);
}

int run_here(const RunOptions& o, run::Library& library, comm::Communicator& communicator) {
    const bool root = communicator.rank() == 0;
    if (const int promised = comm::promised_ranks(); promised > communicator.size() && promised > 1) {
        // A launcher without PMIx support starts singletons: each would run the whole graph.
        throw Failure(ExitCode::communication,
                      fmt::format("the launcher promises {} ranks, MPI has {}: MPI and the launcher do not find each other; "
                                  "under Slurm give srun --mpi=pmix",
                                  promised, communicator.size()));
    }
    run::JobHooks hooks;
    hooks.leaving = [](int c) { leave_code(c); };
    const auto plugins = run::share_plugins(communicator, o.patience_s, hooks.leaving, run::plugin_files(o.plugins));
    const run::JobRequest request = asked(o, library, plugins, root);
    ProgressDisplay display(o.quiet ? "off" : o.progress);
    hooks.told_is_final = under_launcher();
    if (under_launcher()) hooks.lost = [](const std::string& how) { announce_loss(how); };
    if (root) {
        hooks.claims = [](const std::vector<std::string>& locks) { announce_locks(locks); };
        hooks.ready = [] { announce_ready(); };
        hooks.committed = [] { announce_committed(); };
        hooks.progress = [&](const run::Progress& p) { display.show(p); };
        hooks.note = [&](const std::string& line) {
            display.end();  // a bar comes again below the line
            say_line(line);
        };
    }
    run::Team team(communicator, library.plugins());
    const run::JobResult result = run::run_unit(team, library.registry(), request, hooks);
    if (!root) return 0;
    display.end();
    if (o.report == "-" && !result.report.is_null()) fmt::print("{}\n", result.report.json());
    say_how_it_ended(result, o.quiet);
    return int(result.code);
}

}  // namespace

void add_run(CLI::App& app, run::Library& library, int argc, char** argv, int& code) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* sub =
        app.add_subcommand("run", "Runs a graph, on the ranks that started it (mpirun, srun), on -n ranks, or on one");
    options->add_to(*sub);
    options->ranks_of_run.add_to(*sub);
    sub->add_flag("--overwrite", options->overwrite, "Replace products that exist");
    CLI::Option* report = sub->add_option("--report", options->report, "Write a JSON report; - is stdout")->type_name("FILE|-");
    sub->add_flag("--hash", options->hash, "Put the XXH3-128 of every product into the report (what xxh128sum prints)")
        ->needs(report);
    sub->add_option("--control", options->control, "Serve `flowspan ctl` on this socket while it runs")->type_name("SOCKET");
    sub->add_option("--progress", options->progress, "Show how far it is")
        ->check(one_of({"auto", "on", "off"}))
        ->capture_default_str();
    sub->add_flag("--until-stopped", options->until_stopped,
                  "Allow sources without an end; stop with SIGUSR1, TERM, HUP or Ctrl-C");
    sub->add_option("--isa", options->isa, "Instruction-set level of the kernels: best, x86-64-v2, avx2, avx512")
        ->type_name("LEVEL")
        ->capture_default_str();
    sub->add_option("--fft", options->fft, "native: what suits the processor; portable: the same bits on all of them, slower")
        ->check(one_of({"native", "portable"}))
        ->capture_default_str();
    sub->add_option("--log-level", options->log_level, "Which lines go to stderr while it runs")
        ->check(one_of({"trace", "debug", "info", "warning", "error"}))
        ->capture_default_str();
    sub->add_option(
           "--patience", options->patience_s,
           "A rank without a sign of life for so long is lost; a call of a block that takes half of it fails; a pipe that the "
           "graph comes through, or a product goes into, is waited for so long")
        ->type_name("SECONDS")
        ->transform(cli::seconds())
        ->capture_default_str();
    sub->add_option("--memory", options->memory, "Refuse a graph that needs more on a rank")
        ->type_name("SIZE")
        ->transform(cli::size());
    sub->add_option("--device-memory", options->device_memory, "Refuse a graph that needs more of a rank's device")
        ->type_name("SIZE")
        ->transform(cli::size());
    add_readers_option(*sub, options->readers);
    sub->add_flag("-q,--quiet", options->quiet, "Only warnings and errors on stderr");
    sub->add_option("--chunks", options->chunks, "For tests: at most N items a call, or random:SEED")->group("");
    options->command.assign(argv, argv + argc);
    options->ranks_of_run.words.assign(argv + 1, argv + argc);
    sub->callback([options, &library, &code] {
        options->ranks_of_run.patience_s = options->patience_s;
        RankBody body;
        body.body = [&](comm::Communicator& communicator) { return run_here(*options, library, communicator); };
        body.piped = options->graph;
        code = on_ranks(options->ranks_of_run, body);
    });
}

}  // namespace flowspan::cli

#include "cli/cli.hpp"
#include "cli/launch/hostfile.hpp"
#include "cli/launch/launcher.hpp"
#include "cli/launch/words.hpp"
#include "cli/progress.hpp"
#include "comm/local/local.hpp"
#include "comm/mpi/mpi.hpp"
#include "core/files/file_kind.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/numbers/quantity.hpp"
#include "core/say.hpp"
#include "io/claim/folder.hpp"
#include "io/claim/recover.hpp"
#include "io/publish/product.hpp"
#include "run/job/log.hpp"
#include "run/report/summary.hpp"
#include "run/start/attended.hpp"
#include "run/start/signals.hpp"
#include "run/start/team.hpp"
#include "run/start/watch.hpp"

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
    std::string control, report, progress = "auto", isa = "best", fft = "native", transport = "auto", log_level = "info",
                                 chunks;
    std::uint64_t memory = 0;
    std::string hosts;
    std::vector<std::string> words;  // the command line
};

std::string own_path() {
    char path[PATH_MAX] = {};
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) throw Failure(ExitCode::bug, "cannot find the own executable");
    return {path, std::size_t(n)};
}

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

run::JobRequest asked(const RunOptions& o, run::Library& library, bool root) {
    run::JobRequest request;
    request.patience_s = o.patience_s;
    try {
        library.load(run::plugin_files(o.plugins));
        if (!root) return request;
        request = o.request([] { return run::Signals::stop_asked() || run::Signals::told_to_leave(); });
        request.overwrite = o.overwrite;
        request.report = o.report;
        if (!o.control.empty()) request.control = std::filesystem::absolute(o.control).lexically_normal().string();
        request.until_stopped = o.until_stopped;
        request.patience_s = o.patience_s;
        request.isa = o.isa;
        request.fft = o.fft;
        request.transport = o.transport;
        request.log_level = int(run::log_level(o.quiet ? "warning" : o.log_level).value());
        request.memory_limit = o.memory;
        request.hash_inputs = !o.report.empty();
        request.hash_products = o.hash;
        request.command = o.words;
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
    const run::JobRequest request = asked(o, library, root);
    ProgressDisplay display(o.quiet ? "off" : o.progress);
    run::JobHooks hooks;
    hooks.leaving = [](int c) { leave_code(c); };
    hooks.told_is_final = under_launcher();
    if (under_launcher()) hooks.lost = [](const std::string& how) { announce_loss(how); };
    if (root) {
        hooks.claims = [](const std::vector<std::string>& locks) { announce_locks(locks); };
        hooks.ready = [] { announce_ready(); };
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

/// Shared memory reaches the ranks of one node.
void check_transport(const RunOptions& o, comm::Communicator& communicator) {
    if (o.transport != "shared-memory") return;
    const std::vector<std::string> hosts = communicator.all_gather(communicator.host());
    for (std::size_t r = 1; r < hosts.size(); ++r) {
        if (hosts[r] == hosts[0]) continue;
        throw Failure(ExitCode::usage, fmt::format("--transport shared-memory: rank 0 is on {} and rank {} on {}; give auto",
                                                   hosts[0], r, hosts[r]));
    }
}

/// Another rank may be waited for in MPI for ever: this one leaves with its timer's help, and without MPI.
[[noreturn]] void leave_as_told(const run::ToldToLeave& told, bool root) {
    if (root && !told.said && !under_launcher()) {  // (that says what has become of a rank)
        say_line("flowspan: " + run::told_text() + "; nothing is published");
        leave_code(int(ExitCode::communication));
    }
    std::_Exit(int(ExitCode::communication));
}

/// Below MPI: from when it is there until it is to end. Returns the code of this rank.
int run_in_world(const RunOptions& o, run::Library& library, comm::Communicator& communicator) {
    const bool root = communicator.rank() == 0;
    try {
        {
            run::Attended attended(communicator, o.patience_s, [](int c) { leave_code(c); });
            check_transport(o, attended);
            attended.over();
        }
        const int code = run_here(o, library, communicator);
        if (root) leave_code(code);
        return code;
    } catch (const run::ToldToLeave& told) { leave_as_told(told, root); } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        const int code = int(failure.code());
        say_line(std::string("flowspan: ") + failure.what());
        leave_code(code);
        std::fflush(nullptr);
        const run::Watch::Bound bound(code, 2);
        if (communicator.size() > 1) communicator.abort(code);
        return code;
    }
}

int run_with_mpi(const RunOptions& o, run::Library& library) {
    // Under srun, and below our own launcher, nobody sends TERM because a peer died.
    const bool term_is_stop = std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr;
    std::signal(SIGUSR1, SIG_IGN);             // mpirun may pass on a stop when this rank is about to be gone
    const run::Signals signals(term_is_stop);  // MPI takes its time to begin
    const int rank = comm::promised_rank();
    announce_here(rank);
    run::Watch watch({o.patience_s, rank, under_launcher(), [](int c) { leave_code(c); },
                      [rank] {
                          if (rank == 0) announce_alive();
                      }});
    std::optional<run::Watch::Bound> bound;
    const std::string within = fmt::format("within {:g} s (--patience)", o.patience_s);
    bound.emplace("nothing is published: MPI has not begun " + within);
    std::optional<comm::MpiLibrary> mpi(std::in_place);
    auto communicator = mpi->world();
    bound.reset();
    const int code = run_in_world(o, library, *communicator);
    if (communicator->rank() == 0)
        bound.emplace(code);
    else
        bound.emplace("the run is over, but MPI has not ended " + within, o.patience_s + 2);
    communicator.reset();
    mpi.reset();
    bound.reset();
    return code;
}

/// A killed rank leaves temporaries behind: whoever started them cleans up. Returns what has become of the products.
std::string tidy(const Launched& launched) {
    std::vector<std::string> folders;
    std::string run;
    for (const std::string& lock : launched.locks) {
        if (!std::filesystem::exists(lock)) continue;
        folders.push_back(io::folder_of(lock));
        run = io::run_of(io::name_of(lock), "lock").value_or("");
    }
    if (folders.empty()) return "nothing is published";
    const std::string later =
        fmt::format("what has become of its products `flowspan recover {}` says", fmt::join(folders, " "));
    if (!launched.gone) return later;
    try {
        return io::end_of_run(folders, run);
    } catch (const std::exception&) { return later; }
}

bool reader_of_stdout_is_gone() {
    pollfd one{STDOUT_FILENO, POLLOUT, 0};
    return kind_of(STDOUT_FILENO) == FileKind::fifo && ::poll(&one, 1, 0) > 0 && (one.revents & POLLERR) != 0;
}

/// mpirun gives its ranks no descriptors of ours but for rank 0's standard input, so a graph in `<(…)` goes through that.
void hand_on_as_stdin(const std::string& graph, std::vector<std::string>& words) {
    const auto descriptor = descriptor_of(graph);
    if (!descriptor || *descriptor <= STDERR_FILENO || kind_of(graph) == FileKind::none) return;
    if (dup2(*descriptor, STDIN_FILENO) < 0) throw file_failure("read", graph, errno);
    std::replace(words.begin(), words.end(), graph, std::string("/dev/stdin"));
}

/// CLI11's own check of numbers lets nan and inf pass.
std::string check_seconds(const std::string& text) {
    constexpr double most = 1e7;
    const auto value = parse_number(text);
    return value && *value > 0 && *value <= most ? "" : "expected seconds, more than 0 and at most 1e7, got " + text;
}

std::string check_size(const std::string& text) {
    return text.starts_with('-') ? "expected a size such as 8G, got " + text : "";
}

/// What `mpirun` or `srun` has decided.
void refuse_launcher_options(const RunOptions& o) {
    const auto refuse = [](const std::string& option, const std::string& got, const std::string& what) {
        throw Refused(Diagnostic{
            {}, option, fmt::format("no {} below mpirun or srun", option), got, "the launcher sets the " + what, {}});
    };
    if (o.rank_count > 0) refuse("-n", std::to_string(o.rank_count), "number of ranks");
    if (!o.hosts.empty()) refuse("--hosts", o.hosts, "hosts");
}

int run(const RunOptions& o, run::Library& library, int argc, char** argv) {
    try {
        comm::choose_transport(o.transport);  // what mpirun starts inherits it
    } catch (const Refused& refused) {
        if (comm::promised_rank() > 0) return int(refused.code());  // rank 0 says it
        throw;
    }
    if (comm::started_by_launcher()) {
        if (!under_launcher()) refuse_launcher_options(o);
        if (comm::promised_ranks() > 1 && !comm::launcher_speaks_pmix()) {
            // MPI would end each rank by itself with a page of its own.
            throw Failure(
                ExitCode::communication,
                fmt::format("the launcher promises {} ranks but does not speak PMIx: under Slurm give srun --mpi=pmix",
                            comm::promised_ranks()));
        }
        return run_with_mpi(o, library);
    }
    if (!o.hosts.empty()) {
        if (o.rank_count == 0) throw Refused(Diagnostic{{}, "--hosts", "-n N with it", "none", "say how many ranks", {}});
        check_hostfile(o.hosts);
    }
    if (o.rank_count > 1 || !o.hosts.empty()) {
        std::vector<std::string> words(argv + 1, argv + argc);
        hand_on_as_stdin(o.graph, words);
        const Launched launched = launch({o.rank_count, o.hosts, o.patience_s, own_path(), words});
        const std::string outcome = launched.code == 0 ? "" : tidy(launched);
        if (!launched.lost.empty()) say_line(launched.lost + outcome);
        if (launched.code != int(ExitCode::communication) || !reader_of_stdout_is_gone()) return launched.code;
        // mpirun, whose output it is, ends without a word of ours.
        throw Failure(ExitCode::file, "cannot write to standard output: its reader has gone away; nothing is published");
    }
    const run::Signals signals(true);
    const auto communicator = comm::single_rank();
    return run_here(o, library, *communicator);
}

}  // namespace

void add_run(CLI::App& app, run::Library& library, int argc, char** argv, int& code) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* sub =
        app.add_subcommand("run", "Runs a graph, on the ranks that started it (mpirun, srun), on -n ranks, or on one");
    options->add_to(*sub);
    sub->add_option("-n,--np", options->rank_count, "Start this many ranks (starts mpirun by itself)")
        ->type_name("N")
        ->check(CLI::Range(1, most_ranks));
    sub->add_option("--hosts", options->hosts,
                    "Start the ranks of -n on these hosts: a hostfile of mpirun, a line a host, with slots=N behind it for N "
                    "ranks there")
        ->type_name("FILE");
    sub->add_flag("--overwrite", options->overwrite, "Replace products that exist");
    CLI::Option* report = sub->add_option("--report", options->report, "Write a JSON report; - is stdout")->type_name("FILE|-");
    sub->add_flag("--hash", options->hash, "Put the XXH3-128 of every product into the report (what xxh128sum prints)")
        ->needs(report);
    sub->add_option("--control", options->control, "Serve `flowspan ctl` on this socket while it runs")->type_name("SOCKET");
    sub->add_option("--progress", options->progress, "Show how far it is")
        ->check(CLI::IsMember({"auto", "on", "off"}))
        ->capture_default_str();
    sub->add_flag("--until-stopped", options->until_stopped,
                  "Allow sources without an end; stop with SIGUSR1, TERM, HUP or Ctrl-C");
    sub->add_option("--isa", options->isa, "Instruction-set level of the kernels: best, x86-64-v2, avx2, avx512")
        ->type_name("LEVEL")
        ->capture_default_str();
    sub->add_option("--fft", options->fft, "native: what suits the processor; portable: the same bits on all of them, slower")
        ->check(CLI::IsMember({"native", "portable"}))
        ->capture_default_str();
    sub->add_option("--transport", options->transport,
                    "How samples cross ranks: auto or p2p (as MPI likes), shared-memory, tcp (of Open MPI)")
        ->type_name("NAME")
        ->check(CLI::IsMember(comm::transports()))
        ->capture_default_str();
    sub->add_option("--log-level", options->log_level, "Which lines go to stderr while it runs")
        ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error"}))
        ->capture_default_str();
    sub->add_option(
           "--patience", options->patience_s,
           "A rank without a sign of life for so long is lost; a call of a block that takes half of it fails; a pipe that the "
           "graph comes through, or a product goes into, is waited for so long")
        ->type_name("SECONDS")
        ->check(CLI::Validator(check_seconds, ""))
        ->capture_default_str();
    sub->add_option("--memory", options->memory, "Refuse a graph that needs more on a rank")
        ->type_name("SIZE")
        ->check(CLI::Validator(check_size, ""))
        ->transform(CLI::AsSizeValue(false));
    sub->add_flag("-q,--quiet", options->quiet, "Only warnings and errors on stderr");
    sub->add_option("--chunks", options->chunks, "For tests: at most N items a call, or random:SEED")->group("");
    options->words.assign(argv, argv + argc);
    sub->callback([options, &library, argc, argv, &code] { code = run(*options, library, argc, argv); });
}

}  // namespace flowspan::cli

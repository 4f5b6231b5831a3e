#include "cli/launch/ranks.hpp"

#include "cli/cli.hpp"
#include "cli/launch/hostfile.hpp"
#include "cli/launch/launcher.hpp"
#include "cli/launch/words.hpp"
#include "cli/words/validators.hpp"
#include "comm/local/local.hpp"
#include "comm/mpi/mpi.hpp"
#include "core/files/file_kind.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/say.hpp"
#include "io/claim/folder.hpp"
#include "io/record/recover.hpp"
#include "run/signs/attended.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

constexpr useconds_t others_speak_us = 100'000;

std::string own_path() {
    char path[PATH_MAX] = {};
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) throw Failure(ExitCode::bug, "cannot find the own executable");
    return {path, std::size_t(n)};
}

/// Shared memory reaches the ranks of one node.
void check_transport(const RankOptions& o, comm::Communicator& communicator) {
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
    run::Watch::leaves();
    usleep(others_speak_us);  // before mpirun kills them because this one is gone
    std::_Exit(int(ExitCode::communication));
}

/// Below MPI: from when it is there until it is to end. Returns the code of this rank.
int run_in_world(const RankOptions& o, const RankBody& body, comm::Communicator& communicator) {
    const bool root = communicator.rank() == 0;
    try {
        {
            run::Attended attended(communicator, o.patience_s, [](int c) { leave_code(c); });
            check_transport(o, attended);
            attended.over();
        }
        const int code = body.body(communicator);
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

int run_with_mpi(const RankOptions& o, const RankBody& body) {
    // Under srun, and below our own launcher, nobody sends TERM because a peer died.
    const bool term_is_stop = std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr;
    std::signal(SIGUSR1, SIG_IGN);             // mpirun may pass on a stop when this rank is about to be gone
    const run::Signals signals(term_is_stop);  // MPI takes its time to begin
    if (body.before) body.before();
    const int rank = comm::promised_rank();
    announce_here(rank);
    announce_crashes(rank, comm::promised_ranks());
    run::Watch watch({o.patience_s, rank, under_launcher(), [](int c) { leave_code(c); },
                      [rank] {
                          if (rank == 0) announce_alive();
                      },
                      [rank] { announce_leaving(rank); }});
    std::optional<run::Watch::Bound> bound;
    const std::string within = fmt::format("within {:g} s (--patience)", o.patience_s);
    bound.emplace("nothing is published: MPI has not begun " + within);
    std::optional<comm::MpiLibrary> mpi(std::in_place);
    auto communicator = mpi->world();
    bound.reset();
    const int code = run_in_world(o, body, *communicator);
    if (communicator->rank() == 0)
        bound.emplace(code);
    else
        bound.emplace("the run is over, but MPI has not ended " + within, o.patience_s + 2);
    communicator.reset();
    mpi.reset();
    bound.reset();
    run::Watch::leaves();
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
    if (folders.empty()) return launched.committed ? io::all_published : "nothing is published";
    std::string later = fmt::format("what has become of its products `flowspan recover {}` says", fmt::join(folders, " "));
    if (!launched.gone) return later;
    try {
        return io::end_of_run(folders, run, launched.committed);
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

/// What `mpirun` or `srun` has decided.
void refuse_launcher_options(const RankOptions& o) {
    const auto refuse = [](const std::string& option, const std::string& got, const std::string& what) {
        throw Refused(Diagnostic{
            {}, option, fmt::format("no {} below mpirun or srun", option), got, "the launcher sets the " + what, {}});
    };
    if (o.rank_count > 0) refuse("-n", std::to_string(o.rank_count), "number of ranks");
    if (!o.hosts.empty()) refuse("--hosts", o.hosts, "hosts");
}

}  // namespace

int on_ranks(const RankOptions& o, const RankBody& body) {
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
            if (comm::promised_rank() > 0) return int(ExitCode::communication);  // rank 0 says it
            throw Failure(
                ExitCode::communication,
                fmt::format("the launcher promises {} ranks but does not speak PMIx: under Slurm give srun --mpi=pmix",
                            comm::promised_ranks()));
        }
        return run_with_mpi(o, body);
    }
    if (!o.hosts.empty()) {
        if (o.rank_count == 0) throw Refused(Diagnostic{{}, "--hosts", "-n N with it", "none", "say how many ranks", {}});
        check_hostfile(o.hosts);
    }
    if (o.rank_count > 1 || !o.hosts.empty()) {
        std::vector<std::string> words = o.words;
        if (!body.piped.empty()) hand_on_as_stdin(body.piped, words);
        const Launched launched = launch({o.rank_count, o.hosts, o.patience_s, own_path(), words});
        const std::string outcome = launched.code == 0 ? "" : body.outcome ? body.outcome() : tidy(launched);
        if (!launched.lost.empty()) say_line(launched.lost + outcome);
        if (launched.code != int(ExitCode::communication) || !reader_of_stdout_is_gone()) return launched.code;
        // mpirun, whose output it is, ends without a word of ours.
        throw Failure(ExitCode::file, "cannot write to standard output: its reader has gone away; nothing is published");
    }
    if (body.before) body.before();
    announce_crashes(0, 1);
    const run::Signals signals(true);
    const auto communicator = comm::single_rank();
    return body.body(*communicator);
}

void RankOptions::add_to(CLI::App& app) {
    app.add_option("-n,--np", rank_count, "Start this many ranks (starts mpirun by itself)")
        ->type_name("N")
        ->transform(whole_number(1, most_ranks));
    app.add_option("--hosts", hosts,
                   "Start the ranks of -n on these hosts: a hostfile of mpirun, a line a host, with slots=N behind it for N "
                   "ranks there")
        ->type_name("FILE");
    app.add_option("--transport", transport,
                   "How samples cross ranks: auto or p2p (as MPI likes), shared-memory, tcp (of Open MPI)")
        ->type_name("NAME")
        ->check(one_of(comm::transports()))
        ->capture_default_str();
}

}  // namespace flowspan::cli

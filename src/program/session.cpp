#include "program/session.hpp"

#include "comm/local/local.hpp"
#include "comm/mpi/mpi.hpp"
#include "core/mistakes/crash.hpp"
#include "core/process/stat.hpp"
#include "run/signs/watch.hpp"
#include "run/start/team.hpp"

#include <cstdlib>
#include <exception>

#include <fmt/format.h>

namespace flowspan::program {
namespace {

constexpr const char* over = "the end of the program";

/// "rank 1 makes `graph.start()` while rank 0 makes `gain.set(constant, 2)`"; "" where all make the same.
std::string difference(const std::vector<std::string>& calls) {
    for (std::size_t r = 1; r < calls.size(); ++r) {
        if (calls[r] == calls[0]) continue;
        const auto said = [](std::size_t rank, const std::string& call) {
            return fmt::format("rank {} is at {}", rank, call == over ? call : "`" + call.substr(0, 200) + "`");
        };
        return said(0, calls[0]) + ", " + said(r, calls[r]);
    }
    return {};
}

}  // namespace

SessionState::SessionState() {
    if (comm::promised_ranks() > 1 && !comm::launcher_speaks_pmix()) {
        throw Failure(ExitCode::communication, "the launcher promises " + std::to_string(comm::promised_ranks()) +
                                                   " ranks but does not speak PMIx: under Slurm give srun --mpi=pmix");
    }
    const bool alone = comm::promised_ranks() < 2;
    say_crashes({alone ? "" : fmt::format("rank {} ({}): ", comm::promised_rank(), own_host()), "", ""});
    term_is_stop = std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr;
    if (comm::started_by_launcher()) {
        watch_ = std::make_unique<run::Watch>(run::Watch::Options{.rank = comm::promised_rank()});
        const run::Watch::Bound bound("MPI has not begun within 30 s");
        mpi_ = std::make_unique<comm::MpiLibrary>();
        communicator_ = mpi_->world();
    } else {
        communicator_ = comm::single_rank();
    }
    team_ = std::make_unique<run::Team>(*communicator_);
}

SessionState::~SessionState() {
    team_.reset();
    communicator_.reset();
}

void SessionState::together(const std::string& call) {
    if (running)
        throw Failure(ExitCode::usage,
                      fmt::format("`{}` concerns all ranks: before `start` or after the run", call.substr(0, 200)));
    const std::string different = difference(communicator_->all_gather(call));
    if (!different.empty()) throw CommonFailure(ExitCode::usage, "the ranks do not make the same call: " + different);
}

// Who leaves early takes part in what the others call, which then fails there, until they leave too.
void SessionState::leave() {
    running = false;
    for (;;) {
        bool all_over = true;
        for (const std::string& call : communicator_->all_gather(over)) all_over = all_over && call == over;
        if (all_over) return;
    }
}

}  // namespace flowspan::program

namespace flowspan {

Session::Session(int, char**) : state_(std::make_shared<program::SessionState>()) {}

Session::~Session() {
    try {
        state_->leave();
    } catch (const std::exception&) {
        // The others are gone: nobody is left to wait for.
    }
}

int Session::rank() const { return state_->communicator().rank(); }
int Session::size() const { return state_->communicator().size(); }
Registry& Session::blocks() { return state_->registry; }

}  // namespace flowspan

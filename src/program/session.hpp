// The ranks of a program, and the agreement on what they call.
#pragma once

#include "comm/communicator.hpp"

#include <flowspan/program.hpp>
#include <flowspan/registry.hpp>

#include <memory>
#include <string>

namespace flowspan::comm {
class MpiLibrary;
}

namespace flowspan::run {
class Team;
class Watch;
}  // namespace flowspan::run

namespace flowspan::program {

/// What several ranks are told alike. Where one of them has thrown something else, that is the cause.
class CommonFailure final : public Failure {
public:
    using Failure::Failure;
};

class SessionState {
public:
    SessionState();
    ~SessionState();
    SessionState(const SessionState&) = delete;
    SessionState& operator=(const SessionState&) = delete;

    comm::Communicator& communicator() { return *communicator_; }
    run::Team& team() { return *team_; }
    /// Every rank is at the same call. Throws Failure on every rank, naming both calls, where one is not.
    void together(const std::string& call);
    /// The rank's program is over; returns once that of all ranks is.
    void leave();

    Registry registry = built_in_blocks();
    bool running = false;  // a graph is: no collective calls then
    bool term_is_stop = true;

private:
    std::unique_ptr<run::Watch> watch_;
    std::unique_ptr<comm::MpiLibrary> mpi_;
    std::unique_ptr<comm::Communicator> communicator_;
    std::unique_ptr<run::Team> team_;
};

}  // namespace flowspan::program

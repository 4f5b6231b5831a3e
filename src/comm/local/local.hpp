// n ranks as threads of one process: for tests of all that needs several ranks, and for a run on one rank.
#pragma once

#include "comm/communicator.hpp"

#include <functional>
#include <memory>

namespace flowspan::comm {

/// How the pretended network behaves.
struct LocalOptions {
    std::size_t eager_bytes = 4096;  // larger messages are sent only when they are received, as MPI does
    std::uint64_t delay_seed = 0;    // not 0: `test` says "not yet" at random, up to about ten times
};

/// Runs `body(communicator)` on `ranks` threads and waits for all. The first exception of any rank is thrown (after all
/// have returned: a body that waits for a rank that failed must end by itself).
void run_local(int ranks, const std::function<void(Communicator&)>& body, const LocalOptions& options = {});

/// A communicator of one rank.
std::unique_ptr<Communicator> single_rank();

}  // namespace flowspan::comm

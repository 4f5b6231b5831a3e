// Several ranks on one thread, so that a test says who does what when.
#pragma once

#include "comm/local/local.hpp"

#include <exception>
#include <functional>
#include <vector>

namespace flowspan::tests {

using Ranks = std::vector<comm::Communicator*>;

/// Calls `body` with the communicators of `ranks` ranks. None of their collectives may be called.
inline void in_one_thread(int ranks, const std::function<void(const Ranks&)>& body, const comm::LocalOptions& options = {}) {
    Ranks all(std::size_t(ranks), nullptr);
    comm::run_local(
        ranks,
        [&](comm::Communicator& own) {
            all[std::size_t(own.rank())] = &own;
            own.all_gather("all are there");
            std::exception_ptr failed;
            if (own.rank() == 0) try {
                    body(all);
                } catch (...) { failed = std::current_exception(); }
            own.all_gather("it is over");
            if (failed) std::rethrow_exception(failed);
        },
        options);
}

}  // namespace flowspan::tests

// A batch, the same code on every rank: open, hand out, compute, publish, end. docs/batches.md is the design.
#pragma once

#include "batch/chief/chief.hpp"
#include "batch/worker/nursery/nursery.hpp"
#include "comm/communicator.hpp"
#include "run/plugins/library.hpp"

#include <flowspan/registry.hpp>

#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// Of every rank.
struct BatchSettings {
    Limits limits;
    double patience_s = 30;
    int attempts = 3;
    double grace_s = 30;
    std::size_t most_failures = SIZE_MAX;
    double most_failures_percent = 0;
    std::vector<std::string> plugins;             // files, for workers
    int log_level = int(run::LogLevel::warning);  // lines below it stay with the rank
};

struct BatchResult {
    ExitCode code = ExitCode::done;
    Counts counts;
    double begun = 0, seconds = 0;  // `begun`: since 1970
    int part = 0;
    std::string run;  // of this start, rank 0's
};

struct BatchHooks {
    std::function<void(const std::string& line)> say;                                        // rank 0
    std::function<void(const Counts& counts, std::optional<double> seconds_left)> progress;  // rank 0, four times a second
    std::function<void()> ready;                                                             // rank 0: signals are heeded
    std::function<void(int code)> leaving;                                                   // before others are ended by force
    /// Rank 0, on another thread, when all is written and the other ranks still wait: time for reports. Throws nothing.
    std::function<void(const BatchResult& result)> written;
};

/// What workers do: units of this library, and how plug-ins come into it. Both happen below the nursery.
Nursery::Functions worker_functions(run::Library& library);

/// Runs it. Collective. `request`: rank 0's; `trouble`: what went wrong while it was put together. Throws Refused, Failure, the
/// same on every rank.
BatchResult run_batch(comm::Communicator& communicator, const Registry& registry, Nursery& nursery, const BatchRequest& request,
                      const BatchSettings& settings, const BatchHooks& hooks, std::exception_ptr trouble);

}  // namespace flowspan::batch

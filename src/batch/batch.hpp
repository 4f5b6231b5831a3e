// A batch, the same code on every rank: open, hand out, compute, publish, end. docs/batches.md is the design.
#pragma once

#include "batch/rank/settings.hpp"
#include "batch/worker/nursery/nursery.hpp"
#include "comm/communicator.hpp"
#include "run/plugins/library.hpp"

#include <flowspan/registry.hpp>

#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What workers do: units of this library, and how plug-ins come into it. Both happen below the nursery.
Nursery::Functions worker_functions(run::Library& library);

/// Runs it. Collective. `nursery`: null where ranks compute units themselves. `request`: rank 0's; `trouble`: what went wrong
/// while it was put together. Throws Refused, Failure, the same on every rank.
BatchResult run_batch(comm::Communicator& communicator, const Registry& registry, Nursery* nursery, const BatchRequest& request,
                      const BatchSettings& settings, const BatchHooks& hooks, const std::exception_ptr& trouble);

}  // namespace flowspan::batch

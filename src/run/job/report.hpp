// The report of a run: one JSON document, put together on rank 0 from what every rank says when it is done.
#pragma once

#include "run/star/words.hpp"
#include "run/start/startup.hpp"

#include <optional>
#include <vector>

namespace flowspan::run {

/// What one rank tells rank 0 when its partition is done: products, blocks, crossings, memory.
Finished finished_report(const Started& started, const runtime::PartitionTasks& tasks, int rank);

/// The whole report. `finished` by rank; nothing where a rank did not get that far.
Value make_report(const Started& started, const std::vector<std::optional<Finished>>& finished, double seconds,
                  const JobResult& result, bool stopped);

}  // namespace flowspan::run

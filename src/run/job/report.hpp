// The report of a run: one JSON document, put together on rank 0 from what every rank says when it is done.
#pragma once

#include "run/start/startup.hpp"

#include <vector>

namespace flowspan::run {

/// What one rank tells rank 0 when its partition is done: products, blocks, crossings, memory.
Value done_report(const Started& started, const runtime::PartitionTasks& tasks, int rank);

/// The whole report. `reports` by rank, null where a rank did not get that far.
Value make_report(const Started& started, const std::vector<Value>& reports, double seconds, const JobResult& result,
                  bool stopped);

}  // namespace flowspan::run

// The report of a run: one JSON document, put together on rank 0 from what every rank says when it is done.
#pragma once

#include "run/star/coordinator.hpp"
#include "run/start/startup.hpp"

#include <map>
#include <string>

namespace flowspan::run {

/// What one rank tells rank 0 when its partition is done: blocks, crossings, memory.
Value rank_report(const Started& started, const runtime::PartitionTasks& tasks, int rank);

/// The XXH3-128 of the data of recordings that a source has read whole, by the path that it was given.
std::map<std::string, std::string> hashes_read(const Coordinator& coordinator);

/// The whole report, with what the ranks told as far as they have.
Value make_report(const Started& started, const Coordinator& coordinator, double seconds, const JobResult& result,
                  bool stopped);

}  // namespace flowspan::run

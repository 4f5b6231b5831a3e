// What all ranks must have in common before a run.
#pragma once

#include "comm/communicator.hpp"

#include <flowspan/value.hpp>

#include <string>
#include <vector>

namespace flowspan::run {

struct JobRequest;

/// Pins the numeric level (`request.isa`; "best": the best that all ranks have) and the transforms, and compares build, byte
/// order, MPI library, plug-ins and numeric fingerprint. Returns what is agreed, the smallest first cache of all ranks among
/// it. Collective; throws Refused for a level that a processor lacks, Failure where ranks differ, with all differences by rank.
Value agree(comm::Communicator& communicator, const JobRequest& request, const std::vector<std::string>& plugins);

}  // namespace flowspan::run

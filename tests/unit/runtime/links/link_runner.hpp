// Runs a graph on several ranks: threads in the unit tests, processes under mpirun.
#pragma once

#include "tests/unit/runtime/whole/collect.hpp"

#include "comm/communicator.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace flowspan::tests {

/// Whether this program can run on so many ranks.
bool has_ranks(int ranks);

/// `seam`: its sources end by SEAM; `begin`: they begin at this index, within a stretch. Runs a graph with its blocks dealt to
/// `ranks` ranks at random, and returns what its collecting sinks saw, on every rank.
Collected run_on(const std::string& text, int ranks, unsigned seed, std::uint64_t delay_seed, bool seam = false,
                 std::optional<std::uint64_t> begin = {});

/// One rank's part of it, on a given communicator.
void run_partition(const std::string& text, comm::Communicator& communicator, unsigned seed, bool seam,
                   std::optional<std::uint64_t> begin, Collected& collected);

}  // namespace flowspan::tests

// Runs a graph on several ranks: threads in the unit tests, processes under mpirun.
#pragma once

#include "collect.hpp"

#include "comm/communicator.hpp"

#include <cstdint>
#include <string>

namespace flowspan::tests {

/// Whether this program can run on so many ranks.
bool has_ranks(int ranks);

/// `cut`: its sources end by CUT. Runs a graph with its blocks dealt to `ranks` ranks at random, and returns what its
/// collecting sinks saw, on every rank.
Collected run_on(const std::string& text, int ranks, unsigned seed, std::uint64_t delay_seed, bool cut = false);

/// One rank's part of it, on a given communicator.
void run_partition(const std::string& text, comm::Communicator& communicator, unsigned seed, bool cut, Collected& collected);

}  // namespace flowspan::tests

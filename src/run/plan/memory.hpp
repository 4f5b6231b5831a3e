// The memory that a plan takes, and whether it is there.
#pragma once

#include "partition/plan.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::run {

/// What a rank needs for its rings and blocks.
std::uint64_t bytes_of(const partition::Plan& plan, const runtime::Flowgraph& graph, int rank);
/// Of its device, for its rings and for what its blocks hold there.
std::uint64_t device_bytes_of(const partition::Plan& plan, const runtime::Flowgraph& graph, int rank);

/// Throws Refused where this rank's rings are more than its machine has, or all that it needs is more than `limit` (0: none).
void check_memory(const partition::Plan& plan, const runtime::Flowgraph& graph, int rank, const std::string& host,
                  std::uint64_t limit);
/// The same of its device. Ranks of one host that take the same device share its memory.
void check_device_memory(const partition::Plan& plan, const runtime::Flowgraph& graph,
                         const std::vector<partition::NodeFacts>& nodes, int rank, std::uint64_t limit);

}  // namespace flowspan::run

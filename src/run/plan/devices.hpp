// What ranks find out of nodes and devices before a plan, and agree on behind it.
#pragma once

#include "comm/communicator.hpp"
#include "partition/plan.hpp"
#include "run/start/team.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <string>
#include <vector>

namespace flowspan::run {

/// What nodes have, by rank, as far as the graph asks for it. Drivers of devices are asked by the ranks that are to use one,
/// and by no others, but for what the assignment asks of all. Collective.
std::vector<partition::NodeFacts> look_at_nodes(comm::Communicator& communicator, const runtime::Flowgraph& graph,
                                                const Team& team);

/// The fingerprint of all devices of the plan; "" where it has none. Those that compute other bytes are refused, as ranks are
/// that do. Collective.
std::string agree_on_devices(comm::Communicator& communicator, const runtime::Flowgraph& graph, const partition::Plan& plan,
                             double patience_s);

}  // namespace flowspan::run

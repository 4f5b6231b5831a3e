// The plan of a described graph; what is refused says where it stands in the graph file.
#pragma once

#include "partition/plan.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <vector>

namespace flowspan::run {

/// By its assignment.
partition::Plan make_plan(const runtime::Flowgraph& graph, const partition::PlanOptions& options);
/// By rank: whether blocks that want a device are dealt to it.
std::vector<bool> ranks_for_devices(const runtime::Flowgraph& graph, int ranks, const std::vector<partition::NodeFacts>& nodes);

}  // namespace flowspan::run

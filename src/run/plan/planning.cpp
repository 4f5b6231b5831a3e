#include "run/plan/planning.hpp"

#include "core/mistakes/collect.hpp"

namespace flowspan::run {
namespace {

// The planner knows blocks by name; where they stand in the text the graph knows.
template <class F>
auto saying_where(const runtime::Flowgraph& graph, F f) {
    return saying_more(f, [&](Diagnostics& found) {
        for (Diagnostic& d : found) {
            for (const graph::FlatBlock& block : graph.spec().blocks)
                if (d.at.file.empty() && d.key == "blocks." + block.name) d.at = block.at;
        }
        graph::add_uses(graph.spec(), found);
    });
}

}  // namespace

partition::Plan make_plan(const runtime::Flowgraph& graph, const partition::PlanOptions& options) {
    return saying_where(graph, [&] { return partition::make_plan(graph.described(), graph.spec().assignment, options); });
}

std::vector<bool> ranks_for_devices(const runtime::Flowgraph& graph, int ranks,
                                    const std::vector<partition::NodeFacts>& nodes) {
    return saying_where(graph,
                        [&] { return partition::ranks_for_devices(graph.described(), graph.spec().assignment, ranks, nodes); });
}

}  // namespace flowspan::run

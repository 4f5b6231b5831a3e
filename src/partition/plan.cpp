#include "partition/plan.hpp"

#include "partition/parts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace flowspan::partition {
namespace {

[[noreturn]] void refuse_cycle(const graph::DescribedGraph& graph, const std::vector<int>& cycle) {
    std::string text;
    for (const int block : cycle) text += graph.blocks[std::size_t(block)].name + " -> ";
    text += graph.blocks[std::size_t(cycle.front())].name;
    Diagnostic cycle_found;  // field by field: GCC 12 warns falsely of a braced one here
    cycle_found.key = "connections";
    cycle_found.expected = "a graph without cycles";
    cycle_found.got = text;
    cycle_found.hint = "a cycle through messages needs one of them marked `feedback: {delay: N samples}`";
    throw Refused(std::move(cycle_found));
}

}  // namespace

const Buffer* Plan::buffer(int output, int rank) const {
    const auto found =
        std::lower_bound(buffers.begin(), buffers.end(), std::tuple(output, rank),
                         [](const Buffer& one, const auto& wanted) { return std::tuple(one.output, one.rank) < wanted; });
    return found != buffers.end() && found->output == output && found->rank == rank ? &*found : nullptr;
}

std::size_t host_quantum_bytes(std::size_t first_cache_bytes) {
    constexpr std::size_t page = 4 << 10, besides = 8 << 10, least = 8 << 10, most = 20 << 10;
    const std::size_t half = (std::max(first_cache_bytes, besides) - besides) / 2;
    return std::clamp(half / page * page, least, most);
}

namespace {

/// Blocks on ranks; `order` and `rates` for what follows.
struct Dealt {
    graph::Order order;
    Rates rates;
    Plan plan;
};

Dealt deal(const graph::DescribedGraph& graph, const graph::Assignment& assignment, int ranks,
           const std::vector<NodeFacts>& nodes) {
    Dealt dealt{graph::topological_order(graph), {}, {}};
    if (!dealt.order.cycle.empty()) refuse_cycle(graph, dealt.order.cycle);
    check_limits(graph);
    dealt.plan.ranks = ranks;
    dealt.rates = relative_rates(graph, dealt.order.order);
    assign(graph, assignment, dealt.order.order, dealt.rates, nodes, dealt.plan);
    return dealt;
}

}  // namespace

std::vector<bool> ranks_for_devices(const graph::DescribedGraph& graph, const graph::Assignment& assignment, int ranks,
                                    const std::vector<NodeFacts>& nodes) {
    const Plan plan = deal(graph, assignment, ranks, nodes).plan;
    std::vector<bool> wanted(std::size_t(ranks), false);
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        if (graph.blocks[b].wants_device) wanted[std::size_t(plan.rank_of[b])] = true;
    return wanted;
}

Plan make_plan(const graph::DescribedGraph& graph, const graph::Assignment& assignment, const PlanOptions& options) {
    auto [order, rates, plan] = deal(graph, assignment, options.ranks, options.nodes);
    place_on_devices(graph, options.nodes, plan);
    size_buffers(graph, order.order, rates, options, plan);
    return plan;
}

}  // namespace flowspan::partition

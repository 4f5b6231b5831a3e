#include "graph/described.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace flowspan::graph {
namespace {

using Adjacency = std::vector<std::vector<int>>;

Adjacency successors_of(const DescribedGraph& graph) {
    Adjacency successors(graph.blocks.size());
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const DescribedInput& input : graph.blocks[b].inputs)
            if (input.output >= 0) successors[std::size_t(graph.outputs[std::size_t(input.output)].block)].push_back(int(b));
    for (const DescribedMessageEdge& edge : graph.messages)
        if (!edge.feedback) successors[std::size_t(edge.from)].push_back(edge.to);
    return successors;
}

/// Follows, from a block that could not be ordered, predecessors that could not be either, until one comes again.
std::vector<int> find_cycle(const Adjacency& successors, const std::vector<int>& open) {
    std::vector<int> predecessor(successors.size(), -1);
    int start = -1;
    for (std::size_t b = 0; b < successors.size(); ++b) {
        if (open[b] == 0) continue;
        for (const int next : successors[b])
            if (open[std::size_t(next)] != 0 && predecessor[std::size_t(next)] < 0) predecessor[std::size_t(next)] = int(b);
        if (start < 0) start = int(b);
    }
    std::vector<int> seen(successors.size(), 0);
    int at = start;
    while (seen[std::size_t(at)] == 0) {
        seen[std::size_t(at)] = 1;
        at = predecessor[std::size_t(at)];
    }
    std::vector<int> cycle{at};
    for (int before = predecessor[std::size_t(at)]; before != at; before = predecessor[std::size_t(before)])
        cycle.push_back(before);
    std::reverse(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    return cycle;
}

}  // namespace

Order topological_order(const DescribedGraph& graph) {
    const Adjacency successors = successors_of(graph);
    std::vector<int> open(graph.blocks.size(), 0);
    for (const auto& all : successors)
        for (const int next : all) ++open[std::size_t(next)];
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (std::size_t b = 0; b < open.size(); ++b)
        if (open[b] == 0) ready.push(int(b));
    Order result;
    result.order.reserve(open.size());
    while (!ready.empty()) {
        const int block = ready.top();
        ready.pop();
        result.order.push_back(block);
        for (const int next : successors[std::size_t(block)])
            if (--open[std::size_t(next)] == 0) ready.push(next);
    }
    if (result.order.size() < open.size()) {
        result.order.clear();
        result.cycle = find_cycle(successors, open);
    }
    return result;
}

}  // namespace flowspan::graph

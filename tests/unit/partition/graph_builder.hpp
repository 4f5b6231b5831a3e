// Described graphs in a few words, for tests.
#pragma once

#include "partition/plan.hpp"

#include <string>
#include <vector>

namespace flowspan::partition::test {

struct Edge {
    int output;
    std::uint64_t history = 0, skip = 0;
};

class Builder {
public:
    /// Adds a block that reads `inputs` and has `n_outputs` outputs of 8-byte items; returns its number.
    int add(const std::string& name, std::vector<Edge> inputs, int n_outputs, Ratio ratio = {}, double cost = 1) {
        graph::DescribedBlock block;
        block.name = block.base = name;
        block.ratio = ratio;
        block.cost = cost;
        for (const Edge& edge : inputs) {
            graph::DescribedInput input;
            input.port = "in";
            input.output = edge.output;
            input.history = edge.history;
            input.skip = edge.skip;
            block.inputs.push_back(input);
        }
        for (int i = 0; i < n_outputs; ++i) {
            block.outputs.push_back(int(graph.outputs.size()));
            graph::DescribedOutput output;
            output.block = int(graph.blocks.size());
            output.port = "out";
            output.item_size = 8;
            if (!block.inputs.empty()) output.gain = double(ratio.interpolation) / double(ratio.decimation);
            graph.outputs.push_back(output);
        }
        graph.blocks.push_back(std::move(block));
        return int(graph.blocks.size()) - 1;
    }
    int out(int block, int k = 0) const { return graph.blocks[std::size_t(block)].outputs[std::size_t(k)]; }
    void message(int from, int to, bool feedback = false) { graph.messages.push_back({from, to, "out", "in", feedback, 0}); }

    graph::DescribedGraph graph;
};

/// `first-last: selections`, each a list of blocks; copies are dealt.
inline graph::Place place(int first, int last, std::vector<std::vector<int>> selections) {
    graph::Place place;
    for (int rank = first; rank <= last; ++rank) place.ranks.push_back(rank);
    place.count = last - first + 1;
    for (auto& blocks : selections) {
        const bool copies = blocks.size() > 1;
        place.selections.push_back({std::move(blocks), copies});
    }
    return place;
}

inline graph::Assignment listed(std::vector<graph::Place> places) {
    graph::Assignment assignment;
    assignment.mode = graph::Assignment::Mode::listed;
    assignment.places = std::move(places);
    assignment.at = {"graph.yaml", 9, 3, "  0: source"};
    return assignment;
}

inline PlanOptions on(int ranks) {
    PlanOptions options;
    options.ranks = ranks;
    return options;
}

}  // namespace flowspan::partition::test

#include "core/process/alive.hpp"
#include "partition/parts.hpp"

#include <algorithm>
#include <numeric>

namespace flowspan::partition {
namespace {

/// Items of an output for each of the block's input 0; never 0, so that what comes after has a rate.
double gain_of(const graph::DescribedOutput& output) { return output.gain > 0 ? output.gain : 1; }

/// Goes through one connected part from `start` and gives every block and output its rate relative to that of `start`.
std::vector<int> spread(const graph::DescribedGraph& graph, const std::vector<std::vector<int>>& readers, int start,
                        Rates& rates) {
    std::vector<int> part{start};
    const auto visit = [&](int block, double rate) {
        if (rates.of_block[std::size_t(block)] > 0) return;
        rates.of_block[std::size_t(block)] = rate;
        part.push_back(block);
    };
    rates.of_block[std::size_t(start)] = 1;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const graph::DescribedBlock& block = graph.blocks[std::size_t(part[i])];
        const double rate = rates.of_block[std::size_t(part[i])];
        for (const int output : block.outputs) {
            rates.of_output[std::size_t(output)] = rate * gain_of(graph.outputs[std::size_t(output)]);
            for (const int reader : readers[std::size_t(output)]) visit(reader, rates.of_output[std::size_t(output)]);
        }
        for (const graph::DescribedInput& input : block.inputs) {
            if (input.output < 0) continue;
            const graph::DescribedOutput& from = graph.outputs[std::size_t(input.output)];
            visit(from.block, rate / gain_of(from));
        }
    }
    return part;
}

/// Numbers the connected parts, by their first blocks. Feedback couples times too: its sender follows its receiver.
void find_parts(const graph::DescribedGraph& graph, Rates& rates) {
    std::vector<int>& parent = rates.part_of;
    parent.resize(graph.blocks.size());
    std::iota(parent.begin(), parent.end(), 0);
    const auto root = [&](int block) {
        while (parent[std::size_t(block)] != block)
            block = parent[std::size_t(block)] = parent[std::size_t(parent[std::size_t(block)])];
        return block;
    };
    const auto connect = [&](int a, int b) {
        const auto [low, high] = std::minmax({root(a), root(b)});
        parent[std::size_t(high)] = low;
    };
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const graph::DescribedInput& input : graph.blocks[b].inputs)
            if (input.output >= 0) connect(int(b), graph.outputs[std::size_t(input.output)].block);
    for (const graph::DescribedMessageEdge& edge : graph.messages)
        if (!edge.arrival) connect(edge.from, edge.to);
    // Parents come before their children, so their numbers are final.
    for (std::size_t b = 0; b < parent.size(); ++b)
        parent[b] = parent[b] == int(b) ? rates.parts++ : parent[std::size_t(parent[b])];
}

}  // namespace

Rates relative_rates(const graph::DescribedGraph& graph, const std::vector<int>& order) {
    Rates rates;
    rates.of_block.resize(graph.blocks.size(), 0);
    rates.of_output.resize(graph.outputs.size(), 0);
    find_parts(graph, rates);
    std::vector<std::vector<int>> readers(graph.outputs.size());
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const graph::DescribedInput& input : graph.blocks[b].inputs)
            if (input.output >= 0) readers[std::size_t(input.output)].push_back(int(b));
    for (const int start : order) {
        still_here();
        if (rates.of_block[std::size_t(start)] > 0) continue;
        const std::vector<int> part = spread(graph, readers, start, rates);
        double scale = 0;
        for (const int block : part) {
            for (const int output : graph.blocks[std::size_t(block)].outputs) {
                const double known = graph.outputs[std::size_t(output)].rate;
                if (scale == 0 && known > 0) scale = known / rates.of_output[std::size_t(output)];
            }
        }
        if (scale == 0) continue;
        for (const int block : part) {
            rates.of_block[std::size_t(block)] *= scale;
            for (const int output : graph.blocks[std::size_t(block)].outputs) rates.of_output[std::size_t(output)] *= scale;
        }
    }
    return rates;
}

}  // namespace flowspan::partition

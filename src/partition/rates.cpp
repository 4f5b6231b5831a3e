#include "partition/parts.hpp"

#include <algorithm>

namespace flowspan::partition {
namespace {

double gain_of(const graph::DescribedBlock& block) {
    return double(std::max<std::uint64_t>(1, block.ratio.interpolation)) /
           double(std::max<std::uint64_t>(1, block.ratio.decimation));
}

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
            rates.of_output[std::size_t(output)] = rate * gain_of(block);
            for (const int reader : readers[std::size_t(output)]) visit(reader, rates.of_output[std::size_t(output)]);
        }
        for (const graph::DescribedInput& input : block.inputs) {
            if (input.output < 0) continue;
            const int producer = graph.outputs[std::size_t(input.output)].block;
            visit(producer, rate / gain_of(graph.blocks[std::size_t(producer)]));
        }
    }
    return part;
}

}  // namespace

Rates relative_rates(const graph::DescribedGraph& graph, const std::vector<int>& order) {
    Rates rates{std::vector<double>(graph.blocks.size(), 0), std::vector<double>(graph.outputs.size(), 0)};
    std::vector<std::vector<int>> readers(graph.outputs.size());
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const graph::DescribedInput& input : graph.blocks[b].inputs)
            if (input.output >= 0) readers[std::size_t(input.output)].push_back(int(b));
    for (const int start : order) {
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

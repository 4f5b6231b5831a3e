#include "partition/lead_in.hpp"

#include <algorithm>

namespace flowspan::partition {
namespace {

using Wide = unsigned __int128;

std::uint64_t input_of(const Ratio& r, std::uint64_t output) {
    return std::uint64_t(Wide(output) * r.decimation / r.interpolation);
}

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

std::optional<Span> needed_by(const graph::DescribedBlock& block, const graph::DescribedInput& input, const Span& outputs) {
    const Ratio& r = block.ratio;
    if (block.memory == Memory::unbounded) return {};
    if (outputs.end <= outputs.first) return Span{input.skip, input.skip};
    const std::uint64_t grid = std::max<std::uint64_t>(1, r.grid), first = outputs.first / grid * grid,
                        last = (outputs.end - 1) / grid * grid + grid - 1;
    const std::uint64_t before = input.history + block.memory.items;
    // Of a bounded block whose rate follows the data an item stands for all input up to the next; what a step needs may lie
    // behind.
    const std::uint64_t behind =
        block.data_dependent ? (r.decimation + r.interpolation - 1) / r.interpolation + input.need : r.window;
    return Span{less(input_of(r, first), before) + input.skip, input_of(r, last) + behind + input.skip};
}

LeadIn lead_in(const graph::DescribedGraph& graph, int output, const Span& items, bool first_stretch) {
    LeadIn all;
    all.of_output.resize(graph.outputs.size());
    all.of_output[std::size_t(output)] = items;
    const graph::Order order = graph::topological_order(graph);
    for (auto b = order.order.rbegin(); b != order.order.rend(); ++b) {
        const graph::DescribedBlock& block = graph.blocks[std::size_t(*b)];
        std::optional<Span> made;
        for (const int o : block.outputs) {
            const auto& wanted = all.of_output[std::size_t(o)];
            if (!wanted) continue;
            made = made ? Span{std::min(made->first, wanted->first), std::max(made->end, wanted->end)} : *wanted;
        }
        if (!made) continue;
        if (block.memory == Memory::unbounded && !block.inputs.empty()) all.unbounded.push_back(*b);
        for (graph::DescribedInput input : block.inputs) {
            if (input.output < 0) continue;
            if (!first_stretch) input.skip = 0;
            std::optional<Span> needed = needed_by(block, input, *made);
            if (!needed) {
                graph::DescribedBlock plain = block;
                plain.memory = Memory::none;
                needed = Span{0, needed_by(plain, input, *made)->end};
            }
            auto& of = all.of_output[std::size_t(input.output)];
            of = of ? Span{std::min(of->first, needed->first), std::max(of->end, needed->end)} : *needed;
        }
    }
    return all;
}

}  // namespace flowspan::partition

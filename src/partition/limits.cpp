// What no ring can hold is refused before the run, all of it at once.
#include "partition/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::partition {
namespace {

using Wide = unsigned __int128;  // items times bytes may pass 64 bits

constexpr Wide most_bytes = Wide(1) << 31;  // what a chunk may have, and so what a block may be shown at once

Diagnostic too_much(const graph::DescribedBlock& block, std::string expected, Wide got, std::uint64_t item_size,
                    std::uint64_t history) {
    Diagnostic d;
    d.key = "blocks." + block.name;
    d.expected = std::move(expected);
    d.got = fmt::format("{}", got);
    d.hint =
        fmt::format("{} items of {} bytes{} would be {} bytes, and a ring holds at most {}", got, item_size,
                    history > 0 ? fmt::format(" and {} of history", history) : "", (got + history) * item_size, most_bytes);
    return d;
}

/// Input items that one call of the block must see, beyond its history.
Wide step_items(const graph::DescribedBlock& block, const graph::DescribedInput& input) {
    if (block.data_dependent) return std::max<std::uint64_t>(1, input.need);
    const Wide outputs = std::max<std::uint64_t>(1, block.ratio.grid),
               decimation = std::max<std::uint64_t>(1, block.ratio.decimation),
               interpolation = std::max<std::uint64_t>(1, block.ratio.interpolation);
    return block.ratio.window + (outputs * decimation + interpolation - 1) / interpolation;
}

void check_input(const graph::DescribedBlock& block, const graph::DescribedInput& input, std::uint64_t item_size,
                 Diagnostics& found) {
    const Wide most = most_bytes / item_size, history = input.history, step = step_items(block, input);
    if (history > most) {
        found.push_back(
            too_much(block, fmt::format("at most {} items of history on `{}`", most, input.port), history, item_size, 0));
    } else if (history + step > most && block.data_dependent) {
        found.push_back(too_much(block, fmt::format("at most {} items needed at once on `{}`", most - history, input.port),
                                 step, item_size, input.history));
    } else if (history + step > most) {
        found.push_back(too_much(block, fmt::format("a step of at most {} items on `{}`", most - history, input.port), step,
                                 item_size, input.history));
    }
}

}  // namespace

void check_limits(const graph::DescribedGraph& graph) {
    Diagnostics found;
    const auto size_of = [&](int output) { return std::max<std::uint64_t>(1, graph.outputs[std::size_t(output)].item_size); };
    for (const graph::DescribedBlock& block : graph.blocks) {
        for (const graph::DescribedInput& input : block.inputs)
            if (input.output >= 0) check_input(block, input, size_of(input.output), found);
        for (const int o : block.outputs) {
            const graph::DescribedOutput& output = graph.outputs[std::size_t(o)];
            const Wide most = most_bytes / size_of(o);
            if (output.room > most)
                found.push_back(too_much(block, fmt::format("room for at most {} items on `{}`", most, output.port),
                                         output.room, size_of(o), 0));
        }
    }
    if (!found.empty()) throw Refused(std::move(found));
}

}  // namespace flowspan::partition

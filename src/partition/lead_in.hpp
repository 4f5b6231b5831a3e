// What a part of a stream depends on: how far before and behind it the sources must be read, for a run that makes that part
// alone.
#pragma once

#include "graph/described.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::partition {

/// Items of a stream, counted from the first of the stretch.
struct Span {
    std::uint64_t first = 0, end = 0;
    friend bool operator==(const Span&, const Span&) = default;
};

/// What one block needs of each of its inputs for these items of its outputs: history, the rest of grid blocks, what it
/// remembers and what its window sees ahead. Nothing: it remembers everything.
std::optional<Span> needed_by(const graph::DescribedBlock& block, const graph::DescribedInput& input, const Span& outputs);

struct LeadIn {
    std::vector<std::optional<Span>> of_output;  // by output of the graph; nothing: it is not on the way
    std::vector<int> unbounded;  // blocks on the way that remember everything, so that all is needed from index 0 on
};

/// Needs add up along every path from the sources to `output`; where paths meet, the widest counts. Grids need no common
/// multiple: each is rounded down where it stands.
/// `first_stretch`: blocks that skip leave out the first items of the stream, not of later stretches.
LeadIn lead_in(const graph::DescribedGraph& graph, int output, const Span& items, bool first_stretch = true);

}  // namespace flowspan::partition

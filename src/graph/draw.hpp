// A picture of a flowgraph: boxes are blocks, a colour a rank, dashed lines are messages.
#pragma once

#include "graph/described.hpp"
#include "graph/spec.hpp"

#include <string>
#include <vector>

namespace flowspan::graph {

enum class Format { svg, dot, mermaid };

/// Draws `spec`. More than four copies of a block on one rank become one box, "receive[0-15]", and edges between the same
/// boxes one line with their number. `described` (may be nullptr) gives edges their sample type and rate; its blocks are
/// those of `spec`, in the same order. `rank_of` has a rank a block; empty: no colours. Throws Failure (a bug) when
/// Graphviz cannot make the SVG.
std::string draw(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of, Format format);

}  // namespace flowspan::graph

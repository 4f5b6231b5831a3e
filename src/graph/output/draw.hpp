// A picture of a flowgraph: boxes are blocks, frames are groups, colours are ranks or what was measured, dashed lines are
// messages.
#pragma once

#include "graph/described.hpp"
#include "graph/output/profile.hpp"
#include "graph/spec.hpp"

#include <string>
#include <vector>

namespace flowspan::graph {

enum class Format { svg, dot, mermaid };

/// Draws `spec`. More than four copies of a block, or of a group around it, become one box a rank, "receive[0-15]", in one
/// frame where that holds all their blocks; edges between the same boxes become one line with their number. `described` (may be
/// nullptr) gives edges their sample type and rate; its blocks are those of `spec`, in the same order. `rank_of` has a rank a
/// block; empty: no colours. With a `profile`, which is of this graph, colours are what blocks took of the run's time, and
/// boxes and crossings are labelled with what was measured. Throws Failure (a bug) when Graphviz cannot make the SVG.
std::string draw(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of, Format format,
                 const Profile* profile = nullptr);

}  // namespace flowspan::graph

// Which blocks may be cut short by those that read them: how far they come then depends on timing.
#pragma once

#include "graph/described.hpp"

#include <vector>

namespace flowspan::run {

/// By block: whether everything that reads it may end before it does (`head`, what ends with a shorter stream beside it, and
/// what stands before these). Blocks that write products or that nobody reads are never cut short.
std::vector<bool> may_be_cut_short(const graph::DescribedGraph& graph);

}  // namespace flowspan::run

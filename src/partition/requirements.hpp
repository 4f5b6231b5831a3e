// What blocks and places need, against what the nodes of the ranks offer. Pure functions.
#pragma once

#include "partition/plan.hpp"

#include <vector>

namespace flowspan::partition {

bool offers(const NodeFacts& node, const graph::Need& need);

/// The ranks that offer everything that is required; of these, where `preferences`, those that offer the most of what is
/// preferred. Ascending.
std::vector<int> fitting_ranks(const std::vector<graph::Need>& needs, const std::vector<NodeFacts>& nodes, bool preferences);

/// The ranks of every place, ascending. Numbered places say theirs. Named ones take free ranks that fit, the lowest; where
/// no choice of ranks serves all places, the lowest that are free. Runs of neighbours where needs leave the choice.
std::vector<std::vector<int>> ranks_of_places(const std::vector<graph::Place>& places, const std::vector<NodeFacts>& nodes);

/// Whether every rank offers what its blocks, and the places in `ranks_of`, require: throws Refused with all that is missing.
/// What is preferred and missing becomes a note of `plan`. Without nodes nothing is looked at.
void check_needs(const graph::Assignment& assignment, const std::vector<std::vector<int>>& ranks_of,
                 const std::vector<NodeFacts>& nodes, Plan& plan);

}  // namespace flowspan::partition

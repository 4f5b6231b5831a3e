// Blocks in cycles of messages that lead nowhere any more.
//
// Whoever ends early cancels what it reads, and that in turn what it reads. Within a cycle (streams, and back over a message
// edge with `feedback:`) each block is read by the next one for ever. So rank 0 hears which blocks have ended and looks, over
// all edges, from which ones anything can still be seen.
#pragma once

#include "graph/described.hpp"

#include <map>
#include <vector>

namespace flowspan::run {

class Needed {
public:
    /// By block: the rank that runs it.
    Needed(const graph::DescribedGraph& graph, std::vector<int> rank_of);
    /// Whether there is a cycle at all: else nobody need tell.
    bool has_cycles() const { return has_cycles_; }
    /// These blocks have ended. Returns those that from now on lead to none that publishes, and to none that nobody reads, by
    /// rank; each once.
    std::map<int, std::vector<int>> ended(const std::vector<int>& blocks);

private:
    std::vector<std::vector<int>> reads_;     // over streams and messages
    std::vector<bool> seen_outside_, ended_;  // publishes, or is read by nobody; has ended, or has been told to
    std::vector<int> rank_of_;
    bool has_cycles_ = false;
};

}  // namespace flowspan::run

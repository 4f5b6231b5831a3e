// What ranks offer (`require:`), and which of them a graph's units may be given to. Pure.
#pragma once

#include "graph/spec.hpp"
#include "memory/device.hpp"
#include "partition/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What units of a graph require of the rank that computes one alone. Free memory, which is another at any moment, is left to
/// each unit.
std::vector<graph::Need> needs_of(const graph::Assignment& assignment);

/// What a batch asks its ranks for, of all its graphs.
struct Wishes {
    std::uint64_t devices = 0;  // as many as the graph needs that needs most
    bool exclusive = false;     // a device is one rank's
    std::vector<std::string> paths;
    void add(const std::vector<graph::Need>& needs);
};

/// What a rank has.
struct Offered {
    partition::NodeFacts node;
    std::vector<memory::Device> devices;  // that its workers see; of these `node` has the names
    bool shares = false;                  // they are a part of what is there
    /// CUDA_VISIBLE_DEVICES of its workers.
    std::string visible() const;
};

/// Gives each device to one rank, each rank `each` of them, the first ranks first; whoever does not get so many has none.
void share_out(std::vector<Offered>& ranks, std::uint64_t each);
/// Two ranks that see one device; (-1, -1) where there are none.
std::pair<int, int> sharing(const std::vector<Offered>& ranks);

/// By rank: whether it offers all that is needed.
std::vector<bool> serving(const std::vector<Offered>& ranks, const std::vector<graph::Need>& needs);
/// Refuses needs that no rank serves, as a run does.
void refuse_unserved(const std::vector<Offered>& ranks, const std::vector<graph::Need>& needs);

}  // namespace flowspan::batch

// What ranks offer (`require:`), and which of them a graph's units may be given to. Pure.
#pragma once

#include "graph/described.hpp"
#include "graph/spec.hpp"
#include "memory/device.hpp"
#include "partition/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What units of a graph require of the rank that computes one alone. Free memory, which is another at any moment, is left to
/// each unit.
std::vector<graph::Need> needs_of(const graph::Assignment& assignment);

/// A device, for the first block that is to run on one and nowhere else.
std::optional<graph::Need> need_of_device(const graph::DescribedGraph& graph);

/// What a batch asks its ranks for, of all its graphs.
struct Wishes {
    std::uint64_t devices = 0;  // as many as the graph needs that needs most
    bool exclusive = false;     // a device is one rank's
    bool trial = false;         // blocks are to run on devices, where there are some: they are tried
    bool transforms = false;    // with the library of transforms
    std::vector<std::string> paths;
    void add(const std::vector<graph::Need>& needs);
};

/// What a rank's device has answered.
struct Trial {
    int device = -1;  // of those that its workers see; -1: none was tried
    std::string fingerprint;
    std::uint64_t free_memory = 0;  // bytes
};

/// What a rank has.
struct Offered {
    partition::NodeFacts node;
    std::vector<memory::Device> devices;  // that its workers see; of these `node` has the names
    bool shares = false;                  // they are a part of what is there
    int order = 0;                        // of the rank among those of its host
    Trial trial{};
    std::vector<int> sharers{};  // ranks whose device is the same, this one among them
    /// CUDA_VISIBLE_DEVICES of its workers.
    std::string visible() const;
};

/// Gives each device to one rank, each rank `each` of them, the first ranks first; whoever does not get so many has none.
void share_out(std::vector<Offered>& ranks, std::uint64_t each);
/// Two ranks that see one device; (-1, -1) where there are none.
std::pair<int, int> sharing(const std::vector<Offered>& ranks);

/// Finds out who shares a device, from the trials. Throws Failure where devices compute other bytes than others.
void compare_trials(std::vector<Offered>& ranks);

/// Bytes of its device that a unit of this rank may take, where others take some at the same time; 0: any.
inline std::uint64_t share_of_memory(const Offered& rank) {
    return rank.sharers.size() < 2 ? 0 : rank.trial.free_memory / rank.sharers.size();
}

/// By rank: whether it offers all that is needed.
std::vector<bool> serving(const std::vector<Offered>& ranks, const std::vector<graph::Need>& needs);
/// Refuses needs that no rank serves, as a run does.
void refuse_unserved(const std::vector<Offered>& ranks, const std::vector<graph::Need>& needs);

}  // namespace flowspan::batch

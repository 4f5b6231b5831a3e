// Blocks for tests of the runtime: sources with known samples, tags and stretches, sinks that keep everything.
#pragma once

#include "graph/spec.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <flowspan/test.hpp>

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace flowspan::tests {

/// What the sinks of a run saw, by block. Shared by the ranks of a local run.
struct Collected {
    std::map<std::string, test::Stream> streams;
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> messages;  // stamp, value as JSON
    std::shared_ptr<std::mutex> mutex = std::make_shared<std::mutex>();
    bool operator==(const Collected& other) const;
};

std::string difference(const Collected& a, const Collected& b);

/// ramp, broken_ramp, tagged_ramp (rf32 sources), eventful, fails (rf32 to rf32), add_in_eights, collect (sink), announce
/// (stream in, messages out), collect_messages, gain_by_message.
void add_test_blocks(Registry& registry, Collected& collected);

/// uneven, clock, runs, pair, burst, greedy (data-dependent rates), listen (tags as messages), look_back, items_of_messages.
void add_dependent_blocks(Registry& registry);

/// Each block on a random rank.
graph::Assignment deal(const runtime::Flowgraph& graph, int ranks, std::mt19937& random);

}  // namespace flowspan::tests

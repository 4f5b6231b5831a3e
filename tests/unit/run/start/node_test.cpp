#include "run/start/node.hpp"

#include "comm/local/local.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace flowspan::run {
namespace {

using graph::Need;

graph::Assignment asking(std::vector<Need> needs) {
    graph::Assignment assignment;
    assignment.needs[0] = std::move(needs);
    return assignment;
}

TEST(FreeMemory, IsPositiveAndAtMostWhatTheMachineHas) {
    std::ifstream info("/proc/meminfo");
    std::string key;
    std::uint64_t total = 0;
    info >> key >> total;
    ASSERT_EQ(key, "MemTotal:");
    EXPECT_GT(free_memory(), 0u);
    EXPECT_LE(free_memory(), total * 1024);
}

TEST(NodeFacts, HoldThePathsThatExistAndTheNamesOfThePlugins) {
    const auto facts =
        node_facts(asking({{Need::Kind::path, "/proc", 0, false, "", {}}, {Need::Kind::path, "/no/such", 0, false, "", {}}}),
                   "here", {"lora.so 5f0c1a2b3c4d5e6f", "two words.so 0123456789abcdef"});
    EXPECT_EQ(facts.host, "here");
    EXPECT_THAT(facts.paths, ::testing::ElementsAre("/proc"));
    EXPECT_THAT(facts.plugins, ::testing::ElementsAre("lora", "two words"));
}

TEST(NodeFacts, AreNotGatheredWhereNothingIsAsked) {
    const auto alone = comm::single_rank();
    EXPECT_THAT(gather_nodes(*alone, {}, {}), ::testing::IsEmpty());
    const auto nodes = gather_nodes(*alone, asking({{Need::Kind::memory, "1 GiB", 1U << 30, false, "", {}}}), {"lora.so 5f0c"});
    ASSERT_EQ(nodes.size(), 1u);
    EXPECT_EQ(nodes[0].host, alone->host());
    EXPECT_GT(nodes[0].memory, 0u);
    EXPECT_THAT(nodes[0].plugins, ::testing::ElementsAre("lora"));
}

}  // namespace
}  // namespace flowspan::run

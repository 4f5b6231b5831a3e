#include "batch/offer/offers.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using graph::Need;
using ::testing::ElementsAre;

Need need(Need::Kind kind, const std::string& word, std::uint64_t amount = 1) {
    return {kind, word, amount, false, "ranks.gpu.require." + word, {"graph.yaml", 7, 20, {}}};
}
Need cuda(std::uint64_t amount) { return need(Need::Kind::cuda, "cuda", amount); }

/// Ranks of one host each see all of its devices.
std::vector<Offered> ranks(const std::vector<std::pair<std::string, int>>& hosts) {
    std::vector<Offered> all;
    for (const auto& [host, devices] : hosts) {
        Offered rank;
        rank.node.host = host;
        for (int d = 0; d < devices; ++d) {
            rank.devices.push_back({"H100", "id" + std::to_string(d), std::to_string(d)});
            rank.node.devices.emplace_back("H100");
        }
        all.push_back(std::move(rank));
    }
    return all;
}

std::vector<std::string> visible(const std::vector<Offered>& ranks) {
    std::vector<std::string> all;
    for (const Offered& rank : ranks) all.push_back(rank.visible());
    return all;
}

TEST(Offers, DevicesOfAHostAreSharedOutAndWhoGetsNoneIsKnown) {
    auto all = ranks({{"a", 2}, {"a", 2}, {"a", 2}, {"b", 1}, {"b", 1}});
    share_out(all, 1);
    EXPECT_THAT(visible(all), ElementsAre("0", "1", "", "0", ""));
    EXPECT_THAT(serving(all, {cuda(1)}), ElementsAre(true, true, false, true, false));
    EXPECT_THAT(serving(all, {}), ElementsAre(true, true, true, true, true));
    EXPECT_EQ(sharing(all), std::pair(-1, -1));
}

TEST(Offers, ARankGetsAllThatAUnitNeedsOrNothing) {
    auto all = ranks({{"a", 3}, {"a", 3}, {"b", 4}, {"b", 4}});
    share_out(all, 2);
    EXPECT_THAT(visible(all), ElementsAre("0,1", "", "0,1", "2,3"));
}

TEST(Offers, ADeviceIsKnownByItsIdWhateverItsNumber) {
    auto all = ranks({{"a", 2}, {"a", 2}});
    all[1].devices = {{"H100", "id0", "1"}, {"H100", "id1", "0"}};  // the other way round: CUDA_VISIBLE_DEVICES=1,0
    EXPECT_EQ(sharing(all), std::pair(0, 1));
    share_out(all, 1);
    EXPECT_THAT(visible(all), ElementsAre("0", "0"));
    EXPECT_EQ(all[1].devices[0].id, "id1");
    EXPECT_EQ(sharing(all), std::pair(-1, -1));
}

TEST(Offers, WhatNoRankServesIsRefused) {
    auto all = ranks({{"a", 1}, {"b", 0}});
    refuse_unserved(all, {cuda(1)});
    try {
        refuse_unserved(all, {cuda(2)});
        FAIL();
    } catch (const Refused& e) {
        EXPECT_STREQ(e.what(),
                     "graph.yaml:7:20: ranks.gpu.require.cuda: expected at least 2 CUDA devices on rank 0 (a), got 1 (H100)\n"
                     "   hint: no rank offers it");
    }
    Need host = need(Need::Kind::host, "host");
    host.text = "b*";
    EXPECT_THROW(refuse_unserved(all, {cuda(1), host}), Refused) << "each alone is served";
}

Offered& try_device(Offered& rank, int order, const std::string& fingerprint) {
    rank.order = order;
    rank.trial = {order % int(rank.devices.size()), fingerprint, 1000};
    return rank;
}

TEST(Offers, RanksThatShareADeviceAreKnown) {
    auto all = ranks({{"a", 2}, {"b", 1}, {"a", 2}, {"a", 2}, {"c", 0}});
    try_device(all[0], 0, "f"), try_device(all[1], 0, "f"), try_device(all[2], 1, "f"), try_device(all[3], 2, "f");
    compare_trials(all);
    EXPECT_THAT(all[0].sharers, ElementsAre(0, 3));
    EXPECT_THAT(all[3].sharers, ElementsAre(0, 3));
    EXPECT_THAT(all[2].sharers, ElementsAre(2));
    EXPECT_THAT(all[4].sharers, ElementsAre());
    EXPECT_EQ(share_of_memory(all[0]), 500U);
    EXPECT_EQ(share_of_memory(all[1]), 0U);
}

TEST(Offers, DevicesThatComputeOtherBytesAreRefused) {
    auto all = ranks({{"a", 0}, {"b", 1}, {"c", 1}});
    try_device(all[1], 0, "f"), try_device(all[2], 0, "g");
    try {
        compare_trials(all);
        FAIL();
    } catch (const Failure& e) {
        EXPECT_STREQ(
            e.what(),
            "the devices differ: what their kernels make of the same samples is f on rank 1 (b), and g on rank 2 (c)\n   "
            "hint: give all ranks devices of one model");
    }
}

TEST(Offers, ABlockThatRunsNowhereElseNeedsADevice) {
    graph::DescribedGraph graph;
    graph.blocks.resize(3);
    graph.blocks[1].name = "half";
    graph.blocks[1].wants_device = graph.blocks[1].only_if_all = true;
    EXPECT_FALSE(need_of_device(graph).has_value());
    graph.blocks[2].name = "twice";
    graph.blocks[2].wants_device = true;
    auto all = ranks({{"a", 0}, {"b", 0}});
    try {
        refuse_unserved(all, {need_of_device(graph).value()});
        FAIL();
    } catch (const Refused& e) {
        EXPECT_STREQ(e.what(),
                     "blocks.twice.device: expected at least 1 CUDA device on rank 0 (a), got none\n"
                     "   hint: no rank offers it");
    }
}

TEST(Offers, FreeMemoryAndPreferencesAreAMatterOfEachUnit) {
    graph::Assignment assignment;
    Need preferred = need(Need::Kind::host, "host");
    preferred.preferred = true;
    assignment.needs[3] = {cuda(1), need(Need::Kind::memory, "memory", 1 << 30), preferred};
    graph::Place place;
    place.needs = {cuda(2), need(Need::Kind::exclusive, "exclusive")};
    assignment.places = {place};
    const auto needs = needs_of(assignment);
    EXPECT_EQ(needs.size(), 3U);
    Wishes asked;
    asked.add(needs);
    EXPECT_EQ(asked.devices, 2U);
    EXPECT_TRUE(asked.exclusive);
}

}  // namespace
}  // namespace flowspan::batch

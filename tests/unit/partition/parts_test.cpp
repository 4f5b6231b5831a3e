// Unrelated parts of a graph do not meddle with one another: quanta, rings, and what blocks cost.
#include "graph_builder.hpp"

#include <gmock/gmock.h>

namespace flowspan::partition {
namespace {

using test::Builder;
using test::listed;
using test::on;
using test::place;
using ::testing::ElementsAre;

/// A source of `rate` items a second before a sink on another rank; returns the source.
int add_crossing(Builder& b, double rate, std::vector<int>& near, std::vector<int>& far) {
    const int source = b.add("source", {}, 1);
    b.graph.outputs[std::size_t(b.out(source))].rate = rate;
    near.push_back(source);
    far.push_back(b.add("sink", {{b.out(source)}}, 0));
    return source;
}

std::uint64_t quantum_of(const Plan& plan, int output) {
    for (const Crossing& c : plan.crossings)
        if (c.output == output) return c.quantum;
    return 0;
}

struct TwoCrossings {
    Builder b;
    std::vector<int> near, far;
    int fast = add_crossing(b, 20e6, near, far), slow = add_crossing(b, 10, near, far);
    Plan plan() const {
        std::vector<std::vector<int>> here, there;
        for (const int block : near) here.push_back({block});
        for (const int block : far) there.push_back({block});
        return make_plan(b.graph, listed({place(0, 0, here), place(1, 1, there)}), on(2));
    }
};

TEST(Parts, AFastSourceDoesNotMakeCrossingsOfAnotherPartSmall) {
    const TwoCrossings two;
    const Plan plan = two.plan();
    EXPECT_EQ(quantum_of(plan, two.b.out(two.fast)) * 8, 256u << 10);
    EXPECT_EQ(quantum_of(plan, two.b.out(two.slow)) * 8, 256u << 10);
}

TEST(Parts, AreOneWhereMessagesCoupleTheirTimes) {
    TwoCrossings two;
    two.b.message(two.fast, two.far[1]);
    EXPECT_EQ(quantum_of(two.plan(), two.b.out(two.slow)), 1u) << "more would be an hour of the fast one";
    two.b.graph.messages.back().arrival = true;
    EXPECT_EQ(quantum_of(two.plan(), two.b.out(two.slow)) * 8, 256u << 10) << "who takes messages as they come waits for none";
}

TEST(Parts, AFastSourceDoesNotMakePiecesOfAnotherPartSmall) {
    Builder b;
    const int fast = b.add("fast", {}, 1), slow = b.add("file", {}, 1);
    b.graph.outputs[0].rate = 20e6;
    b.graph.outputs[1].rate = 10;
    b.graph.blocks[std::size_t(slow)].piece_bytes = 1 << 20;
    b.add("sink", {{b.out(fast)}}, 0);
    b.add("sink", {{b.out(slow)}}, 0);
    EXPECT_EQ(make_plan(b.graph, {}, on(1)).buffer(b.out(slow), 0)->quantum * 8, 1u << 20);
}

/// Two chains: a source and two workers that cost as much as one another.
struct TwoChains {
    Builder b;
    TwoChains() {
        for (const double rate : {20e6, 48e3}) {
            int last = b.add("source", {}, 1, {}, 0);
            b.graph.outputs[std::size_t(b.out(last))].rate = rate;
            for (int k = 0; k < 2; ++k) last = b.add("worker", {{b.out(last)}}, 1);
        }
    }
    std::vector<int> ranks(int n) const { return make_plan(b.graph, {}, on(n)).rank_of; }
};

TEST(Parts, OfUnknownDurationCostAsIfTheyHadEquallyManyItems) {
    EXPECT_THAT(TwoChains().ranks(2), ElementsAre(0, 0, 0, 0, 1, 1)) << "by items a second the slow chain would be nothing";
}

TEST(Parts, OfKnownLengthCostByTheirItemsInAll) {
    TwoChains chains;
    chains.b.graph.blocks[0].total = 1000;
    chains.b.graph.blocks[3].total = 1000000;
    // The first chain is a thousandth of the second, whose workers then are what is to be parted.
    const std::vector<int> ranks = chains.ranks(2);
    EXPECT_EQ(ranks[1], ranks[2]);
    EXPECT_NE(ranks[4], ranks[5]);
    chains.b.graph.blocks[3].total.reset();
    EXPECT_THAT(chains.ranks(2), ElementsAre(0, 0, 0, 0, 1, 1)) << "one unknown length makes durations useless";
}

TEST(Costs, CountInputItemsSoThatTheDearestOfSparseBlocksArePartedAcrossRanks) {
    Builder b;
    const int source = b.add("source", {}, 1, {}, 0.1);
    std::vector<int> sparse;
    for (const double cost : {1.0, 1.0, 10.0, 10.0}) {
        sparse.push_back(b.add("sparse", {{b.out(source)}}, 1, {.decimation = 1000}, cost));
        b.graph.blocks.back().data_dependent = true;
    }
    const std::vector<int> ranks = make_plan(b.graph, {}, on(2)).rank_of;
    EXPECT_NE(ranks[std::size_t(sparse[2])], ranks[std::size_t(sparse[3])]);
}

TEST(Rates, FollowTheGainOfEachOutput) {
    Builder b;
    const int source = b.add("source", {}, 1);
    const int split = b.add("split", {{b.out(source)}}, 2);
    b.graph.outputs[std::size_t(b.out(source))].rate = 8e6;
    b.graph.outputs[std::size_t(b.out(split, 1))].gain = 1e-3;
    b.add("dense", {{b.out(split, 0)}}, 0);
    b.add("sparse", {{b.out(split, 1)}}, 0);
    const Plan plan = make_plan(b.graph, listed({place(0, 0, {{source}, {split}}), place(1, 1, {{2}, {3}})}), on(2));
    EXPECT_EQ(quantum_of(plan, b.out(split, 0)), 32768u);
    EXPECT_EQ(quantum_of(plan, b.out(split, 1)), 131u);
}

TEST(FirstCache, GivesTheQuantumOfAChain) {
    EXPECT_EQ(host_quantum_bytes(48 << 10), 20u << 10);
    EXPECT_EQ(host_quantum_bytes(32 << 10), 12u << 10);
    EXPECT_EQ(host_quantum_bytes(40 << 10), 16u << 10);
    EXPECT_EQ(host_quantum_bytes(36 << 10), 12u << 10) << "whole pages";
    EXPECT_EQ(host_quantum_bytes(128 << 10), 20u << 10);
    EXPECT_EQ(host_quantum_bytes(16 << 10), 8u << 10);
    EXPECT_EQ(host_quantum_bytes(0), 8u << 10);
}

TEST(FirstCache, IsThatOfThePlan) {
    Builder b;
    const int source = b.add("source", {}, 1), copy = b.add("copy", {{b.out(source)}}, 1);
    b.add("sink", {{b.out(copy)}}, 0);
    PlanOptions options = on(1);
    options.host_quantum_bytes = host_quantum_bytes(32 << 10);
    const Plan plan = make_plan(b.graph, {}, options);
    EXPECT_EQ(plan.buffers[0].quantum * 8, 12u << 10);
    EXPECT_EQ(plan.rank_of, make_plan(b.graph, {}, on(1)).rank_of);
}

}  // namespace
}  // namespace flowspan::partition

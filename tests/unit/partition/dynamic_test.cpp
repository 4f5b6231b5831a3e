// Blocks whose rate follows their data, in the planner: what a ring before and behind them holds, and what no ring can.
#include "graph_builder.hpp"

#include <gmock/gmock.h>

namespace flowspan::partition {
namespace {

using test::Builder;
using test::listed;
using test::on;
using test::place;
using ::testing::ElementsAre;

/// source -> search (data-dependent) -> sink
struct Search {
    Builder b;
    int source = b.add("source", {}, 1), search = b.add("search", {{b.out(source), 100}}, 1), sink = 0;
    Search(std::uint64_t need, std::uint64_t at_most, std::uint64_t room, std::uint64_t history_behind = 0) {
        graph::DescribedBlock& block = b.graph.blocks[std::size_t(search)];
        block.data_dependent = true;
        block.inputs[0].need = need;
        block.inputs[0].at_most = at_most;
        b.graph.outputs[std::size_t(b.out(search))].room = room;
        sink = b.add("sink", {{b.out(search), history_behind}}, 0);
    }
    Plan plan() const { return make_plan(b.graph, {}, on(1)); }
    std::uint64_t before() const { return plan().buffer(b.out(source), 0)->capacity; }
    std::uint64_t behind() const { return plan().buffer(b.out(search), 0)->capacity; }
};

TEST(Dynamic, ARingBeforeHoldsTwiceTheNeedAndTheWritersQuantum) {
    const Search s(1000000, 1000000, 1);
    const Plan plan = s.plan();
    const Buffer& ring = *plan.buffer(s.b.out(s.source), 0);
    EXPECT_EQ(ring.quantum, 2560u) << "the writer's steps do not grow with what the reader needs";
    EXPECT_GE(ring.capacity, 100u + 2 * 1000000 + ring.quantum);
    EXPECT_LE(ring.capacity, 100u + 2 * 1000000 + 4 * ring.quantum);
}

TEST(Dynamic, ARingBeforeHoldsAllThatACallMayComeToNeedUpTo16MiB) {
    EXPECT_GE(Search(1, 5120, 1).before(), 100u + 5120 + 2560);
    EXPECT_GE(Search(1, 1000000, 1).before(), 100u + 1000000 + 2560);
    EXPECT_LE(Search(1, 10000000, 1).before(), 100u + 4 * 2560) << "then it gets what there is";
}

TEST(Dynamic, ARingBehindTakesACallWhileTheOneBeforeIsStillThere) {
    EXPECT_GE(Search(1, 1, 1000000).behind(), 2 * 1000000u + 1);
    EXPECT_GE(Search(1, 1, 1000000, 3000000).behind(), 3000000u + 1 + 1000000 + 1) << "history and one item, held back";
    EXPECT_GE(Search(1, 1, 1).behind(), 3u);
}

TEST(Dynamic, TakesItsRoomAcrossRanksToo) {
    const Search s(1000000, 1000000, 500000);
    const Plan plan =
        make_plan(s.b.graph, listed({place(0, 0, {{s.source}}), place(1, 1, {{s.search}}), place(2, 2, {{s.sink}})}), on(3));
    const std::uint64_t quantum = plan.crossings[0].quantum;
    EXPECT_GE(plan.buffer(s.b.out(s.source), 1)->capacity, 100u + 2 * 1000000 + quantum);
    EXPECT_GE(plan.buffer(s.b.out(s.search), 1)->capacity, 2 * 500000u + 1);
}

TEST(Dynamic, DoesNotShareMemoryWithAChainBeforeIt) {
    Builder b;
    int last = b.add("source", {}, 1);
    for (int k = 0; k < 2; ++k) last = b.add("copy", {{b.out(last)}}, 1);
    b.add("search", {{b.out(last)}}, 0);
    b.graph.blocks.back().data_dependent = true;
    b.graph.blocks.back().inputs[0].need = 300;
    for (const Buffer& buffer : make_plan(b.graph, {}, on(1)).buffers) EXPECT_EQ(buffer.memory_of, -1);
}

TEST(Dynamic, TheShortPathBesideItHoldsWhatItHoldsBack) {
    Builder b;
    const int source = b.add("source", {}, 2);
    const int sparse = b.add("sparse", {{b.out(source, 0)}}, 1, {.decimation = 100000});
    b.graph.blocks.back().data_dependent = true;
    b.graph.blocks.back().ratio = {};
    b.graph.blocks.back().inputs[0].need = b.graph.blocks.back().inputs[0].at_most = 64;
    b.graph.outputs[std::size_t(b.out(sparse))].room = 1;
    const int hold = b.add("hold", {{b.out(sparse)}}, 1, {.interpolation = 100000});
    b.add("join", {{b.out(hold)}, {b.out(source, 1)}}, 0);
    EXPECT_GE(make_plan(b.graph, {}, on(1)).buffer(b.out(source, 1), 0)->capacity, 100000u) << "an item is held back";
}

TEST(Dynamic, RingsHoldWhatPromisesAboutMessagesLagBehind) {
    Builder b;
    const int source = b.add("source", {}, 1);
    const int detect = b.add("detect", {{b.out(source)}}, 0), gate = b.add("gate", {{b.out(source)}}, 0);
    b.message(detect, gate);
    const auto before = make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity;
    b.graph.blocks[std::size_t(detect)].messages_lag = 700000;
    const auto after = make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity;
    EXPECT_LT(before, 10000u);
    EXPECT_GE(after, 700000u);
    EXPECT_LE(after, 710000u);
    b.graph.messages.back().arrival = true;
    EXPECT_EQ(make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity, before) << "nobody waits for the promise";
}

std::vector<std::string> refusals(const Builder& b) {
    std::vector<std::string> all;
    try {
        make_plan(b.graph, {}, on(1));
    } catch (const Refused& refused) {
        for (const Diagnostic& d : refused.diagnostics())
            all.push_back(d.key + ": " + d.expected + "; " + d.got + "; " + d.hint);
    }
    return all;
}

TEST(Limits, WhatNoRingCanHoldIsRefusedAllAtOnce) {
    Search s(std::uint64_t(1) << 28, std::uint64_t(1) << 28, (std::uint64_t(1) << 28) + 1);
    EXPECT_THAT(refusals(s.b), ElementsAre("blocks.search: at most 268435356 items needed at once on `in`; 268435456; "
                                           "268435456 items of 8 bytes and 100 of history would be 2147484448 bytes, and a "
                                           "ring holds at most 2147483648",
                                           "blocks.search: room for at most 268435456 items on `out`; 268435457; "
                                           "268435457 items of 8 bytes would be 2147483656 bytes, and a ring holds at most "
                                           "2147483648"));
}

TEST(Limits, HistoryIsRefusedLikeNeeds) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.add("delay", {{b.out(source), UINT64_MAX}}, 0);
    EXPECT_THAT(refusals(b), ElementsAre("blocks.delay: at most 268435456 items of history on `in`; 18446744073709551615; "
                                         "18446744073709551615 items of 8 bytes would be 147573952589676412920 bytes, and a "
                                         "ring holds at most 2147483648"));
}

TEST(Limits, SoIsAStepThatTakesMoreThanARingHolds) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.add("frame", {{b.out(source), 1000}}, 0, {.window = 300000000});
    EXPECT_THAT(refusals(b), ElementsAre("blocks.frame: a step of at most 268434456 items on `in`; 300000001; "
                                         "300000001 items of 8 bytes and 1000 of history would be 2400008008 bytes, and a "
                                         "ring holds at most 2147483648"));
}

}  // namespace
}  // namespace flowspan::partition

#include "graph_builder.hpp"

#include <gmock/gmock.h>

namespace flowspan::partition {
namespace {

using test::Builder;
using test::listed;
using test::on;
using test::place;
using ::testing::ElementsAre;

TEST(Capacity, OfAPlainChainIsAQuantumInTwoBuffersForTheCache) {
    Builder b;
    int last = b.add("source", {}, 1);
    for (int i = 0; i < 16; ++i) last = b.add("copy", {{b.out(last)}}, 1);
    b.add("sink", {{b.out(last)}}, 0);
    const Plan plan = make_plan(b.graph, {}, on(1));
    ASSERT_EQ(plan.buffers.size(), 17u);
    for (const Buffer& buffer : plan.buffers) {
        const bool first = buffer.output < 2;
        EXPECT_EQ(buffer.quantum, 2560u);
        EXPECT_EQ(buffer.capacity, 2560u);
        EXPECT_EQ(buffer.bytes, first ? 20480u : 0u);
        EXPECT_EQ(buffer.memory_of, first ? -1 : buffer.output % 2);
    }
}

TEST(Capacity, IsSharedOnlyWhereItemsPassOneByOneToOneReader) {
    const auto shared = [](const Ratio& ratio, std::uint64_t history, bool publishes, bool fan_out) {
        Builder b;
        int last = b.add("source", {}, 1);
        last = b.add("first", {{b.out(last), history}}, 1, ratio);
        b.graph.blocks.back().publishes = publishes;
        const int middle = b.add("second", {{b.out(last)}}, 1);
        b.add("sink", {{b.out(middle)}}, 0);
        if (fan_out) b.add("other", {{b.out(0)}}, 0);
        const Plan plan = make_plan(b.graph, {}, on(1));
        return std::any_of(plan.buffers.begin(), plan.buffers.end(), [](const Buffer& x) { return x.memory_of >= 0; });
    };
    EXPECT_TRUE(shared({}, 0, false, false));
    EXPECT_FALSE(shared({.decimation = 2}, 0, false, false));
    EXPECT_FALSE(shared({.grid = 4}, 0, false, false));
    EXPECT_FALSE(shared({}, 1, false, false));
    EXPECT_FALSE(shared({}, 0, true, false));
    EXPECT_FALSE(shared({}, 0, false, true));
}

TEST(Capacity, OfARingIsAtMost1TiB) {
    const auto refusal = [](std::uint64_t items) -> std::string {
        Builder b;
        const int source = b.add("source", {}, 1);
        b.add("sink", {{b.out(source)}}, 0);
        b.graph.blocks.back().inputs[0].buffer = items;
        try {
            make_plan(b.graph, {}, on(1));
        } catch (const Refused& refused) { return refused.what(); }
        return "";
    };
    EXPECT_EQ(refusal(std::uint64_t{1} << 37), "");
    for (const std::uint64_t items : {(std::uint64_t{1} << 37) + 1, std::uint64_t{1} << 62, (std::uint64_t{1} << 63) - 1})
        EXPECT_EQ(refusal(items), "blocks.sink: expected at most 137438953472 items in a ring, 1099511627776 bytes, got " +
                                      std::to_string(items) +
                                      " of 8 bytes each\n   hint: a smaller `buffer:`, if the graph gives one");
}

TEST(Capacity, OfARingHasNoRoomForWhatIsSkipped) {
    for (const std::uint64_t skip : {std::uint64_t{1000}, std::uint64_t{1} << 40, (std::uint64_t{1} << 63) - 1}) {
        Builder b;
        const int source = b.add("source", {}, 1);
        b.add("skip", {{b.out(source), 0, skip}}, 1);
        b.add("sink", {{b.out(1)}}, 0);
        EXPECT_LT(make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity, 100000u) << skip;
    }
}

TEST(Capacity, HoldsHistoryWindowAndGrid) {
    Builder b;
    const int source = b.add("source", {}, 1, {.grid = 1000});
    b.add("fft", {{b.out(source), 5000}}, 0, {.decimation = 100000, .window = 300000});
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_EQ(plan.buffers[0].quantum % 1000, 0u);
    EXPECT_GE(plan.buffers[0].quantum, 100000u);
    EXPECT_GE(plan.buffers[0].capacity, 5000u + 300000 + 100000 + 1000);
}

TEST(Capacity, GivesTheShortPathOfTwoWhatTheLongOneHoldsBack) {
    Builder b;
    const int source = b.add("source", {}, 2);
    const int framed = b.add("framed", {{b.out(source, 0)}}, 1, {.window = 1, .grid = 1000000});
    b.add("join", {{b.out(framed)}, {b.out(source, 1)}}, 0);
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_GE(plan.buffer(b.out(source, 1), 0)->capacity, 1000000u);
    EXPECT_LE(plan.buffer(b.out(source, 1), 0)->capacity, 1100000u);
}

TEST(Capacity, CountsMessagePathsAsPaths) {
    Builder b;
    const int source = b.add("source", {}, 1);
    const int detect = b.add("detect", {{b.out(source)}}, 0, {.grid = 500000});
    const int gate = b.add("gate", {{b.out(source)}}, 1);
    b.add("sink", {{b.out(gate)}}, 0);
    const auto before = make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity;
    b.message(detect, gate);
    const auto after = make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity;
    EXPECT_GE(before, 500000u);  // the detector's own grid
    EXPECT_GE(after, before);
    const Plan plan =
        make_plan(b.graph, listed({place(0, 0, {{source}}), place(1, 1, {{gate}}), place(2, 2, {{detect}})}), on(3));
    EXPECT_GE(plan.buffer(b.out(source), 1)->capacity, 500000u) << "the gate waits on its rank for the detector's watermark";
}

TEST(Capacity, DoesNotGrowAlongAChainThatBothPathsShare) {
    Builder b;
    int last = b.add("source", {}, 1);
    for (int i = 0; i < 50; ++i) last = b.add("framed", {{b.out(last)}}, 1, {.grid = 10000});
    const int left = b.add("left", {{b.out(last)}}, 1);
    b.add("join", {{b.out(left)}, {b.out(last)}}, 0);
    for (const Buffer& buffer : make_plan(b.graph, {}, on(1)).buffers) EXPECT_LE(buffer.capacity, 60000u);
}

TEST(Capacity, DoesNotCountSkippedItemsAsHeldOnes) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.add("skip", {{b.out(source), 0, 100000000}}, 0);
    EXPECT_EQ(make_plan(b.graph, {}, on(1)).buffers[0].capacity, 5120u);
    const int skip = b.add("skip", {{b.out(source), 0, 300000}}, 1);
    b.add("join", {{b.out(source)}, {b.out(skip)}}, 0);
    EXPECT_GE(make_plan(b.graph, {}, on(1)).buffer(b.out(source), 0)->capacity, 300000u);
}

TEST(Capacity, GivesBothSidesOfACrossingSeveralQuanta) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.add("sink", {{b.out(source)}}, 0);
    const Plan plan = make_plan(b.graph, {}, on(2));
    ASSERT_EQ(plan.crossings.size(), 1u);
    for (const int rank : {0, 1}) EXPECT_GE(plan.buffer(b.out(source), rank)->capacity, 4 * plan.crossings[0].quantum);
}

TEST(Capacity, HoldsBackLessOfASlowStream) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.graph.outputs[0].rate = 20e6;
    const int decimate = b.add("decimate", {{b.out(source)}}, 1, {.decimation = 1000});
    b.add("sink", {{b.out(decimate)}}, 0);
    const Plan plan = make_plan(b.graph, listed({place(0, 0, {{source}, {decimate}}), place(1, 1, {{2}})}), on(2));
    ASSERT_EQ(plan.crossings.size(), 1u);
    EXPECT_EQ(plan.crossings[0].quantum, 131u);  // four times the duration of 32768 items at 20 MHz, at 20 kHz
}

TEST(Capacity, IsPiecesTimesDepthAtFileBlocks) {
    Builder b;
    const int source = b.add("file", {}, 1);
    b.graph.blocks[0].piece_bytes = 1 << 20;
    b.add("sink", {{b.out(source)}}, 0);
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_EQ(plan.buffers[0].quantum * 8, 1u << 20);
    EXPECT_EQ(plan.buffers[0].bytes, 4u << 20);
}

TEST(Capacity, FollowsBufferUpAndDownButNotBelowWhatTheGraphNeeds) {
    Builder b;
    const int source = b.add("source", {}, 1);
    const int fir = b.add("fir", {{b.out(source), 999}}, 0);
    const auto with = [&](std::uint64_t items) {
        b.graph.blocks[std::size_t(fir)].inputs[0].buffer = items;
        return make_plan(b.graph, {}, on(1));
    };
    // The 999 zeros that the reader may want between stretches have their room besides.
    EXPECT_GE(with(1 << 20).buffers[0].capacity, (1u << 20) + 999u);
    EXPECT_LT(with(1 << 20).buffers[0].capacity, (1u << 20) + 999u + 4096u);
    EXPECT_GE(with(2048).buffers[0].capacity, 2048u + 999u);
    EXPECT_LT(with(2048).buffers[0].capacity, 2048u + 999u + 4096u);
    const Plan tiny = with(5);
    EXPECT_GE(tiny.buffers[0].capacity, 1000u);
    EXPECT_THAT(tiny.notes, ElementsAre("buffer: 5 before fir is raised to 1004: with less the graph could stall"));
}

// `late` makes something only once it has 65536 items: so much waits before the other input of what adds both.
TEST(Capacity, RaisesBufferWherePathsMeetAgain) {
    Builder b;
    const int source = b.add("source", {}, 1);
    const int late = b.add("late", {{b.out(source)}}, 1);
    b.graph.blocks[std::size_t(late)].ratio.grid = 65536;
    const int add = b.add("add", {{b.out(source)}, {b.out(late)}}, 0);
    b.graph.blocks[std::size_t(add)].inputs[0].buffer = 3682;
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_GE(plan.buffer(b.out(source), 0)->capacity, 65536u);
    ASSERT_EQ(plan.notes.size(), 1U);
    EXPECT_THAT(plan.notes[0], ::testing::StartsWith("buffer: 3682 before add is raised to 65"));
}

TEST(Capacity, IsWholePages) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.graph.outputs[0].item_size = 12;
    b.add("sink", {{b.out(source), 7}}, 0);
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_EQ(plan.buffers[0].bytes % 4096, 0u);
    EXPECT_EQ(plan.buffers[0].capacity, plan.buffers[0].bytes / 12);
}

TEST(Capacity, IsNothingForAnOptionalOutputThatNobodyReads) {
    Builder b;
    b.add("detector", {}, 2);
    b.graph.outputs[0].optional = true;
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_EQ(plan.buffer(0, 0), nullptr);
    ASSERT_NE(plan.buffer(1, 0), nullptr) << "an output that must be written has somewhere to go";
    EXPECT_GE(plan.buffer(1, 0)->capacity, plan.buffer(1, 0)->quantum);
}

}  // namespace
}  // namespace flowspan::partition

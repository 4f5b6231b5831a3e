// Which blocks run on devices, and what is copied there and back.
#include "graph_builder.hpp"

#include <gmock/gmock.h>

namespace flowspan::partition {
namespace {

using test::Builder;
using test::listed;
using test::on;
using test::place;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void wants(Builder& b, int block, bool only_if_all = false, bool can = true) {
    graph::DescribedBlock& d = b.graph.blocks[std::size_t(block)];
    d.type = "fir";
    d.on_devices = can;
    d.wants_device = true;
    d.only_if_all = only_if_all;
}

NodeFacts node(const std::string& host, int devices) {
    NodeFacts facts;
    facts.host = host;
    for (int d = 0; d < devices; ++d) facts.devices.push_back("GPU"), facts.device_ids.push_back(host + std::to_string(d));
    return facts;
}

std::vector<std::string> transfers(const Plan& plan) {
    std::vector<std::string> texts;
    for (const Transfer& t : plan.transfers)
        texts.push_back("output " + std::to_string(t.output) + " rank " + std::to_string(t.rank) +
                        (t.to_device ? " to the device" : " to the host") +
                        (t.type == SampleType::any ? "" : " as " + std::string(name_of(t.type))));
    return texts;
}

std::string refusal(const graph::DescribedGraph& graph, const graph::Assignment& assignment, const PlanOptions& options) {
    try {
        make_plan(graph, assignment, options);
    } catch (const Refused& refused) {
        std::string text;
        for (const Diagnostic& d : refused.diagnostics()) text += d.text() + "\n";
        return text;
    }
    return "";
}

/// source -> one -> two -> sink, with one and two on the device.
struct Chain {
    Builder b;
    int source = b.add("source", {}, 1), one = b.add("one", {{b.out(source)}}, 1), two = b.add("two", {{b.out(one)}}, 1),
        sink = b.add("sink", {{b.out(two)}}, 0);
    Chain() { wants(b, one), wants(b, two); }
};

TEST(Devices, SamplesStayThereFromTheFirstBlockToTheLast) {
    const Chain c;
    const Plan plan = make_plan(c.b.graph, {}, on(1));
    EXPECT_THAT(plan.on_device, ElementsAre(false, true, true, false));
    EXPECT_THAT(plan.device_of_rank, ElementsAre(0));
    EXPECT_THAT(transfers(plan), ElementsAre("output 0 rank 0 to the device", "output 2 rank 0 to the host"));
    EXPECT_FALSE(plan.buffer(0, 0)->on_device);
    EXPECT_TRUE(plan.buffer(1, 0)->on_device);
    EXPECT_TRUE(plan.buffer(2, 0)->on_device);
    for (const Buffer& buffer : plan.buffers) EXPECT_EQ(buffer.memory_of, -1) << "of rings of a device none is shared";
    for (const Transfer& t : plan.transfers) {
        EXPECT_EQ(t.quantum * 8, 16U << 20);
        EXPECT_GE(t.capacity, 4 * t.quantum);
    }
}

TEST(Devices, WhoeverStartsSeveralRunsOnAHostSaysWhichDevice) {
    const Chain c;
    auto options = on(1);
    for (const auto& [order, device] : {std::pair(-1, 0), {0, 0}, {1, 1}, {5, 2}}) {
        options.nodes = {node("a", 3)};
        options.nodes[0].device_order = order;
        EXPECT_THAT(make_plan(c.b.graph, {}, options).device_of_rank, ElementsAre(device)) << order;
    }
}

TEST(Devices, SizesOfTheLibraryOfTransformsRunWhereItIs) {
    Chain c;
    c.b.graph.blocks[std::size_t(c.two)].device_transforms = true;
    auto options = on(1);
    options.nodes = {node("a", 1)};
    EXPECT_THAT(make_plan(c.b.graph, {}, options).on_device, ElementsAre(false, true, true, false));
    options.nodes[0].no_transforms = "libcufft.so.12: cannot open shared object file";
    EXPECT_EQ(refusal(c.b.graph, {}, options),
              "blocks.two.device: expected cuFFT on rank 0 (a), which fir needs for its size, got libcufft.so.12: cannot open "
              "shared object file\n");
    wants(c.b, c.two, true);
    EXPECT_THAT(make_plan(c.b.graph, {}, options).on_device, ElementsAre(false, true, false, false));
}

TEST(Devices, WithoutBlocksOnThemAPlanIsAsItWas) {
    Builder b;
    const int source = b.add("source", {}, 1);
    b.add("sink", {{b.out(source)}}, 0);
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_THAT(transfers(plan), IsEmpty());
    EXPECT_THAT(plan.device_of_rank, ElementsAre(-1));
}

TEST(Devices, OnlyRanksWithSuchBlocksAreToAskADriver) {
    const Chain c;
    const graph::Assignment assignment =
        listed({place(0, 0, {{c.source}, {c.sink}}), place(1, 1, {{c.one}}), place(2, 2, {{c.two}})});
    EXPECT_THAT(ranks_for_devices(c.b.graph, assignment, 3, {}), ElementsAre(false, true, true));
    EXPECT_TRUE(uses_devices(make_plan(c.b.graph, assignment, on(3))));
    Builder b;
    b.add("sink", {{b.out(b.add("source", {}, 1))}}, 0);
    EXPECT_THAT(ranks_for_devices(b.graph, {}, 1, {}), ElementsAre(false));
    EXPECT_FALSE(uses_devices(make_plan(b.graph, {}, on(1))));
}

TEST(Devices, RingsOfConversionsHaveAsManyItemsAsWhatTheyRead) {
    Builder b;
    const int source = b.add("source", {}, 1);
    const int block = b.add("block", {{b.out(source)}}, 1);
    wants(b, block);
    b.add("sink", {{b.out(block)}}, 0);
    b.graph.outputs[0].type = SampleType::ci16;
    b.graph.outputs[0].item_size = 4;
    b.graph.blocks[std::size_t(block)].inputs[0].converted_to = SampleType::cf32;
    const Plan there = make_plan(b.graph, {}, on(1));
    ASSERT_EQ(there.conversions.size(), 1U);
    EXPECT_TRUE(there.conversions[0].on_device);
    EXPECT_EQ(there.conversions[0].bytes, 2 * there.transfers[0].bytes);
    b.graph.blocks[std::size_t(block)].wants_device = false;
    const Plan here = make_plan(b.graph, {}, on(1));
    EXPECT_FALSE(here.conversions[0].on_device);
    EXPECT_EQ(here.conversions[0].bytes, 2 * here.buffer(0, 0)->bytes);
}

TEST(Devices, OneCopyServesAllReadersInAMemory) {
    Builder b;
    const int source = b.add("source", {}, 1);
    for (int k = 0; k < 3; ++k) {
        const int block = b.add("block", {{b.out(source)}}, 1);
        wants(b, block);
        b.add("sink", {{b.out(block)}}, 0);
        b.add("other", {{b.out(block)}}, 0);
    }
    const Plan plan = make_plan(b.graph, {}, on(1));
    EXPECT_THAT(transfers(plan), ElementsAre("output 0 rank 0 to the device", "output 1 rank 0 to the host",
                                             "output 2 rank 0 to the host", "output 3 rank 0 to the host"));
}

TEST(Devices, ACrossingGoesThroughTheHosts) {
    const Chain c;
    const Plan plan =
        make_plan(c.b.graph, listed({place(0, 0, {{c.source}, {c.one}}), place(1, 1, {{c.two}, {c.sink}})}), on(2));
    EXPECT_THAT(transfers(plan), ElementsAre("output 0 rank 0 to the device", "output 1 rank 0 to the host",
                                             "output 1 rank 1 to the device", "output 2 rank 1 to the host"));
    EXPECT_TRUE(plan.buffer(1, 0)->on_device);
    EXPECT_FALSE(plan.buffer(1, 1)->on_device);
    EXPECT_THAT(plan.device_of_rank, ElementsAre(0, 0));
}

TEST(Devices, IntegersBecomeFloatsThereWhereTheyCan) {
    for (const SampleType type : {SampleType::ci16, SampleType::ci32}) {
        Chain c;
        c.b.graph.outputs[0].type = type;
        c.b.graph.outputs[0].item_size = size_of(type);
        c.b.graph.blocks[std::size_t(c.one)].inputs[0].converted_to = SampleType::cf32;
        const Plan plan = make_plan(c.b.graph, {}, on(1));
        ASSERT_EQ(plan.conversions.size(), 1U);
        EXPECT_EQ(plan.conversions[0].on_device, type == SampleType::ci16);
        EXPECT_EQ(transfers(plan)[0],
                  type == SampleType::ci16 ? "output 0 rank 0 to the device" : "output 0 rank 0 to the device as cf32");
    }
}

TEST(Devices, RanksOfAHostTakeOneAfterTheOther) {
    Builder b;
    std::vector<graph::Place> places;
    for (int rank = 0; rank < 6; ++rank) {
        const int source = b.add("source", {}, 1), block = b.add("block", {{b.out(source)}}, 0);
        if (rank != 1) wants(b, block);
        places.push_back(place(rank, rank, {{source}, {block}}));
    }
    PlanOptions options = on(6);
    for (int rank = 0; rank < 6; ++rank) options.nodes.push_back(rank < 4 ? node("a", 2) : node("b", 3));
    EXPECT_THAT(make_plan(b.graph, listed(places), options).device_of_rank, ElementsAre(0, -1, 1, 0, 0, 1));
}

TEST(Devices, CudaNeverFallsBack) {
    Chain c;
    PlanOptions options = on(2);
    options.nodes = {node("a", 1), node("b", 0)};
    const auto assignment = listed({place(0, 0, {{c.source}, {c.one}}), place(1, 1, {{c.two}, {c.sink}})});
    EXPECT_EQ(refusal(c.b.graph, assignment, options), "blocks.two.device: expected a CUDA device on rank 1 (b), got none\n");
    wants(c.b, c.one, false, false);
    EXPECT_THAT(refusal(c.b.graph, assignment, options),
                HasSubstr("blocks.one.device: expected a block with kernels for this, got fir, which has none\n"));
    c.b.graph.blocks[std::size_t(c.one)].cpu_only = "interpolates";
    EXPECT_THAT(refusal(c.b.graph, assignment, options), HasSubstr("got fir, which interpolates\n"));
}

TEST(Devices, AutoIsAllCopiesOrNone) {
    for (const int devices_of_b : {0, 1}) {
        Builder b;
        std::vector<graph::Place> places;
        for (int rank = 0; rank < 2; ++rank) {
            const int source = b.add("source", {}, 1), block = b.add("copied", {{b.out(source)}}, 0),
                      alone = b.add("alone" + std::to_string(rank), {{b.out(source)}}, 0);
            wants(b, block, true);
            wants(b, alone, true);
            places.push_back(place(rank, rank, {{source}, {block}, {alone}}));
        }
        PlanOptions options = on(2);
        options.nodes = {node("a", 1), node("b", devices_of_b)};
        const bool all = devices_of_b == 1;
        EXPECT_THAT(make_plan(b.graph, listed(places), options).on_device, ElementsAre(false, all, true, false, all, all));
    }
}

}  // namespace
}  // namespace flowspan::partition

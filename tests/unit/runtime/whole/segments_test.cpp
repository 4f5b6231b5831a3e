// Runs that are segments of longer ones: they begin within a stretch with the lead-in that is counted for them, and make the
// whole run's items.
#include "tests/unit/runtime/links/link_runner.hpp"

#include "partition/lead_in.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace flowspan;
using tests::run_on;

namespace {

partition::LeadIn lead_in(const std::string& text, const std::string& sink, const partition::Span& items,
                          bool first_stretch = true) {
    tests::Collected collected;
    Registry registry = built_in_blocks();
    tests::add_test_blocks(registry, collected);
    runtime::Flowgraph graph(registry, text, "test.yaml", {});
    graph.describe({});
    for (int b = 0; b < graph.size(); ++b) {
        if (graph.spec().blocks[std::size_t(b)].name != sink) continue;
        return partition::lead_in(graph.described(), graph.described().blocks[std::size_t(b)].inputs[0].output, items,
                                  first_stretch);
    }
    throw std::runtime_error("no sink " + sink);
}

/// Parts of what `sink` gets, from `anchor` on, the source's first item of that stretch, where the sink's is `begun`.
void parts_are_the_wholes(const std::string& before_length, const std::string& after_length, std::uint64_t length,
                          std::uint64_t anchor = 0, std::uint64_t begun = 0, std::uint64_t stretch_end = UINT64_MAX) {
    const auto text = [&](std::uint64_t n) { return before_length + std::to_string(n) + after_length; };
    const test::Stream whole = run_on(text(length), 1, 0, 0).streams.at("sink");
    const std::size_t size = whole.description.item_size() > 0 && whole.description.type != SampleType::any
                                 ? whole.description.item_size()
                                 : sizeof(f32);
    const std::uint64_t items = whole.bytes.size() / size;
    std::mt19937_64 random(5);
    for (int round = 0; round < 12; ++round) {
        const std::uint64_t first = random() % (items - begun), end = std::min(items - begun, first + 1 + random() % 3000);
        const partition::LeadIn lead = lead_in(text(length), "sink", {first, end}, anchor == 0);
        ASSERT_TRUE(lead.unbounded.empty());
        const partition::Span needs = *lead.of_output[0];
        if (anchor + needs.end > std::min(length, stretch_end)) continue;
        const int ranks = 1 + round % 3;
        if (!tests::has_ranks(ranks)) continue;
        const test::Stream part =
            run_on(text(anchor + needs.end), ranks, unsigned(round), 0, true, anchor + needs.first).streams.at("sink");
        EXPECT_LE(part.first, begun + first) << ranks << " ranks";
        EXPECT_GE(part.first + part.bytes.size() / size, begun + end);
        ASSERT_LE(part.first * size + part.bytes.size(), whole.bytes.size());
        EXPECT_TRUE(std::equal(part.bytes.begin(), part.bytes.end(), whole.bytes.begin() + std::ptrdiff_t(part.first * size)))
            << first << " to " << end << ", read from " << needs.first << " to " << needs.end;
    }
}

}  // namespace

// Filters of 513 and 601 taps have grids of 3584 and 3496 outputs, with 1566208 in common, which nothing asks for.
TEST(Segments, NeedsOfFastFiltersAddUpAlongAPath) {
    const std::string before = "flowspan: 1\nblocks:\n  source: {type: ramp, length: ", after = R"(}
  one: {type: fir_filter, cutoff: 100 kHz, taps_count: 513}
  two: {type: fir_filter, cutoff: 50 kHz, taps_count: 601}
  sink: {type: collect}
connections: [source -> one -> two -> sink]
)";
    parts_are_the_wholes(before, after, 60000);
    std::uint64_t most = 0, of_grid_blocks = 0;
    for (std::uint64_t first = 100000; first < 400000; first += 997) {
        most = std::max(most, first - lead_in(before + "500000" + after, "sink", {first, first + 1}).of_output[0]->first);
        const std::uint64_t begins = first / 3496 * 3496;  // where a planner would cut
        of_grid_blocks = std::max(
            of_grid_blocks, begins - lead_in(before + "500000" + after, "sink", {begins, begins + 1}).of_output[0]->first);
    }
    EXPECT_LE(most, 512U + 600 + 3583 + 3495);
    EXPECT_LE(of_grid_blocks, 512U + 600 + 3583);
}

TEST(Segments, PathsOfDifferentNeedsJoin) {
    parts_are_the_wholes("flowspan: 1\nblocks:\n  source: {type: ramp, length: ", R"(}
  long: {type: fir_filter, cutoff: 10 kHz, taps_count: 901}
  short: {type: copy}
  sum: {type: add, inputs: 2}
  less: {type: rational_resampler, interpolation: 3, decimation: 7}
  skip: {type: skip, length: 100}
  sink: {type: collect}
connections:
  - source -> long -> sum.in[0]
  - source -> short -> sum.in[1]
  - sum -> less -> skip -> sink
)",
                         60000);
}

TEST(Segments, ItemsOfAveragedSpectraBeginWhereTheyDoInTheWhole) {
    parts_are_the_wholes("flowspan: 1\nblocks:\n  source: {type: ramp, length: ", R"(}
  power: {type: psd, size: 1, overlap: 0, average: 100}
  sink: {type: collect}
connections: [source -> power -> sink]
)",
                         60000);
}

// The second stretch, behind a gap at 10007 and an empty one: 3336 outputs of a decimation by 3 are before it.
TEST(Segments, BeginWithinALaterStretchWithTheAnchorsOfTheWhole) {
    parts_are_the_wholes("flowspan: 1\nblocks:\n  source: {type: broken_ramp, length: ", R"(}
  less: {type: fir_filter, taps: [1, 2, 3, 4], decimation: 3}
  sink: {type: collect}
connections: [source -> less -> sink]
)",
                         25000, 10008, 3337);
}

// Of a block that remembers 300 items, those outputs are left out that depend on what was not there.
TEST(Segments, WhatABlockRemembersIsReadToo) {
    parts_are_the_wholes("flowspan: 1\nblocks:\n  source: {type: ramp, length: ", R"(}
  sums: {type: remembers}
  sink: {type: collect}
connections: [source -> sums -> sink]
)",
                         20000);
}

// Blocks whose rate depends on the data: counts, ends, tags, messages, places and changes, on one rank and on several.
#include "tests/unit/runtime/links/same_on_all.hpp"

#include "graph/spec.hpp"

#include <flowspan/test.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

using namespace flowspan;
using tests::run_on;
using tests::same_on_all;

namespace {

std::string failure_of(const std::string& text) {
    try {
        run_on(text, 1, 1, 0);
    } catch (const std::exception& e) { return e.what(); }
    return "it did not fail";
}

}  // namespace

TEST(Dependent, TakesAndMakesWhatItSaysOnAnyCut) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 50021}
  uneven: {type: uneven}
  sink: {type: collect}
  spans: {type: collect}
  log: {type: collect_messages}
connections:
  - source -> uneven
  - uneven.out -> sink
  - uneven.span -> spans
messages: [uneven.sums -> log]
)";
    same_on_all(text);
    const tests::Collected got = run_on(text, 1, 0, 0);
    const auto sums = got.streams.at("sink").samples<f32>();
    ASSERT_EQ(sums.size(), 50021U / 12 * 3 + 1);  // 4168 rounds of 12, then 5 items: one span of 3
    double ramp = 0;
    for (std::size_t k = 0; k < 20; ++k) {
        const std::size_t span = k % 3 == 0 ? 3 : k % 3 == 1 ? 5 : 4;
        double sum = 0;
        for (std::size_t i = 0; i < span; ++i) sum += ramp++;
        EXPECT_EQ(sums[k], f32(sum));
    }
    EXPECT_EQ(got.streams.at("spans").samples<f32>().size(), sums.size());
}

// Retuned at 0, 97, 194, …; item k of three stands for 12 (k / 3) and 0, 3 or 8 behind that. How many steps a call makes does
// not matter.
TEST(Dependent, RetuningsMoveToTheFirstItemAtOrBehindTheirPlace) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 20000}
  tuned: {type: tuned}
  hasty: {type: hasty}
  sink: {type: collect}
connections:
  - source -> tuned -> hasty -> sink
)";
    same_on_all(text);
    std::vector<test::Stream::Retuning> expected;
    for (std::uint64_t i = 97; i + 5 < 20000; i += 97) {
        const std::uint64_t behind = i % 12;
        expected.push_back({i / 12 * 3 + (behind == 0 ? 0U : behind <= 3 ? 1U : behind <= 8 ? 2U : 3U), double(i)});
    }
    const test::Stream got = run_on(text, 1, 0, 0).streams.at("sink");
    std::vector<test::Stream::Retuning> seen = got.retunings;
    std::erase_if(seen, [](const auto& r) { return r.index == 0 || *r.center_frequency > 19990; });
    ASSERT_EQ(seen.size(), expected.size());
    for (std::size_t k = 0; k < seen.size(); ++k) {
        EXPECT_EQ(seen[k].index, expected[k].index) << k;
        EXPECT_EQ(seen[k].center_frequency, expected[k].center_frequency) << k;
    }
}

// Tags of 0, 97, 194, … and of the last ones; item k of three stands for 12 (k / 3) and 0, 3 or 8 behind that.
TEST(Dependent, TagsMoveToTheFirstItemAtOrBehindTheirPlace) {
    const tests::Collected got = run_on(R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 5003}
  uneven: {type: uneven}
  sink: {type: collect}
connections: [source -> uneven.in, uneven.out -> sink]
)",
                                        1, 0, 0);
    const auto place = [](std::uint64_t item) { return item / 3 * 12 + (item % 3 == 0 ? 0 : item % 3 == 1 ? 3 : 8); };
    const auto& sink = got.streams.at("sink");
    const std::uint64_t items = sink.samples<f32>().size();
    std::size_t marks = 0;
    for (const Tag& tag : sink.tags) {
        if (tag.key != "mark") continue;
        ++marks;
        const auto i = std::uint64_t(tag.value.integer());
        EXPECT_TRUE(place(tag.index) >= i || tag.index + 1 == items) << i << " on " << tag.index;
        if (tag.index > 0) { EXPECT_LT(place(tag.index - 1), i); }
    }
    EXPECT_EQ(marks, 5003U / 97 + 1 + 4);
}

TEST(Dependent, WithoutStatementsTheNominalRatioHolds) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 6000}
  uneven: {type: uneven, states: false}
  sink: {type: collect}
connections: [source -> uneven.in, uneven.out -> sink]
)";
    same_on_all(text);
    const tests::Collected got = run_on(text, 1, 0, 0);
    for (const Tag& tag : got.streams.at("sink").tags) {
        if (tag.key != "mark") continue;
        EXPECT_EQ(tag.index, std::min<std::uint64_t>((std::uint64_t(tag.value.integer()) + 3) / 4, 1499));
    }
}

TEST(Dependent, TwoInputsAndTwoOutputsHaveCountsOfTheirOwn) {
    const std::string text = R"(flowspan: 1
blocks:
  one: {type: tagged_ramp, length: 20003}
  two: {type: tagged_ramp, length: 27000}
  pair: {type: pair}
  sums: {type: collect}
  items: {type: collect}
connections:
  - one -> pair.a
  - two -> pair.b
  - pair.sum -> sums
  - pair.items -> items
)";
    same_on_all(text);
    const tests::Collected got = run_on(text, 1, 0, 0);
    const auto sums = got.streams.at("sums").samples<f32>();
    ASSERT_EQ(sums.size(), 9000U);  // b ends first
    EXPECT_EQ(sums[0], 0 + 1 + 0 + 1 + 2);
    EXPECT_EQ(sums[1], 2 + 3 + 3 + 4 + 5);
    EXPECT_EQ(got.streams.at("items").samples<f32>().size(), 45000U);
}

TEST(Dependent, StretchesTotalsAndCutsEndAsForEveryBlock) {
    for (const std::string uneven : {"uneven", "uneven, states: false", "uneven, length: 3001", "uneven, at_most: 5"}) {
        for (const bool seam : {false, true}) {
            same_on_all("flowspan: 1\nblocks:\n  source: {type: broken_ramp, length: 40000}\n  uneven: {type: " + uneven + R"(}
  sink: {type: collect}
  spans: {type: collect}
  listen: {type: listen, every: 10}
  log: {type: collect_messages}
connections:
  - source -> uneven
  - uneven.out -> sink
  - uneven.out -> listen
  - uneven.span -> spans
messages: [listen.heard -> log]
)",
                        3, 3, seam);
        }
    }
}

TEST(Dependent, ARunThatIsOpenAtTheEndIsGivenOutThere) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: signal_source, kind: square, sample_rate: 1 kHz, frequency: 10 Hz, length: 1020, datatype: rf32}
  runs: {type: runs}
  sink: {type: collect}
connections: [source -> runs -> sink]
)";
    same_on_all(text);
    const auto lengths = run_on(text, 1, 0, 0).streams.at("sink").samples<f32>();
    EXPECT_EQ(std::accumulate(lengths.begin(), lengths.end(), 0.0F), 1020.0F);
}

// Every place within half a sample from first to last, behind a clock that is 200 ppm off, a filter and a decimation.
TEST(Dependent, MessagesDownstreamHaveTheExactPlace) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: ramp, length: 400000, sample_rate: 1 MHz}
  clock: {type: clock, ppm: 200}
  near: {type: listen, every: 100}
  twice: {type: copy}
  keep: {type: fir_filter, taps: [1], decimation: 5}
  far: {type: listen, every: 20}
  near_log: {type: collect_messages}
  far_log: {type: collect_messages}
connections:
  - source -> clock -> near
  - clock -> twice -> keep -> far
messages:
  - near.heard -> near_log
  - far.heard -> far_log
)";
    same_on_all(text);
    const tests::Collected got = run_on(text, 1, 0, 0);
    for (const std::string log : {"near_log", "far_log"}) {
        const auto& messages = got.messages.at(log);
        ASSERT_EQ(messages.size(), 500U) << log;
        double worst = 0;
        for (const auto& [stamp, json] : messages) {
            // The value of an item is the place it stands for; the stamp is that place in seconds.
            const double is = std::stod(json.substr(json.find("\"is\":") + 5));
            const auto plus = stamp.find('+');
            double seconds = plus == 0 ? 0 : std::stod(stamp);
            if (plus != std::string::npos) {
                const std::string fraction = stamp.substr(plus + 1);
                const auto slash = fraction.find('/');
                seconds += std::stod(fraction) / (slash == std::string::npos ? 1 : std::stod(fraction.substr(slash + 1)));
            }
            worst = std::max(worst, std::abs(seconds * 1e6 - is));
        }
        EXPECT_LT(worst, 0.05) << log;  // the values are floats
    }
}

TEST(Dependent, WhatABlockCannotMeanIsAFailureThatNamesIt) {
    const auto with = [](const std::string& fault) {
        return "flowspan: 1\nblocks:\n  source: {type: ramp, length: 1000}\n  greedy: {type: greedy, fault: " + fault + R"(}
  sink: {type: collect}
connections: [source -> greedy -> sink]
)";
    };
    EXPECT_EQ(failure_of(with("idle")), "takes nothing and makes nothing of 10 items of `in`, as many as it needs");
    EXPECT_EQ(failure_of(with("takes")), "takes 11 items of `in`, of the 10 that it was given");
    EXPECT_EQ(failure_of(with("makes")), "makes 2 items of `out` in a call, more than the 1 that it declares");
    EXPECT_EQ(failure_of(with("needs")),
              "needs 1073741824 items of `in` at once: expected at most 10, what its describe() asks for");
    EXPECT_THAT(failure_of(with("back")), testing::StartsWith("states that item 10 of `out` is at 50.000 of its input"));
    EXPECT_EQ(failure_of(with("short end")), "it did not fail");
}

TEST(Dependent, ManyTagsAreForgottenOnceTheyHavePassed) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 500021}
  power: {type: psd, size: 64, overlap: 0, average: 10}
  sink: {type: collect}
connections: [source -> power -> sink]
)";
    same_on_all(text, 2, 2);
    EXPECT_EQ(run_on(text, 1, 0, 0).streams.at("sink").tags.size(), 500021U / 97 + 1 + 4 + 1);
}

TEST(Dependent, IndicesAndTimesBehindOneFollowTheNominalRatio) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: ramp, length: 100000, sample_rate: 1 MHz}
  power: {type: psd, size: 256, overlap: 0, average: 20}
  head: {type: head, length: 7}
  sink: {type: collect}
connections: [source -> power -> head -> sink]
)";
    const test::Stream s = run_on(text, 1, 0, 0).streams.at("sink");
    EXPECT_EQ(s.samples<f32>().size(), 7U * 256);
}

TEST(Messages, LookBackAsFarAsDeclaredWhateverTheCalls) {
    const auto text = [](int back, int reach, int grid) {
        return "flowspan: 1\nblocks:\n  source: {type: ramp, length: 20000}\n  look: {type: look_back, back: " +
               std::to_string(back) + ", reach: " + std::to_string(reach) + ", grid: " + std::to_string(grid) + R"(}
  log: {type: collect_messages}
connections: [source -> look]
messages: [look.found -> log]
)";
    };
    for (const int grid : {1, 32, 100}) {
        same_on_all(text(0, 0, grid), 2);
        same_on_all(text(700, 700, grid), 2);
        for (unsigned seed = 0; seed < 6; ++seed) {
            std::string said = "it did not fail";
            try {
                run_on(text(900, 700, grid), 1, seed, 0);
            } catch (const std::exception& e) { said = e.what(); }
            const int cell = 1000 / std::max(64 / grid * grid + (64 % grid == 0 ? 0 : grid), grid) *
                             std::max(64 / grid * grid + (64 % grid == 0 ? 0 : grid), grid);
            EXPECT_EQ(said, "sends a message on `found` about item 100: expected one from " + std::to_string(cell - 700) +
                                " on, `reach` (700) before " + std::to_string(cell))
                << grid << " seed " << seed;
        }
    }
}

TEST(Messages, BringTheItemsOfAStream) {
    for (const std::string rate : {"", ", sample_rate: 48000"}) {
        const std::string text =
            "flowspan: 1\nblocks:\n  source: {type: ramp, length: 20000}\n  announce: {type: announce, every: 37}\n"
            "  items: {type: items_of_messages" +
            rate + R"(}
  copy: {type: copy}
  sink: {type: collect}
  listen: {type: listen}
  log: {type: collect_messages}
connections:
  - source -> announce
  - items -> copy -> sink
  - copy -> listen
messages:
  - announce.found -> items.in
  - listen.heard -> log
)";
        same_on_all(text);
        const tests::Collected got = run_on(text, 1, 0, 0);
        std::size_t expected = 0;
        for (std::uint64_t i = 0; i < 20000; i += 37) expected += i % 6;
        EXPECT_EQ(got.streams.at("sink").samples<f32>().size(), expected);
        // An item is at the stamp of the message that brought it.
        const auto& log = got.messages.at("log");
        ASSERT_GT(log.size(), 100U);
        EXPECT_EQ(log[0].first.substr(0, 2), "0+");
    }
}

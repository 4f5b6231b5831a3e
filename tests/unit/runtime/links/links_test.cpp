// Conformance of links: random cuts, chunk sizes and delays give the bytes of one rank, and nothing is left unreceived. The
// same suite runs over comm/local (threads) and over MPI.
#include "same_on_all.hpp"

#include <gtest/gtest.h>

using namespace flowspan;
using tests::run_on;
using tests::same_on_all;

TEST(Links, PassAChainOnUnchanged) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 100003}
  a: {type: copy}
  b: {type: multiply_const, constant: 2}
  c: {type: copy}
  sink: {type: collect}
connections: [source -> a -> b -> c -> sink]
)");
}

TEST(Links, TwiceTheRampArrivesWhole) {
    const auto got = run_on(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 1000}
  a: {type: copy}
  b: {type: multiply_const, constant: 2}
  c: {type: copy}
  sink: {type: collect}
connections: [source -> a -> b -> c -> sink]
)",
                            tests::has_ranks(2) ? 2 : 1, 3, 0);
    const auto samples = got.streams.at("sink").samples<f32>();
    ASSERT_EQ(samples.size(), 1000U);
    for (std::size_t k = 0; k < samples.size(); ++k) ASSERT_EQ(samples[k], 2.0F * f32(k));
}

// A segment ends where its samples do: nothing is padded and no sum is given out, on whichever rank it is kept.
TEST(Links, ACutReachesEveryBlockAsACut) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: ramp, length: 10007}
  a: {type: copy}
  power: {type: psd, size: 64, overlap: 32, average: 100}
  all: {type: psd, size: 64, average: 0}
  some: {type: collect}
  one: {type: collect}
connections:
  - source -> a -> power -> some
  - a -> all -> one
)";
    same_on_all(text, 4, 4, true);
    const auto items = [&](bool seam, const std::string& sink) {
        return run_on(text, tests::has_ranks(2) ? 2 : 1, 5, 0, seam).streams.at(sink).samples<f32>().size() / 64;
    };
    EXPECT_EQ(items(false, "some"), 3U);  // of 311 frames
    EXPECT_EQ(items(true, "some"), 3U);   // all whose frames are complete
    EXPECT_EQ(items(false, "one"), 1U);
    EXPECT_EQ(items(true, "one"), 0U);
}

// A grid block that a seam leaves incomplete is not made, whichever input is known first to end there; at an end it is.
TEST(Links, AGridBlockOfTwoInputsIsPaddedAtAnEndAndNotAtACut) {
    const auto text = [](const std::string& a, const std::string& b) {
        return "flowspan: 1\nblocks:\n  a: {type: ramp, length: " + a + "}\n  b: {type: ramp, length: " + b + R"(}
  first: {type: head, length: 2003}
  sum: {type: add_in_eights}
  sink: {type: collect}
connections:
  - a -> first -> sum.a
  - b -> sum.b
  - sum -> sink
)";
    };
    const auto items = [](const std::string& of, bool seam) {
        same_on_all(of, 3, 4, seam);
        return run_on(of, 1, 0, 0, seam).streams.at("sink").samples<f32>().size();
    };
    for (const auto& [a, b, at_end, at_seam] : {std::tuple("1999", "1999", 1999U, 1992U),
                                                {"1999", "2500", 1999U, 1992U},
                                                {"2500", "1999", 1999U, 1992U},
                                                {"2500", "2500", 2003U, 2003U},
                                                {"2500", "2003", 2003U, 2003U}}) {
        EXPECT_EQ(items(text(a, b), false), at_end) << a << " and " << b;
        EXPECT_EQ(items(text(a, b), true), at_seam) << a << " and " << b;
    }
}

TEST(Links, FanOutReachesEveryReader) {
    for (const int n : {2, 8, 16}) {
        same_on_all(
            "flowspan: 1\nblocks:\n  source: {type: ramp, length: 20011}\n  c: {type: copy, copies: " + std::to_string(n) +
                "}\n  sink: {type: collect, copies: " + std::to_string(n) + "}\nconnections:\n  - source -> c[*] -> sink[*]\n",
            4, 2);
    }
}

TEST(Links, ReconvergentBranchesOfVeryDifferentHistoryMeet) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 50021, sample_rate: 1 MHz}
  long: {type: fir_filter, cutoff: 10 kHz, taps_count: 3001}
  short: {type: copy}
  sum: {type: add, inputs: 2}
  sink: {type: collect}
connections:
  - source -> long -> sum.in[0]
  - source -> short -> sum.in[1]
  - sum -> sink
)",
                4, 2);
}

TEST(Links, AnEarlyEndCancelsWhatIsBeforeIt) {
    same_on_all(R"(flowspan: 1
blocks:
  one: {type: ramp, length: 1000000}
  two: {type: ramp, length: 30000}
  head: {type: head, length: 777}
  sum: {type: add, inputs: 2}
  sink: {type: collect}
  other: {type: collect}
connections:
  - one -> head -> sum.in[0]
  - two -> sum.in[1]
  - sum -> sink
  - two -> other
)");
}

TEST(Links, AChainInSharedMemoryPassesEverythingOn) {
    for (const std::string source : {"ramp, length: 100003", "tagged_ramp, length: 50021", "broken_ramp, length: 40000"}) {
        for (const std::string middle : {"copy", "head, length: 20001"}) {
            same_on_all("flowspan: 1\nblocks:\n  source: {type: " + source +
                        "}\n  pass: {type: copy, copies: 9}\n  middle: {type: " + middle + R"(}
  twice: {type: multiply_const, constant: 2, copies: 4}
  sink: {type: collect}
  side: {type: collect}
connections:
  - source -> pass[0]
  - pass[0-7] -> pass[1-8]
  - pass[8] -> middle -> twice[0]
  - twice[0-2] -> twice[1-3]
  - twice[3] -> sink
  - pass[3] -> side
)");
        }
    }
}

// Wherever a series of steps is left, for tags, breaks or a step that is still under way, everything goes on from there.
TEST(Links, SeriesOfStepsAreLeftAnywhere) {
    for (const std::string source : {"ramp, length: 300007", "broken_ramp, length: 200003"}) {
        same_on_all("flowspan: 1\nblocks:\n  source: {type: " + source + R"(}
  pass: {type: copy, copies: 3}
  some: {type: eventful, copies: 2}
  twice: {type: multiply_const, constant: 2, copies: 3}
  smooth: {type: deemphasis, tau: 200 us}
  sink: {type: collect}
connections:
  - source -> pass[0] -> pass[1] -> some[0] -> pass[2] -> smooth -> twice[0] -> some[1] -> twice[1] -> twice[2] -> sink
)",
                    3, 8);
    }
}

TEST(Links, StretchesCrossWithTheirDescriptions) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: broken_ramp, length: 40000}
  filter: {type: fir_filter, cutoff: 100 kHz, taps_count: 65, decimation: 7}
  copy: {type: copy}
  sink: {type: collect}
  plain: {type: collect}
connections: [source -> filter -> copy -> sink, source -> plain]
)");
}

TEST(Links, BreaksOfTwoBranchesMeetAsOne) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: broken_ramp, length: 40000}
  a: {type: copy}
  b: {type: copy}
  c: {type: copy}
  sum: {type: add, inputs: 2}
  sink: {type: collect}
connections:
  - source -> a -> b -> c -> sum.in[0]
  - source -> sum.in[1]
  - sum -> sink
)");
}

TEST(Links, StretchesWithoutAnOutputPassThrough) {
    // Frames of 1024 do not fit between the breaks at 10007 and 10008: a stretch of the output has no items.
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: broken_ramp, length: 40000}
  frames: {type: fft, size: 1024}
  sink: {type: collect}
  slow: {type: collect}
connections: [source -> frames -> sink, frames -> slow]
)");
}

TEST(Links, TagsBeyondATotalAreNotCounted) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 30011}
  head: {type: head, length: 9699}
  sink: {type: collect}
connections: [source -> head -> sink]
)");
}

TEST(Links, AMessageCycleWithFeedbackEnds) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 20000}
  control: {type: announce, every: 1000}
  echo: {type: echo}
  gain: {type: gain_by_message}
  back: {type: announce_and_listen, every: 500}
  log: {type: collect_messages}
  sink: {type: collect}
connections: [source -> control, source -> back, source -> gain -> sink]
messages:
  - control.found -> gain.control
  - back.found -> echo.in
  - echo.out -> log.in
  - echo.out -> back.answers: {feedback: {delay: 100 samples}}
)");
}

TEST(Links, TagsKeepTheirPlacesThroughRateChanges) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: tagged_ramp, length: 30011}
  filter: {type: fir_filter, cutoff: 100 kHz, taps_count: 65, decimation: 7}
  up: {type: rational_resampler, interpolation: 3, decimation: 2}
  sink: {type: collect}
connections: [source -> filter -> up -> sink]
)");
}

TEST(Links, MessagesOfSeveralRanksComeToOneLogInOneOrder) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 60000}
  one: {type: announce, every: 7}
  two: {type: announce, every: 11}
  big: {type: announce, every: 1000, bytes: 9000}
  log: {type: collect_messages}
connections: [source -> one, source -> two, source -> big]
messages: [one.found -> log.in, two.found -> log.in, big.found -> log.in]
)");
}

TEST(Links, AMessageChangesTheSampleThatItNames) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 20000}
  control: {type: announce, every: 1000}
  gain: {type: gain_by_message}
  sink: {type: collect}
connections: [source -> control, source -> gain -> sink]
messages: [control.found -> gain.control]
)");
}

TEST(Links, NoMessageComesBeforeWhatTheLastOneBeganIsFinished) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 1000}
  control: {type: announce, every: 100}
  gain: {type: gain_by_message, polls: 5}
  sink: {type: collect}
  many: {type: announce, every: 5}
  log: {type: collect_messages, polls: 4}
connections: [source -> control, source -> gain -> sink, source -> many]
messages: [control.found -> gain.control, many.found -> log.in, control.found -> log.in]
)");
}

// Of a value beyond what fits a record, another one, and smaller ones between and behind them.
TEST(Links, TagsOfAnySizeKeepTheirOrder) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: ramp, length: 20011}
  tag: {type: large_tags}
  listen: {type: listen}
  log: {type: collect_messages}
  sink: {type: collect}
connections:
  - source -> tag -> listen
  - tag -> sink
messages: [listen.heard -> log]
)";
    same_on_all(text, 3, 6);
    EXPECT_EQ(run_on(text, 1, 0, 0).streams.at("sink").tags.size(), 20010U / 13 + 1);
}

// A head ends, and with it the last reader of a ring that its writer waits for.
TEST(Links, AnEndWithinAChainInSharedMemoryGivesRoom) {
    for (const std::string chain : {"head -> copy -> sink", "copy -> head -> sink", "copy -> head -> more -> sink"}) {
        same_on_all(R"(flowspan: 1
blocks:
  source: {type: null_source, sample_rate: 100 kHz, length: 109638}
  bank: {type: pfb_channelizer, channels: 2}
  head: {type: head, length: 18141}
  copy: {type: copy}
)" + std::string(chain.find("more") != std::string::npos ? "  more: {type: copy}\n" : "") +
                        R"(  sink: {type: collect}
  other: {type: collect}
connections:
  - source -> bank
  - bank.out[0] -> other
  - bank.out[1] -> )" + chain +
                        "\n",
                    2, 2);
    }
}

// One call sends more than twice what a queue holds, while the log waits for another sender.
TEST(Links, AFloodOfOneCallWaitsForASlowerSender) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 20000}
  dense: {type: announce, every: 1}
  rare: {type: probe, every: 4578}
  log: {type: collect_messages}
connections:
  - source -> dense
  - source -> rare
messages:
  - dense.found -> log
  - rare.measurements -> log
)",
                2, 2);
}

// More messages than a queue holds wait for samples that come behind their sender; and in a cycle with a long delay.
TEST(Links, DenseMessagesAheadOfTheirSamplesDoNotHoldThemUp) {
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 30000, sample_rate: 1 MHz}
  dense: {type: announce, every: 1}
  long: {type: fir_filter, cutoff: 10 kHz, taps_count: 9001}
  steered: {type: gain_by_message}
  sink: {type: collect}
connections:
  - source -> dense
  - source -> long -> steered -> sink
messages: [dense.found -> steered.control]
)",
                3, 2);
    same_on_all(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 30000}
  loop: {type: announce_and_listen, every: 1}
  echo: {type: echo}
  log: {type: collect_messages}
connections: [source -> loop]
messages:
  - loop.found -> echo.in
  - echo.out -> loop.answers: {feedback: {delay: 9000 samples}}
  - loop.found -> log
)",
                2, 2);
}

// All mistakes of a graph in one go, whatever finds them: values, keys, connections, ranks, schedule, files, descriptions.
#include "run/start/examine.hpp"

#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace flowspan::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Each mistake as "line: key: expected …, got …".
std::vector<std::string> mistakes(const std::string& text, JobRequest request = {}, ExitCode* code = nullptr,
                                  const Registry& registry = built_in_blocks()) {
    request.graph_file = "test.yaml";
    request.graph_text = "flowspan: 1\n" + text;
    std::vector<std::string> all;
    try {
        examine(registry, request);
    } catch (const Refused& refused) {
        for (const Diagnostic& d : refused.diagnostics())
            all.push_back(std::to_string(d.at.line) + ": " + d.key + ": expected " + d.expected + ", got " + d.got);
        if (code != nullptr) *code = refused.code();
    }
    return all;
}

const std::string source = "  source: {type: signal_source, sample_rate: 1 MHz, length: 5000}\n";
const std::string ends = "connections: [source -> a -> sink]\n";

TEST(AllMistakes, OfARangeComeWithAnUnknownKeyOfTheSameBlock) {
    EXPECT_THAT(mistakes("blocks:\n" + source +
                         "  a: {type: fir_filter, taps: [1], decimation: 0, cutof: 3}\n  sink: {type: "
                         "null_sink}\n" +
                         ends),
                ElementsAre("4: blocks.a.decimation: expected an integer from 1 to 1048576, got 0",
                            "4: blocks.a: expected a parameter of fir_filter, got cutof"));
}

TEST(AllMistakes, OfARangeComeWithAMissingValueAndAnUnconnectedPort) {
    EXPECT_THAT(mistakes("blocks:\n" + source + "  a: {type: pfb_channelizer, taps_per_channel: 1}\n"),
                ElementsAre("3: blocks.source: expected a connection from source.out, got none",
                            "4: blocks.a.channels: expected an integer from 1 to 65536, got nothing",
                            "4: blocks.a: expected a connection to a.in, got none",
                            "4: blocks.a.taps_per_channel: expected an integer from 2 to 256, got 1"));
}

TEST(AllMistakes, OfConnectionsOfABlockWithAWrongValue) {
    EXPECT_THAT(mistakes("blocks:\n" + source +
                         "  a: {type: fir_filter, taps: [1], decimation: 0}\n  sink: {type: null_sink}\n"
                         "connections: [source -> a.inn, a.out -> sink]\n"),
                ElementsAre("4: blocks.a.decimation: expected an integer from 1 to 1048576, got 0",
                            "6: connections: expected an input of a, got a.inn"));
}

TEST(AllMistakes, SayNothingOfPortsWhoseNumberAMistakeHides) {
    EXPECT_THAT(
        mistakes(
            "blocks:\n" + source +
            "  a: {type: pfb_channelizer, channels: 0}\n  b: {type: add, input: 3}\n  sink: {type: null_sink, "
            "copies: 4}\n"
            "connections: [source -> a, 'a.out[7] -> sink[0]', 'source -> b.in[2]', 'source -> b.in[*]', 'b -> sink[3]']\n"),
        ElementsAre("4: blocks.a.channels: expected an integer from 1 to 65536, got 0",
                    "5: blocks.b: expected a parameter of add, got input"));
}

TEST(AllMistakes, OfDescriptionsComeWithThoseOfTheText) {
    // `b` is behind good blocks only; `c` is behind a wrong one, and nothing is said of it.
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                 "  a: {type: fir_filter, taps: [1], decimation: 0}\n  b: {type: fm_demod, deviation: 2 MHz}\n  c: {type: "
                 "fm_demod, deviation: 2 MHz}\n  sink: {type: null_sink, copies: 2}\n"
                 "connections: ['source -> a -> c -> sink[0]', 'source -> b -> sink[1]']\n"),
        ElementsAre("4: blocks.a.decimation: expected an integer from 1 to 1048576, got 0",
                    "5: blocks.b.deviation: expected at most half the sample rate (500000 Hz), got 2000000 Hz"));
}

TEST(AllMistakes, OfTheScheduleComeWithThoseOfItsBlockAndOfOthers) {
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                 "  a: {type: fm_demod, deviation: 0}\n  b: {type: fm_demod, deviation: 2 MHz}\n  sink: {type: null_sink}\n"
                 "connections: [source -> a -> sink, source -> b]\nunused: [b.out]\n"
                 "schedule:\n  - {at: 100, set: a.deviation, to: -1}\n  - {at: 100, set: b.deviation, to: 0.5}\n  - {at: 100, "
                 "call: b.nothing}\n"),
        ElementsAre("4: blocks.a.deviation: expected a frequency >= 1 Hz, got 0 Hz",
                    "5: blocks.b.deviation: expected at most half the sample rate (500000 Hz), got 2000000 Hz",
                    "10: schedule[0]: expected a frequency >= 1 Hz, got -1 Hz",
                    "11: schedule[1]: expected a frequency >= 1 Hz, got 0.5 Hz",
                    "12: schedule[2]: expected a command of b, got nothing"));
}

TEST(AllMistakes, OfRanksMessagesAndSetComeWithTheOthers) {
    JobRequest request;
    request.read.overrides = {{"a.decimation", "0"}, {"b.thresold", "3 dB"}};
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                     "  a: {type: fir_filter, taps: [1]}\n  b: {type: burst_detector, frame: 0}\n  sink: {type: "
                     "null_sink}\n  log: {type: message_log, path: x.jsonl}\n"
                     "connections: [source -> a -> sink, source -> b]\nmessages: [b.detection -> log.in]\n"
                     "ranks: {0: 'source, a', 1: 'bb, sink'}\n",
                 request),
        ElementsAre(
            "5: blocks.b.frame: expected a number of samples (an integer) from 1 samples to 1048576 samples, got 0 samples",
            "9: messages: expected a message output of b, got b.detection", "10: ranks.1: expected a block, got bb",
            "0: blocks.a.decimation: expected an integer from 1 to 1048576, got 0",
            "0: blocks.b: expected a parameter of burst_detector, got thresold"));
}

TEST(AllMistakes, OfGroupsComeWithThoseOfTheirUse) {
    EXPECT_THAT(
        mistakes("groups:\n  part:\n    parameters: {width: 1 kHz}\n    blocks:\n      f: {type: fir_filter, taps: [1], "
                 "decimation: 0}\n      d: {type: fm_demod, deviation: $width}\n    connections: [in -> f -> d -> out]\n"
                 "blocks:\n" +
                 source +
                 "  p: {group: part, widt: 3 kHz}\n  sink: {type: null_sink}\n"
                 "connections: [source -> p.int, p -> sink]\n"),
        ElementsAre("6: blocks.p.f.decimation: expected an integer from 1 to 1048576, got 0",
                    "11: blocks.p: expected a parameter of group part, got widt",
                    "13: connections: expected an input of p, got p.int"));
}

TEST(AllMistakes, OfFilesComeWithThoseOfTheText) {
    ExitCode code = ExitCode::done;
    const std::string two =
        "blocks:\n  x: {type: file_source, path: /no/such}\n" + source +
        "  a: {type: copy}\n  sink: {type: null_sink, copies: 2}\nconnections: ['x -> sink[0]', 'source -> a -> "
        "sink[1]']\n";
    EXPECT_THAT(
        mistakes(two, {}, &code),
        ElementsAre("3: blocks.x.path: expected a recording that can be read, got /no/such: No such file or directory"));
    EXPECT_EQ(code, ExitCode::file);
    EXPECT_THAT(
        mistakes("blocks:\n  x: {type: file_source, path: /no/such}\n" + source +
                     "  a: {type: fir_filter, taps: [1], decimation: 0}\n  b: {type: fm_demod, deviation: 1 GHz}\n  sink: "
                     "{type: null_sink, copies: 3}\nconnections: ['x -> sink[0]', 'source -> a -> sink[1]', 'source -> b -> "
                     "sink[2]']\n",
                 {}, &code),
        ElementsAre("3: blocks.x.path: expected a recording that can be read, got /no/such: No such file or directory",
                    "5: blocks.a.decimation: expected an integer from 1 to 1048576, got 0",
                    "6: blocks.b.deviation: expected at most half the sample rate (500000 Hz), got 1000000000 Hz"));
    EXPECT_EQ(code, ExitCode::usage);
}

TEST(AllMistakes, OfProductsAndOptionsComeWithTheOthers) {
    JobRequest request;
    request.from = "2 s";
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                     "  b: {type: fm_demod, deviation: 1 GHz}\n  one: {type: file_sink, path: x.cf32}\n  two: {type: "
                     "file_sink, path: x.cf32}\nconnections: [source -> b, source -> one, source -> two]\nunused: [b.out]\n",
                 request),
        ElementsAre("4: blocks.b.deviation: expected at most half the sample rate (500000 Hz), got 1000000000 Hz",
                    "6: blocks.two: expected a product of its own, got x.cf32, which one writes too",
                    "0: --from: expected sources that read recordings, got source, which makes its samples"));
}

TEST(AllMistakes, OfCyclesComeWithTheOthers) {
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                 "  a: {type: add}\n  b: {type: fm_demod, deviation: 1 GHz}\n  c: {type: copy}\n  sink: {type: null_sink}\n"
                 "connections: ['source -> a.in[0]', a -> c, 'c -> a.in[1]', source -> b -> sink]\n"),
        ElementsAre("4: connections: expected a graph without cycles, got a -> c -> a",
                    "5: blocks.b.deviation: expected at most half the sample rate (500000 Hz), got 1000000000 Hz"));
}

TEST(AllMistakes, SayNothingOfWhatDependsOnAParameterThatIsWrong) {
    const std::string graph =
        "parameters: {wrong: {default: 2 MHz, range: 1 kHz .. 1 MHz}, half: $wrong / 2, right: 3 MHz}\ngroups:\n  g:\n"
        "    parameters: {by: 1 kHz}\n    blocks: {d: {type: fm_demod, deviation: $by}}\n    connections: [in -> d -> out]\n"
        "blocks:\n" +
        source +
        "  a: {type: fm_demod, deviation: $wrong}\n  b: {type: fm_demod, deviation: $half}\n"
        "  c: {type: fm_demod, deviation: $a.deviation}\n  d: {group: g, by: $wrong}\n  e: {type: fm_demod, deviation: "
        "$right}\n"
        "connections: [source -> a, source -> b, source -> c, source -> d, source -> e]\n"
        "unused: [a.out, b.out, c.out, d.out, e.out]\n";
    const std::string parameter = "2: parameters.wrong: expected 1 kHz to 1 MHz, got 2 MHz";
    EXPECT_THAT(
        mistakes(graph),
        ElementsAre(parameter, "14: blocks.e.deviation: expected at most half the sample rate (500000 Hz), got 3000000 Hz"));
    // An option that was not understood may be about any of them.
    JobRequest request;
    request.read.overrides = {{"rihgt", "10 kHz"}};
    EXPECT_THAT(mistakes(graph, request),
                ElementsAre(parameter, "0: : expected a parameter of the graph or `block.parameter`, got rihgt"));
    request.read.overrides = {{"f.deviation", "10 kHz"}};
    EXPECT_THAT(mistakes(graph, request), ElementsAre(parameter, "0: : expected a block, got f"));
}

TEST(AllMistakes, OfTheNumberOfRanksComeWithTheOthers) {
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text = "flowspan: 1\nblocks:\n" + source +
                         "  a: {type: fm_demod, deviation: 1 GHz}\n  sink: {type: null_sink}\n" + ends +
                         "ranks: {0: source, 1: 'a, sink'}\n";
    try {
        examine(built_in_blocks(), request, 3);
        FAIL();
    } catch (const Refused& refused) {
        ASSERT_EQ(refused.diagnostics().size(), 2u);
        EXPECT_EQ(refused.diagnostics()[0].expected, "at most half the sample rate (500000 Hz)");
        EXPECT_EQ(refused.diagnostics()[1].expected, "2 ranks (the assignment names ranks 0 to 1)");
        EXPECT_EQ(refused.diagnostics()[1].got, "3");
    }
}

/// A block of a plug-in that refuses from describe().
struct Picky final : Block {
    Parameter<int> most{*this, "most", {.initial = 1, .min = 1}};
    Input<cf32> in{*this, "in"};
    void describe() override { refuse("nothing at all", "a stream"); }
};

TEST(AllMistakes, OfBlocksOfPlugInsComeWithTheOthers) {
    Registry registry = built_in_blocks();
    registry.add<Picky>("picky", "Refuses.");
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                     "  a: {type: picky, most: 0, more: 3}\n  b: {type: picky}\nconnections: [source -> a, source -> b]\n",
                 {}, nullptr, registry),
        ElementsAre("4: blocks.a.most: expected an integer >= 1, got 0", "4: blocks.a: expected a parameter of picky, got more",
                    "5: blocks.b: expected nothing at all, got a stream"));
}

TEST(AllMistakes, OfARightGraphAreNone) {
    EXPECT_THAT(mistakes("blocks:\n" + source + "  a: {type: copy}\n  sink: {type: null_sink}\n" + ends), IsEmpty());
}

}  // namespace
}  // namespace flowspan::run

// All mistakes of a graph in one go, whatever finds them: values, keys, connections, ranks, schedule, files, descriptions.
#include "run/start/examine.hpp"

#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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

TEST(AllMistakes, OfTheScheduleComeWithABlockOfUnknownType) {
    EXPECT_THAT(
        mistakes("blocks:\n" + source + "  a: {type: amplifier}\n  sink: {type: null_sink}\n" + ends +
                 "schedule:\n  - {at: 480, set: a.gain, to: 2}\n  - {at: -1, set: a.gain, to: 2}\n"),
        ElementsAre("4: blocks.a.type: expected a block type, got amplifier",
                    "9: schedule[1].at: expected a sample index, a time such as 1.5 s, or UTC such as 2026-01-31T12:00:00Z, "
                    "got -1"));
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

/// A group whose parameter `d` is the decimation of its filter, one `need` that has no default, and a use of it.
std::string used(const std::string& use, const std::string& parameters = "{d: 1}", const std::string& more = "") {
    return "groups:\n  part:\n    parameters: " + parameters +
           "\n    blocks: {f: {type: fir_filter, taps: [1], decimation: $d" + more +
           "}}\n    connections: [in -> f -> out]\nblocks:\n" + source + "  p: {group: part, " + use +
           "}\n  sink: {type: null_sink}\nconnections: ['source -> p" + (use.find("copies") == std::string::npos ? "" : "[*]") +
           " -> sink']\n";
}

const std::string decimation = "f.decimation: expected an integer from 1 to 1048576, got ";

TEST(AllMistakes, OfGroupsComeWithAnUnknownKeyOfTheirUse) {
    EXPECT_THAT(mistakes(used("d: 0, bogus: 1")),
                ElementsAre("5: blocks.p." + decimation + "0", "9: blocks.p: expected a parameter of group part, got bogus"));
    // What the key may be meant for is not known: nothing is said of its default.
    EXPECT_THAT(mistakes(used("divisr: 1, bogus: 4", "{divisor: 0, d: $divisor / 2}")),
                ElementsAre("9: blocks.p: expected a parameter of group part, got divisr",
                            "9: blocks.p: expected a parameter of group part, got bogus"));
    EXPECT_THAT(mistakes(used("d: -3, taps: 1", "{d: 1}", ", cutoff: $taps")),
                ElementsAre("5: blocks.p." + decimation + "-3", "9: blocks.p: expected a parameter of group part, got taps"));
    EXPECT_THAT(mistakes(used("d: 0, copise: 2")),
                ElementsAre("5: blocks.p." + decimation + "0", "9: blocks.p: expected a parameter of group part, got copise"));
    EXPECT_THAT(mistakes(used("d: [0, 1], copise: 2")),
                ElementsAre("9: blocks.p: expected a parameter of group part, got copise"));
}

TEST(AllMistakes, OfEachCopyOfAGroupComeWithAnUnknownKeyOfItsUse) {
    const std::string copies =
        "groups:\n  part:\n    parameters: {d: 1}\n    blocks: {f: {type: fir_filter, taps: [1], decimation: "
        "$d}}\n    connections: [in -> f -> out]\nblocks:\n" +
        source;
    EXPECT_THAT(
        mistakes(copies + "  p: {group: part, copies: 4, d: [1, 0, 2, -7], bogus: 3}\n  sink: {type: null_sink, copies: "
                          "4}\nconnections: ['source -> p[*] -> sink[*]']\n"),
        ElementsAre("5: blocks.p[1]." + decimation + "0", "5: blocks.p[3]." + decimation + "-7",
                    "9: blocks.p: expected a parameter of group part, got bogus"));
}

TEST(AllMistakes, OfGroupsComeWithAWrongNumberOfCopies) {
    EXPECT_THAT(
        mistakes(used("d: 0, copies: none")),
        ElementsAre("5: blocks.p[0]." + decimation + "0", "9: blocks.p.copies: expected an integer from 1 to 65536, got none"));
    EXPECT_THAT(mistakes(used("d: [1, 0, -2], copies: $n")),
                ElementsAre("5: blocks.p[1]." + decimation + "0", "5: blocks.p[2]." + decimation + "-2",
                            "9: blocks.p.copies: expected a parameter of the graph, got $n"));
    EXPECT_THAT(mistakes(used("d: 1, copies: none", "{d: 1}", ", decimatoin: 1")),
                ElementsAre("5: blocks.p[0].f: expected a parameter of fir_filter, got decimatoin",
                            "9: blocks.p.copies: expected an integer from 1 to 65536, got none"));
    EXPECT_THAT(mistakes(used("d: 0, enabled: perhaps")),
                ElementsAre("5: blocks.p." + decimation + "0",
                            "9: blocks.p.enabled: expected true, false, or a comparison, got perhaps"));
}

TEST(AllMistakes, OfGroupsWithinGroupsComeWithUnknownKeys) {
    EXPECT_THAT(
        mistakes("groups:\n  inner:\n    parameters: {d: 1}\n    blocks: {f: {type: fir_filter, taps: [1], decimation: $d}}\n"
                 "    connections: [in -> f -> out]\n  outer:\n    parameters: {e: 1}\n    blocks: {i: {group: inner, d: $e, "
                 "bogus: 1}}\n    connections: [in -> i -> out]\nblocks:\n" +
                 source +
                 "  p: {group: outer, e: 0, wrong: 2}\n  sink: {type: null_sink}\nconnections: [source -> p -> sink]\n"),
        ElementsAre("5: blocks.p.i." + decimation + "0", "9: blocks.p.i: expected a parameter of group inner, got bogus",
                    "13: blocks.p: expected a parameter of group outer, got wrong"));
}

TEST(AllMistakes, OfAMissingParameterOfAGroupComeWithTheOthers) {
    EXPECT_THAT(mistakes(used("d: 0, cutoff: $nothing", "{d: 1, cutoff: {help: a}, low: {help: b}}",
                              ", cutoff: $cutoff, low: $low, high: $none")),
                ElementsAre("4: groups.part.parameters.low: expected a value, got nothing", "5: blocks.p." + decimation + "0",
                            "5: blocks.p.f.high: expected a parameter of the group or the graph, got $none",
                            "9: blocks.p.cutoff: expected a parameter of the graph, got $nothing"));
}

TEST(AllMistakes, OfProductsAndOptionsComeWithASettingThatNothingIsMeantBy) {
    const std::string text =
        "parameters: {gain: {default: 1, range: 1 .. 5}}\nblocks:\n" + source +
        "  a: {type: fir_filter, taps: [1], decimation: 0}\n  one: {type: file_sink, path: x.cf32}\n  two: {type: "
        "file_sink, path: x.cf32}\nconnections: [source -> a, source -> one, source -> two]\nunused: [a.out]\n";
    const auto with = [&](const std::string& key, const std::string& value) {
        JobRequest request;
        request.from = "2 s";
        request.read.overrides = {{key, value}};
        return mistakes(text, request);
    };
    const std::string wrong = "5: blocks.a.decimation: expected an integer from 1 to 1048576, got 0",
                      twice = "7: blocks.two: expected a product of its own, got x.cf32, which one writes too",
                      from = "0: --from: expected sources that read recordings, got source, which makes its samples";
    EXPECT_THAT(
        with("bogus", "1"),
        UnorderedElementsAre(wrong, twice, from, "0: : expected a parameter of the graph or `block.parameter`, got bogus"));
    EXPECT_THAT(with("gain", "7"), UnorderedElementsAre(wrong, twice, from, "0: parameters.gain: expected 1 to 5, got 7"));
    EXPECT_THAT(with("one.bogus", "1"),
                UnorderedElementsAre(wrong, twice, from, "0: blocks.one: expected a parameter of file_sink, got bogus"));
    EXPECT_THAT(with("none.bogus", "1"), UnorderedElementsAre(wrong, twice, from, "0: : expected a block, got none"));
    EXPECT_THAT(with("one[2].bogus", "1"),
                UnorderedElementsAre(wrong, twice, from, "0: blocks.one: expected a parameter of file_sink, got bogus"));
    EXPECT_THAT(
        with("one[.bogus", "1"),
        UnorderedElementsAre(wrong, twice, from,
                             "0: : expected `block.parameter`, `block[3].parameter` or `block[*].parameter`, got one[.bogus"));
    // It may be meant for the path of `one`.
    EXPECT_THAT(with("one.pth", "y.cf32"),
                UnorderedElementsAre(wrong, from, "0: blocks.one: expected a parameter of file_sink, got pth"));
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
        ElementsAre("4: blocks.a: expected nothing at all, got a stream", "4: blocks.a.most: expected an integer >= 1, got 0",
                    "4: blocks.a: expected a parameter of picky, got more",
                    "5: blocks.b: expected nothing at all, got a stream"));
}

// What describe() refuses comes with what the text has wrong, as far as it does not depend on that.

TEST(AllMistakes, OfValuesPathsAndFilesComeWithAnUnknownKeyOfTheSameBlock) {
    EXPECT_THAT(mistakes("blocks:\n" + source + "  a: {type: frequency_translate, shift: 900 kHz, bogus: 1}\n" +
                         "  sink: {type: file_sink, path: ../x.raw, bogus: 1}\n" + ends),
                ElementsAre("4: blocks.a.shift: expected from minus to plus half the sample rate (500000 Hz), got 900000 Hz",
                            "4: blocks.a: expected a parameter of frequency_translate, got bogus",
                            "5: blocks.sink.path: expected a path below --out, or an absolute one, got ../x.raw",
                            "5: blocks.sink: expected a parameter of file_sink, got bogus"));
    EXPECT_THAT(
        mistakes("blocks:\n  source: {type: file_source, path: /no/such.cf32, from: soon, bogus: 1}\n"
                 "  a: {type: copy, zz: 1}\n  sink: {type: file_sink, path: 'x/'}\n" +
                 ends),
        ElementsAre(
            "3: blocks.source.path: expected a recording that can be read, got /no/such.cf32: No such file or directory",
            "3: blocks.source.from: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, "
            "got soon",
            "3: blocks.source: expected a parameter of file_source, got bogus",
            "4: blocks.a: expected a parameter of copy, got zz",
            "5: blocks.sink.path: expected a file to write, got x/, which ends in /"));
    EXPECT_THAT(mistakes("blocks:\n" + source +
                         "  a: {type: burst_detector, maximum_duration: 1 ms, minimum_duration: 2 ms, bogus: 3}\n"
                         "  sink: {type: null_sink}\n" +
                         ends),
                ElementsAre("4: blocks.a.maximum_duration: expected more than minimum_duration (0.002 s), got 0.001 s",
                            "4: blocks.a: expected a parameter of burst_detector, got bogus"));
}

TEST(AllMistakes, OfDescriptionsBehindAnUnknownKeyComeWithItUnlessItMayMeanWhatTheyDependOn) {
    const std::string behind = "  a: {type: fm_demod, deviation: 2 MHz}\n  sink: {type: null_sink}\n" + ends;
    const std::string beyond = "4: blocks.a.deviation: expected at most half the sample rate (500000 Hz), got 2000000 Hz";
    EXPECT_THAT(mistakes("blocks:\n  source: {type: signal_source, sample_rate: 1 MHz, length: 9, bogus: 1}\n" + behind),
                ElementsAre("3: blocks.source: expected a parameter of signal_source, got bogus", beyond));
    EXPECT_THAT(mistakes("blocks:\n  source: {type: signal_source, sample_rate: 1 MHz, length: 9, frequenzy: 1}\n" + behind),
                ElementsAre("3: blocks.source: expected a parameter of signal_source, got frequenzy"));
}

TEST(AllMistakes, OfOneDescriptionComeTogether) {
    EXPECT_THAT(
        mistakes("blocks:\n  source: {type: signal_source, sample_rate: 1 MHz, length: 9, frequency: 1 MHz, datetime: now, "
                 "on_period: 1 s}\n"
                 "  a: {type: frequency_translate, shift: -900 kHz, attenuation: 5 dB, cutoff: 600 kHz, decimation: 2}\n"
                 "  sink: {type: wav_sink, path: x.wav, format: pcm17}\n" +
                 ends),
        ElementsAre("3: blocks.source.frequency: expected at most half the sample rate (500000 Hz), got 1000000 Hz",
                    "3: blocks.source.datetime: expected a UTC time such as 2026-01-31T12:00:00Z, got now",
                    "3: blocks.source.on_period: expected a period of at least on_time, got 1 s",
                    "4: blocks.a.attenuation: expected a level from 10 dB to 180 dB, got 5 dB",
                    "5: blocks.sink.format: expected one of pcm16, pcm24, float, got pcm17"));
    EXPECT_THAT(mistakes("blocks:\n" + source +
                         "  a: {type: fir_filter, kind: band, low: 0 Hz, high: 700 kHz}\n  sink: {type: null_sink}\n" + ends),
                ElementsAre("4: blocks.a.transition: expected transition, taps_count or taps, got nothing",
                            "4: blocks.a.low: expected a frequency above (0 Hz), got 0 Hz",
                            "4: blocks.a.high: expected below half the sample rate (500000 Hz), got 700000 Hz"));
}

TEST(AllMistakes, SayNothingOfWhatAWrongParameterDecides) {
    // Whether `overlap` fits depends on `size`; what the filter lets pass depends on `taps`.
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                 "  a: {type: psd, size: none, overlap: 5000}\n  b: {type: fir_filter, taps: none, cutoff: 2 MHz}\n"
                 "  sink: {type: null_sink}\nconnections: [source -> a -> sink, source -> b]\nunused: [b.out]\n"),
        ElementsAre("4: blocks.a.size: expected a number of samples (an integer) from 1 samples to 4194304 samples, got none",
                    "5: blocks.b.taps: expected a list of complex numbers (1+2j), got none"));
}

TEST(AllMistakes, OfProductsOfBlocksBehindWrongOnesComeWithTheOthers) {
    EXPECT_THAT(mistakes("blocks:\n" + source +
                         "  a: {type: fm_demod, deviation: 0}\n  one: {type: file_sink, path: x.raw}\n"
                         "  two: {type: file_sink, path: x.raw}\n  three: {type: file_sink, path: '{bogus}.raw'}\n"
                         "  four: {type: file_sink, path: '{frequency_MHz}.raw'}\n"
                         "connections: [source -> a, a -> one, a -> two, a -> three, a -> four]\n"),
                ElementsAre("4: blocks.a.deviation: expected a frequency >= 1 Hz, got 0 Hz",
                            "6: blocks.two: expected a product of its own, got x.raw, which one writes too",
                            "7: blocks.three.path: expected a placeholder, got `{bogus}`"));
}

TEST(AllMistakes, OfDescriptionsOfBlocksThatNothingIsConnectedToComeWithTheOthers) {
    EXPECT_THAT(
        mistakes("blocks:\n" + source +
                 "  a: {type: burst_detector, end_threshold: 20 dB, frame: 0}\n"
                 "  b: {type: fir_filter, taps: []}\n"
                 "  c: {type: selector, selected: 5}\n"
                 "  d: {type: keep_m_in_n, m: 5, n: 3}\n"
                 "  sink: {type: null_sink}\n"
                 "connections:\n  - source -> c.in[0]\n  - c -> d -> sink\n"),
        ElementsAre(
            "4: blocks.a: expected a connection to a.in, got none",
            "4: blocks.a.end_threshold: expected at most threshold (10 dB), got 20 dB",
            "4: blocks.a.frame: expected a number of samples (an integer) from 1 samples to 1048576 samples, "
            "got 0 samples",
            "5: blocks.b: expected a connection to b.in, got none", "5: blocks.b: expected a connection from b.out, got none",
            "5: blocks.b.taps: expected at least one tap, got []", "6: blocks.c: expected a connection to c.in[1], got none",
            "6: blocks.c.selected: expected an input from 0 to 1, got 5", "7: blocks.d.m: expected at most n (3), got 5"));
}

TEST(AllMistakes, OfEveryBlockThatNothingIsConnectedToAreItsConnectionsAlone) {
    for (const auto& [type, declared] : built_in_blocks().all()) {
        const std::string text = "blocks:\n" + source + "  a: {type: " + type +
                                 ", unheard_of: 1}\n  sink: {type: null_sink}\n" + "connections: [source -> sink]\n";
        for (const std::string& mistake : mistakes(text))
            EXPECT_TRUE(mistake.find("connection") != std::string::npos ||
                        mistake.find("got unheard_of") != std::string::npos || mistake.find("got nothing") != std::string::npos)
                << type << ": " << mistake;
    }
}

TEST(AllMistakes, OfPathsOfBlocksThatNothingIsConnectedToComeWithTheOthers) {
    EXPECT_THAT(mistakes("blocks:\n" + source + "  sink: {type: file_sink, path: ../x.raw}\n"),
                ElementsAre("3: blocks.source: expected a connection from source.out, got none",
                            "4: blocks.sink: expected a connection to sink.in, got none",
                            "4: blocks.sink.path: expected a path below --out, or an absolute one, got ../x.raw"));
}

/// A block whose history no ring holds.
struct Greedy final : Block {
    Input<cf32> in{*this, "in"};
    void describe() override { in.history(std::size_t{1} << 40); }
};

TEST(AllMistakes, OfWhatNoRingCanHoldComeWithTheOthers) {
    Registry registry = built_in_blocks();
    registry.add<Greedy>("greedy", "Looks back far.");
    EXPECT_THAT(mistakes("blocks:\n" + source +
                             "  a: {type: greedy, bogus: 1}\n  b: {type: fm_demod, deviation: 0}\n"
                             "  sink: {type: file_sink, path: ../x}\nconnections: [source -> a, source -> b -> sink]\n",
                         {}, nullptr, registry),
                ElementsAre("4: blocks.a: expected at most 268435456 items of history on `in`, got 1099511627776",
                            "4: blocks.a: expected a parameter of greedy, got bogus",
                            "5: blocks.b.deviation: expected a frequency >= 1 Hz, got 0 Hz",
                            "6: blocks.sink.path: expected a path below --out, or an absolute one, got ../x"));
}

/// Outside the range of a number; nothing where it has none.
std::optional<std::string> out_of_range(const ParameterDeclaration& d) {
    if (d.kind != ParameterKind::integer && d.kind != ParameterKind::real) return {};
    if (d.min) return fmt::format("{}", d.kind == ParameterKind::integer ? std::floor(*d.min) - 1 : *d.min - 1);
    if (d.max) return fmt::format("{}", *d.max * 2 + 1);
    return {};
}

// Each block with an unknown key, a number out of range wherever there is a range, a path that leads out, a file that is not
// there.
TEST(AllMistakes, OfEveryBlockComeInOneGo) {
    for (const auto& [type, made] : built_in_blocks().all()) {
        const auto block = made.variants[0].make();
        std::string settings = "no_such_key: 1";
        std::vector<std::string> expected{"3: blocks.a: expected a parameter of " + type + ", got no_such_key"};
        for (const ParameterBase* p : block->parameters()) {
            const ParameterDeclaration& d = p->declaration();
            const std::string key = "3: blocks.a." + d.name + ": expected ";
            if (const auto value = out_of_range(d)) {
                settings +=
                    fmt::format(", {}: {}{}", d.name, *value, d.unit.symbol.empty() ? "" : " " + std::string(d.unit.symbol));
                expected.push_back(key + d.expectation());
            } else if (d.kind == ParameterKind::product_path) {
                settings += ", " + d.name + ": ../out";
                expected.push_back(key + "a path below --out, or an absolute one, got ../out");
            } else if (d.kind == ParameterKind::input_path) {
                settings += ", " + d.name + ": /no/such";
                expected.push_back(key + "a recording that can be read, got /no/such: No such file or directory");
            }
        }
        const auto found = mistakes("blocks:\n  a: {type: " + type + ", " + settings + "}\n");
        for (const std::string& one : expected)
            EXPECT_THAT(found, ::testing::Contains(::testing::StartsWith(one))) << type << ": " << settings;
    }
}

TEST(AllMistakes, OfARightGraphAreNone) {
    EXPECT_THAT(mistakes("blocks:\n" + source + "  a: {type: copy}\n  sink: {type: null_sink}\n" + ends), IsEmpty());
}

}  // namespace
}  // namespace flowspan::run

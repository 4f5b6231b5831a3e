#include "graph/text/expression.hpp"

#include "fake_catalog.hpp"

#include <gtest/gtest.h>

namespace flowspan::graph {
namespace {

std::string result_of(const std::string& text) {
    Mistake mistake;
    const Lookup lookup = [](const std::string& name) -> std::optional<Computed> {
        if (name == "n") return Computed{16, Dimension::none, false};
        if (name == "source.sample_rate") return Computed{3.2e6, Dimension::frequency, false};
        return std::nullopt;
    };
    const CountOf count = [](const std::string& name) -> std::optional<std::size_t> {
        if (name == "list") return 3;
        return std::nullopt;
    };
    const auto value = evaluate(text, lookup, mistake, count);
    return value ? value->text() : "wrong: " + mistake.why;
}

TEST(Expressions, FollowArithmeticAndUnits) {
    EXPECT_EQ(result_of("1 + 2 * 3"), "7");
    EXPECT_EQ(result_of("(1 + 2) * 3 - -4"), "13");
    EXPECT_EQ(result_of("7 // 2"), "3");
    EXPECT_EQ(result_of("-7 // 2"), "-4");
    EXPECT_EQ(result_of("-7 % 3"), "2");
    EXPECT_EQ(result_of("7 / 2"), "3.5");
    EXPECT_EQ(result_of("$source.sample_rate / 200 kHz"), "16");
    EXPECT_EQ(result_of("$source.sample_rate/$n"), "200000 Hz");
    EXPECT_EQ(result_of("1 / 50 Hz"), "0.02 s");
    EXPECT_EQ(result_of("2 kHz * 3 s"), "6000");
    EXPECT_EQ(result_of("1 kHz + 1 MHz"), "1001000 Hz");
    EXPECT_EQ(result_of("max(3, $n, 2) + min(1, 2)"), "17");
    EXPECT_EQ(result_of("log2($n) + round(1.5) + floor(1.9) + ceil(0.1)"), "8");
    EXPECT_EQ(result_of("25 kHz <= 0.1 MHz"), "true");
    EXPECT_EQ(result_of("$n == 15"), "false");
    EXPECT_EQ(result_of("2e3+1"), "2001");
    EXPECT_EQ(result_of("2 * count($list) + 1"), "7");
    EXPECT_EQ(result_of("max(count( $list ), 2)"), "3");
}

TEST(Expressions, SayWhatIsWrong) {
    EXPECT_EQ(result_of("1 +"), "wrong: it ends too early");
    EXPECT_EQ(result_of("(1"), "wrong: a `)` is missing");
    EXPECT_EQ(result_of("1 2"), "wrong: `2` is not expected");
    EXPECT_EQ(result_of("1 kHz + 3 s"), "wrong: a frequency with a time");
    EXPECT_EQ(result_of("1 kHz * 1 Hz"), "wrong: a frequency times a frequency");
    EXPECT_EQ(result_of("1 / 0"), "wrong: a division by 0");
    EXPECT_EQ(result_of("log2(0)"), "wrong: the result is no finite number");
    EXPECT_EQ(result_of("sin(1)"), "wrong: `sin` is none of min, max, round, floor, ceil, log2, count");
    EXPECT_EQ(result_of("count(3)"), "wrong: `count` takes a `$name`");
    EXPECT_EQ(result_of("count("), "wrong: `count` takes a `$name`");
    EXPECT_EQ(result_of("count($list"), "wrong: a `)` is missing");
    EXPECT_EQ(result_of("count($unknown)"), "wrong: ");
    EXPECT_EQ(result_of("true + 1"), "wrong: a boolean is no number");
    EXPECT_EQ(result_of("$unknown + 1"), "wrong: ");
    EXPECT_EQ(result_of(std::string(4096, '(')), "wrong: it is nested more than 100 deep");
    EXPECT_EQ(result_of(std::string(4095, '-') + "1"), "wrong: it is nested more than 100 deep");
    EXPECT_EQ(result_of(std::string(99, '(') + "1" + std::string(99, ')')), "1");
    EXPECT_EQ(result_of("1" + std::string(4095, ' ')), "1");
    EXPECT_EQ(result_of("1" + std::string(4096, ' ')), "wrong: it is longer than 4096 bytes");
    EXPECT_EQ(result_of(""), "wrong: it ends too early");
}

TEST(Expressions, StandWhereANumberIsWanted) {
    const auto spec = test::read(R"yaml(flowspan: 1
parameters: {spacing: 200 kHz, half: $spacing / 2}
blocks:
  source: {type: file_source, path: "a+b $$ c", sample_rate: 3.2 MHz}
  split: {type: pfb_channelizer, channels: $source.sample_rate / $spacing}
  lowpass: {type: fir_filter, copies: $split.channels, cutoff: $half * ($index + 1), decimation: "max(2, 1)"}
  sink: {type: null_sink, copies: 2 * 8}
connections:
  - source -> split
  - split.out[*] -> lowpass[*] -> sink[*]
)yaml");
    EXPECT_EQ(spec.blocks[0].settings.at("path").text, "a+b $ c");
    EXPECT_EQ(spec.blocks[1].settings.at("channels").text, "16");
    EXPECT_EQ(spec.blocks[2].settings.at("cutoff").text, "100000 Hz");
    EXPECT_EQ(spec.blocks[17].settings.at("cutoff").text, "1600000 Hz");
    EXPECT_EQ(spec.blocks[2].settings.at("decimation").text, "2");
    EXPECT_EQ(spec.blocks.size(), 34u);
}

TEST(Expressions, AreRefusedWithTheValuesOfTheirNames) {
    EXPECT_EQ(test::refusal_of(R"(flowspan: 1
parameters: {spacing: 300 kHz}
blocks:
  source: {type: signal_source, frequency: 1 MHz, amplitude: $sorce.frequency / 1 Hz}
  split: {type: pfb_channelizer, channels: $source.frequency / $spacing}
  other: {type: fir_filter, cutoff: $other.cutoff + 1 Hz}
  third: {type: fir_filter, cutoff: $spacing + 3 s}
connections: [source -> split, source -> other, source -> third]
unused: [other.out, third.out]
)"),
              "graph.yaml:4:62: blocks.source.amplitude: expected a block, got sorce\n"
              "    4 |   source: {type: signal_source, frequency: 1 MHz, amplitude: $sorce.frequency / 1 Hz}\n"
              "      |                                                              ^\n"
              "   hint: did you mean `source`?\n"
              "graph.yaml:5:44: blocks.split.channels: expected an integer >= 1, got 3.3333333333333335\n"
              "    5 |   split: {type: pfb_channelizer, channels: $source.frequency / $spacing}\n"
              "      |                                            ^\n"
              "   $source.frequency / $spacing is 3.3333333333333335\n"
              "   $source.frequency is 1 MHz\n"
              "   $spacing is 300 kHz (graph.yaml:2:23)\n"
              "graph.yaml:6:37: blocks.other.cutoff: expected a value that does not depend on itself, got $other.cutoff -> "
              "$other.cutoff\n"
              "    6 |   other: {type: fir_filter, cutoff: $other.cutoff + 1 Hz}\n"
              "      |                                     ^\n"
              "graph.yaml:7:46: blocks.third.cutoff: expected a frequency, got $spacing + 3 s (a frequency with a time)\n"
              "    7 |   third: {type: fir_filter, cutoff: $spacing + 3 s}\n"
              "      |                                              ^\n"
              "   $spacing is 300 kHz (graph.yaml:2:23)");
}

TEST(DeclaredParameters, AreShownAsTheyCouldBeWritten) {
    test::FakeOutside outside;
    const auto all = declared_parameters(
        "flowspan: 1\nparameters:\n  list: {default: [1 kHz, [2, 3]], help: Some.}\n  needed: {unit: Hz, range: 1 .. 5}\n  "
        "word: {default: a, "
        "choices: [a, b]}\n",
        "graph.yaml", outside);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].value, "[1 kHz, [2, 3]]");
    EXPECT_EQ(all[0].help, "Some.");
    EXPECT_EQ(all[1].value, "");
    EXPECT_EQ(all[1].unit, "Hz");
    EXPECT_EQ(all[1].range, "1 .. 5");
    EXPECT_EQ(all[2].choices, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace flowspan::graph

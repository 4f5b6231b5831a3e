#include "fake_catalog.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace flowspan::graph {
namespace {

using test::read;
using test::refusal_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> edges(const FlowgraphSpec& spec, const std::vector<Connection>& connections) {
    std::vector<std::string> texts;
    const auto name = [&](const PortRef& port) { return spec.blocks[std::size_t(port.block)].name + "." + port.port; };
    for (const Connection& one : connections) texts.push_back(name(one.from) + " -> " + name(one.to));
    return texts;
}
std::vector<std::string> streams(const FlowgraphSpec& spec) { return edges(spec, spec.streams); }

const std::string head = "flowspan: 1\n";

TEST(Reader, TakesASmallGraph) {
    const auto spec = read(R"(flowspan: 1
name: small
blocks:
  source: {type: file_source, path: a.cf32}
  demod: {type: fm_demod, deviation: 5 kHz}
  sink: {type: wav_sink, path: "audio/{index:02}.wav"}
connections:
  - source -> demod -> sink
)");
    EXPECT_EQ(spec.name, "small");
    EXPECT_EQ(spec.file, "graph.yaml");
    ASSERT_EQ(spec.blocks.size(), 3u);
    EXPECT_EQ(spec.blocks[1].type, "fm_demod");
    EXPECT_EQ(spec.blocks[1].settings.at("deviation").text, "5 kHz");
    EXPECT_EQ(spec.blocks[1].at.line, 5);
    EXPECT_EQ(spec.blocks[2].settings.at("path").text, "audio/{index:02}.wav");
    EXPECT_THAT(streams(spec), ElementsAre("source.out -> demod.in", "demod.out -> sink.in"));
    EXPECT_EQ(spec.streams[0].at.column, 5);
    EXPECT_EQ(spec.assignment.mode, Assignment::Mode::none);
}

TEST(Reader, MakesABlockOfEveryCopyAndTakesListsApart) {
    const auto spec = read(R"(flowspan: 1
parameters: {n: 3}
blocks:
  source: {type: signal_source, copies: $n, frequency: [1 kHz, 2 kHz, 3 kHz], amplitude: 0.5, notes: ["$index", b]}
  lowpass: {type: fir_filter, copies: 3, cutoff: 1 kHz, taps: [[1], [2, 3], [4]]}
  sink: {type: null_sink, copies: 3}
connections:
  - source[*] -> lowpass[*] -> sink[*]
)");
    ASSERT_EQ(spec.blocks.size(), 9u);
    EXPECT_EQ(spec.blocks[1].name, "source[1]");
    EXPECT_EQ(spec.blocks[1].base, "source");
    EXPECT_EQ(spec.blocks[1].copies, 3);
    EXPECT_EQ(spec.blocks[1].settings.at("frequency").text, "2 kHz");
    EXPECT_EQ(spec.blocks[1].settings.at("amplitude").text, "0.5");
    EXPECT_EQ(spec.blocks[4].settings.at("taps").items.size(), 2u);
    EXPECT_EQ(streams(spec)[4], "lowpass[1].out -> sink[1].in");
}

TEST(Reader, NumbersTheCopiesWithIndex) {
    const auto spec = read(R"(flowspan: 1
blocks:
  source: {type: signal_source, copies: 3, frequency: "${index} kHz", amplitude: $index}
  sink: {type: null_sink, copies: 3}
connections:
  - source[*] -> sink[*]
)");
    EXPECT_EQ(spec.blocks[2].settings.at("frequency").text, "2 kHz");
    EXPECT_EQ(spec.blocks[2].settings.at("amplitude").text, "2");
}

TEST(Reader, PairsCopiesAndPortsByIndexAndFansOut) {
    const auto spec = read(R"(flowspan: 1
blocks:
  source: {type: file_source, path: x}
  split: {type: pfb_channelizer, channels: 4}
  demod: {type: fm_demod, copies: 3}
  sum: {type: add, inputs: 3}
  many: {type: null_sink, copies: 2}
  sink: {type: null_sink}
connections:
  - source -> split
  - split.out[1,2-3] -> demod[*] -> sum.in[*]
  - sum -> many[*]
  - sum -> sink
)");
    EXPECT_THAT(
        streams(spec),
        ElementsAre("source.out -> split.in", "split.out[1] -> demod[0].in", "split.out[2] -> demod[1].in",
                    "split.out[3] -> demod[2].in", "demod[0].out -> sum.in[0]", "demod[1].out -> sum.in[1]",
                    "demod[2].out -> sum.in[2]", "sum.out -> many[0].in", "sum.out -> many[1].in", "sum.out -> sink.in"));
}

TEST(Reader, ReadsCopiesOfPortGroupsCopyByCopy) {
    const auto spec = read(R"(flowspan: 1
blocks:
  source: {type: file_source, path: x}
  split: {type: pfb_channelizer, copies: 2, channels: 2}
  sink: {type: null_sink, copies: 4}
connections:
  - source -> split[*]
  - split[*].out[*] -> sink[*]
)");
    EXPECT_THAT(streams(spec),
                ElementsAre("source.out -> split[0].in", "source.out -> split[1].in", "split[0].out[0] -> sink[0].in",
                            "split[0].out[1] -> sink[1].in", "split[1].out[0] -> sink[2].in", "split[1].out[1] -> sink[3].in"));
}

TEST(Reader, TakesOptionsOfConnectionsInBothForms) {
    const auto spec = read(R"(flowspan: 1
blocks:
  source: {type: file_source, path: x}
  bursts: {type: burst_detector, copies: 2}
  log: {type: message_log, path: l}
connections:
  - {from: source, to: "bursts[0]", buffer: 4096}
  - "source -> bursts[1]": {buffer: 1e3 samples}
messages:
  - bursts[*].detections -> log.in: {order: arrival}
  - {from: "bursts[0].detections", to: "bursts[1].control", feedback: {delay: 1000 samples}}
)");
    EXPECT_EQ(spec.streams[0].buffer, 4096u);
    EXPECT_EQ(spec.streams[1].buffer, 1000u);
    EXPECT_THAT(edges(spec, spec.messages), ElementsAre("bursts[0].detections -> log.in", "bursts[1].detections -> log.in",
                                                        "bursts[0].detections -> bursts[1].control"));
    EXPECT_TRUE(spec.messages[1].arrival_order);
    EXPECT_FALSE(spec.messages[2].arrival_order);
    EXPECT_EQ(spec.messages[2].feedback_delay, 1000u);
}

TEST(Reader, NamesTheSidesOfABlockInTheMiddleOfAChain) {
    const auto spec = read(head + R"(blocks:
  source: {type: file_source, path: x}
  probe: {type: probe}
  sink: {type: null_sink}
connections:
  - source -> probe.low -> sink
unused: probe.high
)");
    EXPECT_THAT(streams(spec), ElementsAre("source.out -> probe.in", "probe.low -> sink.in"));
    ASSERT_EQ(spec.unused.size(), 1u);
    EXPECT_EQ(spec.unused[0].port, "high");
}

TEST(Parameters, AreFilledInAsWholeValuesAndWithinTexts) {
    setenv("FLOWSPAN_TEST_FOLDER", "/data", 1);
    const std::string text = R"(flowspan: 1
parameters:
  rate: 200 kHz
  file: "${env.FLOWSPAN_TEST_FOLDER}/band$$1"
  width: {default: 25, unit: kHz, range: 1 .. 100, help: Width.}
  waves: [square, noise]
blocks:
  source: {type: file_source, path: "${file}.cf32", sample_rate: $rate}
  lowpass: {type: fir_filter, cutoff: $width}
  sink: {type: null_sink}
  tone: {type: signal_source, copies: 2, waveform: $waves}
  sinks: {type: null_sink, copies: 2}
connections:
  - source -> lowpass -> sink
  - tone[*] -> sinks[*]
)";
    const auto spec = read(text);
    EXPECT_EQ(spec.blocks[0].settings.at("path").text, "/data/band$1.cf32");
    EXPECT_EQ(spec.blocks[0].settings.at("sample_rate").text, "200 kHz");
    EXPECT_EQ(spec.blocks[1].settings.at("cutoff").text, "25 kHz");
    EXPECT_EQ(spec.blocks[4].settings.at("waveform").text, "noise");
    EXPECT_EQ(spec.parameters.at("width").text, "25 kHz");

    ReadOptions options;
    options.overrides = {
        {"rate", "1 MHz"}, {"width", "50 kHz"}, {"lowpass.decimation", "4"}, {"tone[1].amplitude", "2"}, {"sinks[*].x", "1"}};
    EXPECT_EQ(refusal_of(text, "graph.yaml", options),
              "--set sinks[*].x=1: blocks.sinks: expected a parameter of null_sink, got x\n   hint: it has none");
    options.overrides.pop_back();
    const auto changed = read(text, options);
    EXPECT_EQ(changed.blocks[0].settings.at("sample_rate").text, "1 MHz");
    EXPECT_EQ(changed.blocks[1].settings.at("cutoff").text, "50 kHz");
    EXPECT_EQ(changed.blocks[1].settings.at("decimation").text, "4");
    EXPECT_FALSE(changed.blocks[3].settings.contains("amplitude"));
    EXPECT_EQ(changed.blocks[4].settings.at("amplitude").text, "2");
}

TEST(Parameters, CiteTheOverrideAndTheUse) {
    const std::string text = R"(flowspan: 1
parameters: {deviation: 5 kHz}
blocks:
  source: {type: file_source, path: x}
  demod: {type: fm_demod, deviation: $deviation}
  sink: {type: null_sink}
connections:
  - source -> demod -> sink
)";
    ReadOptions options;
    options.overrides = {
        {"deviation", "3 s"}, {"devation", "1"}, {"demo.deviation", "1"}, {"demod[0].deviation", "1"}, {"demod.deviaton", "1"}};
    EXPECT_EQ(refusal_of(text, "graph.yaml", options),
              "graph.yaml:5:38: blocks.demod.deviation: expected a frequency >= 1 Hz, got 3 s (a time)\n"
              "    5 |   demod: {type: fm_demod, deviation: $deviation}\n"
              "      |                                      ^\n"
              "   $deviation is 3 s (--set deviation=3 s)\n"
              "--set devation=1: expected a parameter of the graph or `block.parameter`, got devation\n"
              "   hint: did you mean `deviation`?\n"
              "--set demo.deviation=1: expected a block, got demo\n"
              "   hint: did you mean `demod`?\n"
              "--set demod[0].deviation=1: blocks.demod: expected a block with `copies:`, got demod[0]\n"
              "--set demod.deviaton=1: blocks.demod: expected a parameter of fm_demod, got deviaton\n"
              "   hint: did you mean `deviation`?");
}

std::string with_ranks(const std::string& ranks) {
    return R"(flowspan: 1
blocks:
  source: {type: signal_source}
  demod: {type: fm_demod, copies: 4}
  sink: {type: null_sink, copies: 4}
connections:
  - source -> demod[*] -> sink[*]
)" + ranks;
}

TEST(Ranks, TakeEveryForm) {
    const auto spec = read(with_ranks(R"(ranks:
  0: source, demod[0]
  1-2:
    - demod[1-3]
    - sink[0,2]
  gpu: {blocks: "sink[1,3]", count: 2, require: {cuda: 1, memory: 8 GiB, host: "nid0*", path: /data}}
)"));
    EXPECT_EQ(spec.assignment.mode, Assignment::Mode::listed);
    ASSERT_EQ(spec.assignment.places.size(), 3u);
    const auto& places = spec.assignment.places;
    EXPECT_THAT(places[0].ranks, ElementsAre(0));
    ASSERT_EQ(places[0].selections.size(), 2u);
    EXPECT_FALSE(places[0].selections[0].copies);
    EXPECT_EQ(places[1].count, 2);
    EXPECT_THAT(places[1].selections[0].blocks, ElementsAre(2, 3, 4));
    EXPECT_TRUE(places[1].selections[0].copies);
    EXPECT_THAT(places[1].selections[1].blocks, ElementsAre(5, 7));
    EXPECT_EQ(places[2].name, "gpu");
    EXPECT_THAT(places[2].ranks, IsEmpty());
    EXPECT_EQ(places[2].count, 2);
    ASSERT_EQ(places[2].needs.size(), 4u);
    EXPECT_EQ(places[2].needs[1].key, "ranks.gpu.require.memory");
    EXPECT_EQ(places[2].needs[1].text, "8 GiB");
    EXPECT_EQ(places[2].needs[1].amount, 8ULL << 30);
}

TEST(Ranks, TakeListsAsKeys) {
    const auto places = read(with_ranks("ranks:\n  1,4: demod\n  \"0, 2-3\": sink[*]\n")).assignment.places;
    EXPECT_THAT(places.at(0).ranks, ElementsAre(1, 4));
    EXPECT_EQ(places.at(0).count, 2);
    EXPECT_THAT(places.at(1).ranks, ElementsAre(0, 2, 3));
    EXPECT_EQ(refusal_of(with_ranks("ranks:\n  0,2-3,2: demod[*]\n")),
              "graph.yaml:9:3: ranks: expected each rank once, got rank 2 again\n    9 |   0,2-3,2: demod[*]\n      |   ^");
    EXPECT_EQ(refusal_of(with_ranks("ranks:\n  0,x: demod[*]\n")),
              "graph.yaml:9:3: ranks: expected a rank, ranks such as 1-2 or 0,3, or a name, got 0,x\n"
              "    9 |   0,x: demod[*]\n      |   ^");
}

TEST(Needs, OfABlockAreThoseOfEachCopyAndStayWithAnAutomaticCut) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: signal_source, require: {path: iq, plugin: lora}, prefer: {host: "nid*"}}
  sink: {type: null_sink, copies: 2, require: {cuda: 1}}
connections:
  - source -> sink[*]
ranks:
  0: {blocks: source, prefer: {memory: 2 GiB}}
  1: sink
)";
    ReadOptions options;
    options.ranks_auto = true;
    test::FakeCatalog catalog;
    const auto needs = read_flowgraph(text, "graphs/a.yaml", options, catalog).assignment.needs;
    ASSERT_EQ(needs.size(), 3u);
    ASSERT_EQ(needs.at(0).size(), 4u);
    EXPECT_EQ(needs.at(0)[0].text, "graphs/iq") << "from the folder of the graph file";
    EXPECT_FALSE(needs.at(0)[1].preferred);
    EXPECT_TRUE(needs.at(0)[2].preferred);
    EXPECT_EQ(needs.at(0)[3].key, "ranks.0.prefer.memory");
    EXPECT_EQ(needs.at(2)[0].amount, 1u);
}

TEST(Needs, AreCheckedLikeEveryOtherKey) {
    const std::string text = R"(flowspan: 1
blocks:
  source: {type: signal_source, require: {gpu: 1, memory: 3 s}}
  sink: {type: null_sink, prefer: cuda}
connections:
  - source -> sink
)";
    EXPECT_EQ(refusal_of(text),
              R"(graph.yaml:3:43: blocks.source.require: expected one of cuda, memory, host, path, plugin, exclusive, got gpu
    3 |   source: {type: signal_source, require: {gpu: 1, memory: 3 s}}
      |                                           ^
graph.yaml:3:59: blocks.source.require.memory: expected a size in bytes, such as 8 GiB, got 3 s
    3 |   source: {type: signal_source, require: {gpu: 1, memory: 3 s}}
      |                                                           ^
graph.yaml:4:35: blocks.sink.prefer: expected `{cuda: 1, memory: 8 GiB, host: "nid0*", path: /data, plugin: NAME}`, got cuda
    4 |   sink: {type: null_sink, prefer: cuda}
      |                                   ^)");
}

TEST(Needs, ExclusiveIsOfDevicesThatAreRequired) {
    const auto with = [](const std::string& needs) {
        return "flowspan: 1\nblocks:\n  source: {type: signal_source, " + needs +
               "}\n  sink: {type: null_sink}\nconnections:\n  - source -> sink\n";
    };
    const auto needs = read(with("require: {exclusive: true, cuda: 2}")).assignment.needs.at(0);
    ASSERT_EQ(needs.size(), 2U);
    EXPECT_EQ(needs[0].kind, Need::Kind::exclusive);
    EXPECT_EQ(read(with("require: {cuda: 2, exclusive: false}")).assignment.needs.at(0).size(), 1U);
    EXPECT_THAT(refusal_of(with("require: {exclusive: true}")),
                ::testing::StartsWith(
                    "graph.yaml:3:54: blocks.source.require.exclusive: expected `cuda:` beside it, got exclusive: true\n"));
    EXPECT_THAT(refusal_of(with("require: {cuda: 0, exclusive: true}")),
                ::testing::StartsWith(
                    "graph.yaml:3:63: blocks.source.require.exclusive: expected `cuda:` beside it, got exclusive: true\n"));
    EXPECT_THAT(refusal_of(with("prefer: {cuda: 1, exclusive: true}")),
                ::testing::StartsWith(
                    "graph.yaml:3:62: blocks.source.prefer.exclusive: expected it in `require:`, got exclusive: true\n"));
    EXPECT_THAT(refusal_of(with("require: {cuda: 1, exclusive: 1}")),
                ::testing::StartsWith("graph.yaml:3:63: blocks.source.require.exclusive: expected true or false, got 1\n"));
}

TEST(Ranks, ComeFromAFileOfTheirOwnWithOrWithoutTheKey) {
    ReadOptions options;
    options.ranks_file = "ranks.yaml";
    for (const char* text : {"0: source\n1: demod, sink\n", "ranks:\n  0: source\n  1: demod, sink\n"}) {
        options.ranks_text = text;
        const auto spec = read(with_ranks("ranks: {0: source}\n"), options);
        ASSERT_EQ(spec.assignment.places.size(), 2u);
        EXPECT_EQ(spec.assignment.places[1].selections[1].blocks.size(), 4u);
    }
    options.ranks_text = "0: sorce\n";
    EXPECT_EQ(refusal_of(with_ranks(""), "graph.yaml", options),
              "ranks.yaml:1:4: ranks.0: expected a block, got sorce\n    1 | 0: sorce\n      |    ^\n   hint: did you mean "
              "`source`?");
    options.ranks_text = "0: [a\n";
    EXPECT_THAT(refusal_of(with_ranks(""), "graph.yaml", options), HasSubstr("ranks.yaml:"));
}

TEST(Ranks, AreAutoOrFoldedWhereAskedFor) {
    ReadOptions automatic, fold;
    automatic.ranks_auto = true;
    fold.ranks_fold = true;
    const std::string text = with_ranks("ranks: {0: source}\n");
    EXPECT_EQ(read(text, automatic).assignment.mode, Assignment::Mode::automatic);
    EXPECT_THAT(read(text, automatic).assignment.places, IsEmpty());
    EXPECT_EQ(read(text, fold).assignment.mode, Assignment::Mode::fold);
    EXPECT_EQ(read(with_ranks("ranks: auto\n")).assignment.mode, Assignment::Mode::automatic);
}

TEST(Settings, FollowTheirDeclaration) {
    ParameterDeclaration d;
    d.name = "x";
    const auto value = [&](const std::string& text, ParameterKind kind, Unit unit = {}) {
        d.kind = kind;
        d.unit = unit;
        Diagnostics found;
        const Node node = read_document("x: " + text, "f").entries.at(0).second;
        const auto read = read_setting(node, d, "x", found);
        return read ? *read : Value(found.at(0).text());
    };
    EXPECT_EQ(value("010", ParameterKind::integer), Value(10));
    EXPECT_EQ(value("2e6", ParameterKind::integer), Value(2000000));
    EXPECT_EQ(value("8 MiB", ParameterKind::integer, byte), Value(8 << 20));
    EXPECT_EQ(value("1.5 KiB", ParameterKind::integer, byte), Value(1536));
    EXPECT_EQ(value("\"200 kHz\"", ParameterKind::real, hertz), Value(2e5));
    EXPECT_EQ(value("010", ParameterKind::string), Value("010"));
    EXPECT_EQ(value("true", ParameterKind::string), Value("true"));
    EXPECT_EQ(value("\"\"", ParameterKind::string), Value(""));
    EXPECT_EQ(value("[1, 2 kHz]", ParameterKind::reals, hertz), Value(Value::Doubles{1, 2000}));
    EXPECT_EQ(value("1-2j", ParameterKind::complex), Value(std::complex<double>(1, -2)));
    EXPECT_EQ(value("[1, 2j]", ParameterKind::complexes),
              Value(Value::List{std::complex<double>(1, 0), std::complex<double>(0, 2)}));
    EXPECT_EQ(value("3j", ParameterKind::complexes), Value(Value::List{std::complex<double>(0, 3)}));
    EXPECT_EQ(value("1+2k", ParameterKind::complex),
              Value("f:1:4: x: expected a complex number (1+2j), got 1+2k\n    1 | x: 1+2k\n      |    ^"));
    EXPECT_EQ(value("[a, 2]", ParameterKind::strings), Value(Value::List{Value("a"), Value("2")}));
    EXPECT_EQ(value("ci16_le", ParameterKind::sample_type), Value("ci16"));
    EXPECT_EQ(value("1 dB", ParameterKind::integer, byte),
              Value("f:1:4: x: expected a size in bytes (an integer), got 1 dB (a level)\n    1 | x: 1 dB\n      |    ^"));
    EXPECT_EQ(value("cf33", ParameterKind::sample_type),
              Value("f:1:4: x: expected a sample type (cf32, ci16, rf32, ...), got cf33\n    1 | x: cf33\n      |    ^"));
}

TEST(Placeholders, AreFilledUnderTheirFormat) {
    const std::map<std::string, Value> values{
        {"index", Value(3)}, {"frequency_MHz", Value(98.1)}, {"recording", Value("band")}};
    Diagnostics found;
    EXPECT_EQ(fill_placeholders("{recording}/{index:02}-{frequency_MHz:.3f}MHz{{x}}.wav", values, {}, "k", found),
              "band/03-98.100MHz{x}.wav");
    EXPECT_THAT(found, IsEmpty());
}

TEST(Placeholders, AreCheckedLikeKeys) {
    const std::map<std::string, Value> values{{"index", Value(3)}, {"recording", Value("band")}};
    Diagnostics found;
    fill_placeholders("{indx}-{recording:.3f}-{unknown_thing}-}-{open", values, {}, "blocks.a.path", found);
    std::vector<std::string> texts;
    for (const Diagnostic& one : found) texts.push_back(one.text());
    EXPECT_THAT(
        texts, ElementsAre("blocks.a.path: expected a placeholder, got `{indx}`\n   hint: did you mean `index`?",
                           "blocks.a.path: expected a format for string, got `{recording:.3f}`\n   hint: such as {index:02} or "
                           "{frequency_MHz:.3f}",
                           "blocks.a.path: expected a placeholder, got `{unknown_thing}`\n   hint: there are: index, recording",
                           "blocks.a.path: expected `{name}`, got a `}` without `{`\n   hint: a brace is written `}}`",
                           "blocks.a.path: expected `{name}`, got a `{` without `}`\n   hint: a brace is written `{{`"));
}

TEST(Reader, APlaceholderAsksForNoMoreThanANameHasRoomFor) {
    const std::map<std::string, Value> values{{"index", 3}};
    Diagnostics found;
    EXPECT_EQ(fill_placeholders("{index:010}.wav", values, {}, "k", found), "0000000003.wav");
    EXPECT_TRUE(found.empty());
    for (const std::string form : {"{index:099999999}", "{index:.999999999f}", "{index:>2000000000}"}) {
        found.clear();
        fill_placeholders(form, values, {}, "k", found);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].text(), "k: expected a width and a precision of at most 99, got `" + form + "`");
    }
}

TEST(Reader, TakesTenThousandBlocks) {
    std::string text =
        "flowspan: 1\nblocks:\n  source: {type: signal_source}\n  a: {type: fm_demod, copies: 2500}\n  b: {type: fm_demod, "
        "copies: 2500}\n"
        "  c: {type: fm_demod, copies: 2500}\n  sink: {type: null_sink, copies: 2500}\nconnections:\n"
        "  - source -> a[*] -> b[*] -> c[*] -> sink[*]\nranks:\n  0: source\n  1-1023: a, b, c, sink\n";
    const auto spec = read(text);
    EXPECT_EQ(spec.blocks.size(), 10001u);
    EXPECT_EQ(spec.streams.size(), 10000u);
}

}  // namespace
}  // namespace flowspan::graph

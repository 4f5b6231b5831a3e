// Groups, `include:`, `enabled:` and facts of recordings.
#include "fake_catalog.hpp"

#include <gmock/gmock.h>

namespace flowspan::graph {
namespace {

using test::read;
using test::refusal_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> names(const FlowgraphSpec& spec) {
    std::vector<std::string> all;
    for (const FlatBlock& block : spec.blocks) all.push_back(block.name);
    return all;
}

std::vector<std::string> edges(const FlowgraphSpec& spec, const std::vector<Connection>& connections) {
    std::vector<std::string> texts;
    const auto name = [&](const PortRef& port) { return spec.blocks[std::size_t(port.block)].name + "." + port.port; };
    for (const Connection& one : connections) texts.push_back(name(one.from) + " -> " + name(one.to));
    return texts;
}

const FlatBlock& block(const FlowgraphSpec& spec, const std::string& name) {
    for (const FlatBlock& one : spec.blocks)
        if (one.name == name) return one;
    throw std::out_of_range(name);
}

ReadOptions with(std::shared_ptr<Outside> outside) {
    ReadOptions options;
    options.outside = std::move(outside);
    return options;
}

// The example of the project's description, as it stands there.
const std::string band_survey = R"yaml(flowspan: 1                              # version of this file's format
name: band-survey
parameters:                              # override: --set recording=other.sigmf-meta
  recording: recordings/band.sigmf-meta
  spacing: {default: 200 kHz, range: "1 kHz .. 10 MHz", help: Width of one channel.}
  pictures: true
groups:
  receiver:                              # one chain per channel, written once
    blocks:
      demod:    {type: fm_demod, deviation: 75 kHz}
      resample: {type: rational_resampler, output_rate: 48 kHz}
      audio:    {type: wav_sink, path: "audio/{index:02}-{frequency_MHz:.3f}MHz.wav"}
    connections:
      - in -> demod -> resample -> audio # `in`, `out`: the group's own ports
blocks:
  source:     {type: file_source, path: $recording, gaps: zeros}
  channelize: {type: pfb_channelizer, channels: $source.sample_rate / $spacing, taps_per_channel: 12}
  receive:    {group: receiver, copies: $channelize.channels}       # receive[0] … receive[15]
  bursts:     {type: burst_detector, threshold: 10 dB}
  notes:      {type: sigmf_annotations, path: bursts.sigmf-meta}
  waterfall:  {type: waterfall_png, path: waterfall.png, enabled: $pictures}
connections:
  - source -> channelize
  - channelize.out[*] -> receive[*]      # port i to copy i
  - source -> bursts
  - source -> waterfall
messages:
  - bursts.detections -> notes.in
ranks:                                   # or a file of its own: --ranks ranks.yaml; or --ranks auto
  0: source, channelize
  1-2: receive[*]
  3: bursts, notes, waterfall
)yaml";

std::shared_ptr<test::FakeOutside> with_band() {
    auto outside = std::make_shared<test::FakeOutside>();
    outside->facts["recordings/band.sigmf-meta"] = {3.2e6, 100e6, 32000};
    return outside;
}

TEST(Groups, ReadTheExampleOfTheDescriptionAsItStands) {
    const auto spec = read(band_survey, with(with_band()));
    ASSERT_EQ(spec.blocks.size(), 2 + 16 * 3 + 3u);
    EXPECT_EQ(block(spec, "channelize").settings.at("channels").text, "16");
    const FlatBlock& audio = block(spec, "receive[3].audio");
    EXPECT_EQ(audio.base, "receive.audio");
    EXPECT_EQ(audio.copy, 3);
    EXPECT_EQ(audio.copies, 16);
    EXPECT_EQ(audio.settings.at("path").text, "audio/{index:02}-{frequency_MHz:.3f}MHz.wav");
    ASSERT_NE(audio.use, nullptr);
    EXPECT_EQ(audio.use->text(), "in group receiver, used at graph.yaml:18:3");
    EXPECT_EQ(audio.use->around, nullptr);
    const auto streams = edges(spec, spec.streams);
    EXPECT_THAT(streams, ::testing::Contains("channelize.out[15] -> receive[15].demod.in"));
    EXPECT_THAT(streams, ::testing::Contains("receive[15].resample.out -> receive[15].audio.in"));
    ASSERT_EQ(spec.assignment.places.size(), 3u);
    ASSERT_EQ(spec.assignment.places[1].selections.size(), 3u) << "copy i of every block of the group on one rank";
    EXPECT_EQ(spec.assignment.places[1].selections[2].blocks.size(), 16u);
    EXPECT_EQ(spec.blocks[std::size_t(spec.assignment.places[1].selections[2].blocks[4])].name, "receive[4].audio");
}

TEST(Enabled, RemovesABlockWithItsConnections) {
    auto options = with(with_band());
    options.overrides = {{"pictures", "false"}};
    const auto spec = read(band_survey, options);
    EXPECT_EQ(spec.blocks.size(), 2 + 16 * 3 + 2u);
    EXPECT_THAT(edges(spec, spec.streams), Not(::testing::Contains(HasSubstr("waterfall"))));
    EXPECT_EQ(spec.assignment.places[2].selections.size(), 2u);
}

TEST(Enabled, DiscardsWhatOnlyARemovedBlockReads) {
    const auto spec = read(R"(flowspan: 1
blocks:
  source: {type: file_source, path: x}
  demod: {type: fm_demod}
  wav: {type: wav_sink, path: y, enabled: 1 > 2}
connections:
  - source -> demod -> wav
)");
    EXPECT_THAT(names(spec), ElementsAre("source", "demod"));
    ASSERT_EQ(spec.unused.size(), 1u);
    EXPECT_EQ(spec.unused[0].block, 1);
}

TEST(Enabled, LeavesNoInputOpen) {
    EXPECT_EQ(refusal_of(R"(flowspan: 1
parameters: {soft: false}
blocks:
  source: {type: file_source, path: x}
  demod: {type: fm_demod, enabled: $soft}
  sink: {type: null_sink}
  other: {type: null_sink, enabled: 5}
connections:
  - source -> demod -> sink
  - source -> other
)"),
              "graph.yaml:6:3: blocks.sink: expected a connection to sink.in, got none\n"
              "    6 |   sink: {type: null_sink}\n"
              "      |   ^\n"
              "   hint: it is connected to demod, which is not enabled\n"
              "graph.yaml:7:37: blocks.other.enabled: expected true, false, or a comparison, got 5\n"
              "    7 |   other: {type: null_sink, enabled: 5}\n"
              "      |                                     ^");
}

const std::string nested = R"(flowspan: 1
parameters: {gain: 3}
groups:
  voice:
    parameters: {width: {default: 5 kHz, range: 1 kHz .. 20 kHz}, taps: 1, number: $index}
    ports: in, audio
    blocks:
      lowpass: {type: fir_filter, cutoff: $width / 2, decimation: $gain}
      demod: {type: fm_demod, deviation: $lowpass.cutoff}
    connections:
      - in -> lowpass -> demod -> audio
  pair:
    parameters: {width: 8 kHz}
    blocks:
      left: {group: voice, width: $width}
      right: {group: voice, copies: 2, width: [$width, $width * 2]}
      split: {type: pfb_channelizer, channels: 2}
      sum: {type: add, inputs: 3}
    connections:
      - in -> left
      - in -> split
      - split.out[*] -> right[*]
      - left.audio -> sum.in[0]
      - right[*] -> sum.in[1-2] 
      - sum -> out
blocks:
  source: {type: signal_source, copies: 2}
  use: {group: pair, copies: 2, width: [6 kHz, 7 kHz]}
  sink: {type: null_sink, copies: 2}
connections:
  - source[*] -> use[*] -> sink[*]
)";

TEST(Groups, NestAndTakeParametersOneByOne) {
    const auto spec = read(nested);
    EXPECT_EQ(spec.blocks.size(), 2 + 2 * (2 + 4 + 2) + 2u);
    EXPECT_EQ(block(spec, "use[0].left.lowpass").settings.at("cutoff").text, "3000 Hz");
    EXPECT_EQ(block(spec, "use[1].right[1].lowpass").settings.at("cutoff").text, "7000 Hz");
    EXPECT_EQ(block(spec, "use[1].right[1].demod").settings.at("deviation").text, "7000 Hz");
    EXPECT_THAT(block(spec, "use[1].right[1].lowpass").settings.at("cutoff").context,
                ElementsAre("$width / 2 is 7000 Hz", "$width is 14000 Hz (graph.yaml:16:56)", "$width * 2 is 14000 Hz",
                            "$width is 7 kHz (graph.yaml:28:48)"));
    EXPECT_EQ(block(spec, "use[1].right[1].demod").base, "use[1].right.demod");
    EXPECT_EQ(block(spec, "use[1].left.demod").base, "use.left.demod");
    EXPECT_EQ(block(spec, "use[1].left.demod").copy, 1);
    EXPECT_EQ(block(spec, "use[0].right[1].lowpass").settings.at("decimation").text, "3") << "of the graph";
    const auto streams = edges(spec, spec.streams);
    EXPECT_THAT(streams,
                ::testing::IsSupersetOf({"source[1].out -> use[1].left.lowpass.in", "source[1].out -> use[1].split.in",
                                         "use[1].split.out[1] -> use[1].right[1].lowpass.in",
                                         "use[1].right[0].demod.out -> use[1].sum.in[1]", "use[1].sum.out -> sink[1].in"}));
    EXPECT_EQ(streams.size(), 2 * (2 + 2 + 3 + 3 + 1u));
}

TEST(Groups, AreOverriddenByPath) {
    ReadOptions options;
    options.overrides = {{"use.width", "4 kHz"}, {"use[1].right[0].width", "2 kHz"}, {"use[*].left.demod.deviation", "1 kHz"}};
    const auto spec = read(nested, options);
    EXPECT_EQ(block(spec, "use[1].left.lowpass").settings.at("cutoff").text, "2000 Hz");
    EXPECT_EQ(block(spec, "use[0].right[0].lowpass").settings.at("cutoff").text, "2000 Hz");
    EXPECT_EQ(block(spec, "use[1].right[0].lowpass").settings.at("cutoff").text, "1000 Hz");
    EXPECT_EQ(block(spec, "use[0].left.demod").settings.at("deviation").text, "1 kHz");
    options.overrides = {{"use.wdth", "1"}, {"use.centre.width", "1"}, {"use[2].width", "1"}, {"sink.in.x", "1"}};
    EXPECT_EQ(refusal_of(nested, "graph.yaml", options),
              "--set use.wdth=1: blocks.use: expected a parameter of group pair, got wdth\n   hint: did you mean `width`?\n"
              "--set use[2].width=1: blocks.use: expected copies 0 to 1, got 2\n"
              "--set use.centre.width=1: expected a block, got centre\n   in group pair, used at graph.yaml:28:3\n"
              "   hint: group pair has: left, right, split, sum\n"
              "--set sink.in.x=1: blocks.sink.in: expected a group, got sink, a block (null_sink)");
}

TEST(Groups, AreAssignedAsOneOrByMember) {
    const std::string ranks =
        "ranks:\n  0: source, sink, use[0].left.demod, use[0].left.lowpass\n  1-2: use[*].right[*], use[*].sum\n"
        "  3: use[1].left, use[*].split\n";
    const auto spec = read(nested + ranks);
    const auto& places = spec.assignment.places;
    ASSERT_EQ(places.size(), 3u);
    const auto chosen = [&](const Place& place) {
        std::vector<std::string> texts;
        for (const auto& one : place.selections) {
            std::string text = one.copies ? "dealt:" : "one:";
            for (const int b : one.blocks) text += " " + spec.blocks[std::size_t(b)].name;
            texts.push_back(text);
        }
        return texts;
    };
    EXPECT_THAT(chosen(places[1]),
                ElementsAre("dealt: use[0].right[0].lowpass use[1].right[0].lowpass",
                            "dealt: use[0].right[0].demod use[1].right[0].demod",
                            "dealt: use[0].right[1].lowpass use[1].right[1].lowpass",
                            "dealt: use[0].right[1].demod use[1].right[1].demod", "dealt: use[0].sum use[1].sum"));
    EXPECT_THAT(chosen(places[2]),
                ElementsAre("dealt: use[1].left.lowpass", "dealt: use[1].left.demod", "dealt: use[0].split use[1].split"));
    EXPECT_EQ(
        refusal_of(nested + "ranks:\n  0-1: use[*].centre\n"),
        "graph.yaml:33:8: ranks.0-1: expected a block, got use[*].centre\n   33 |   0-1: use[*].centre\n      |        ^\n"
        "   hint: group pair has: left, right, split, sum");
}

TEST(Groups, HaveMessagesAndPortsOfManyElements) {
    const auto spec = read(R"(flowspan: 1
groups:
  finder:
    ports: in, bands, found, tune
    blocks:
      split: {type: pfb_channelizer, channels: 3}
      burst: {type: burst_detector, copies: 2}
    connections:
      - in -> split
      - in -> burst[*]
      - split.out[0-1] -> bands[*]
      - split.out[2] -> bands[2]
    messages:
      - burst[*].detections -> found: {order: arrival}
      - tune -> burst[0].control
blocks:
  source: {type: signal_source}
  find: {group: finder}
  again: {group: finder}
  log: {type: message_log, path: x}
  sink: {type: null_sink, copies: 3}
connections:
  - source -> find
  - source -> again
  - find.bands[*] -> sink[*]
messages:
  - find.found -> log
  - {from: find.found, to: again.tune, feedback: {delay: 10 samples}}
)");
    EXPECT_THAT(edges(spec, spec.messages),
                ElementsAre("find.burst[0].detections -> log.in", "find.burst[1].detections -> log.in",
                            "find.burst[0].detections -> again.burst[0].control",
                            "find.burst[1].detections -> again.burst[0].control"));
    EXPECT_TRUE(spec.messages[0].arrival_order);
    EXPECT_EQ(spec.messages[2].feedback_delay, 10u);
    EXPECT_THAT(edges(spec, spec.streams), ::testing::Contains("find.split.out[2] -> sink[2].in"));
}

TEST(Include, BringsGroupsAndParametersWithTheirPlaces) {
    auto outside = std::make_shared<test::FakeOutside>();
    outside->files["lib/radio.yaml"] = "flowspan: 1\ninclude: parts/filter.yaml\nparameters: {recording: band.cf32}\n";
    outside->files["lib/parts/filter.yaml"] = R"(flowspan: 1
groups:
  narrow:
    parameters: {width: 5 kHz}
    blocks: {lowpass: {type: fir_filter, cutoff: $width}}
    connections: [in -> lowpass -> out]
)";
    const std::string text = R"(flowspan: 1
include: [radio.yaml, ./parts/filter.yaml]
blocks:
  source: {type: file_source, path: $recording}
  narrow: {group: narrow, width: 3 s}
  sink: {type: null_sink}
connections:
  - source -> narrow -> sink
)";
    test::FakeCatalog catalog;
    const auto options = with(outside);
    try {
        read_flowgraph(text, "lib/graph.yaml", options, catalog);
        FAIL();
    } catch (const Refused& refused) {
        EXPECT_EQ(std::string(refused.what()),
                  "lib/parts/filter.yaml:5:50: blocks.narrow.lowpass.cutoff: expected a frequency, got 3 s (a time)\n"
                  "    5 |     blocks: {lowpass: {type: fir_filter, cutoff: $width}}\n"
                  "      |                                                  ^\n"
                  "   $width is 3 s (lib/graph.yaml:5:34)\n"
                  "   in group narrow, used at lib/graph.yaml:5:3");
    }
    std::string right = text;
    right.replace(right.find("3 s"), 3, "3 kHz");
    const auto spec = read_flowgraph(right, "lib/graph.yaml", options, catalog);
    EXPECT_EQ(spec.blocks[0].settings.at("path").text, "band.cf32");
}

TEST(Facts, AreParametersOfSources) {
    const std::string text = R"(flowspan: 1
parameters: {recording: recordings/band.sigmf-meta, n: $source.sample_rate / 200 kHz}
blocks:
  source: {type: file_source, path: $recording}
  split: {type: pfb_channelizer, channels: $n}
  filter: {type: fir_filter, copies: $n, cutoff: $source.center_frequency / $source.length}
  sink: {type: null_sink, copies: $split.channels}
connections:
  - source -> split
  - split.out[*] -> filter[*] -> sink[*]
)";
    const auto spec = read(text, with(with_band()));
    EXPECT_EQ(spec.blocks.size(), 2 + 32u);
    EXPECT_EQ(block(spec, "filter[3]").settings.at("cutoff").text, "3125 Hz");
    EXPECT_EQ(spec.parameters.at("n").text, "16");
    auto unknown = with_band();
    unknown->facts["recordings/band.sigmf-meta"] = {{}, 1e8, 1000};
    EXPECT_EQ(
        refusal_of(text, "graph.yaml", with(unknown)),
        "graph.yaml:2:56: parameters.n: expected a `sample_rate` that the recording of source says, got $source.sample_rate\n"
        "    2 | parameters: {recording: recordings/band.sigmf-meta, n: $source.sample_rate / 200 kHz}\n"
        "      |                                                        ^\n"
        "   hint: give source a `sample_rate:`, or --set source.sample_rate=...");
}

TEST(Facts, ThatCannotBeReadAreSaidOnceAndNotOfTheGroupThatAsks) {
    struct Unreadable final : test::FakeOutside {
        SourceFacts facts_of(const FlatBlock& block, Diagnostics& found) override {
            found.push_back({block.at, "blocks." + block.name + ".path", "a recording that can be read", "nothing", "", {}});
            return {};
        }
    };
    ReadOptions options;
    options.outside = std::make_shared<Unreadable>();
    EXPECT_EQ(refusal_of(R"(flowspan: 1
groups:
  watcher:
    blocks: {demod: {type: fm_demod, deviation: $source.sample_rate / 2}, sink: {type: null_sink}}
    connections: [in -> demod -> sink]
blocks:
  source: {type: file_source, path: x}
  watch: {group: watcher, copies: 3}
connections:
  - source -> watch[*]
)",
                         "graph.yaml", options),
              "graph.yaml:7:3: blocks.source.path: expected a recording that can be read, got nothing\n"
              "    7 |   source: {type: file_source, path: x}\n"
              "      |   ^");
}

}  // namespace
}  // namespace flowspan::graph

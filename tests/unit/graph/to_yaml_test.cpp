// The flat graph that `check --resolved` prints: reading it gives the same graph.
#include "fake_catalog.hpp"
#include "meaning.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace flowspan::graph {
namespace {

using test::meaning;
using ::testing::HasSubstr;

const std::string everything = R"yaml(flowspan: 1
name: "all of it: {}"
parameters: {cutoff: 2 kHz, dollars: "5 $$ x", "list": [1, 2], nothing: "", word: "null"}
groups:
  inner:
    parameters: {gain: 1}
    blocks:
      filter: {type: fir_filter, copies: 2, cutoff: $cutoff * $gain, taps: [[1, 2], [3]]}
      sum: {type: add}
      probe: {type: probe}
    connections:
      - in -> filter[*] -> sum.in[*]
      - sum -> probe.low -> out
    unused: probe.high
  outer:
    blocks:
      one: {group: inner, gain: 3}
      two: {group: inner, copies: 2, gain: [4, 5]}
      burst: {type: burst_detector}
      off: {type: null_sink, enabled: false}
    connections:
      - in -> one -> two[*]
      - two[0] -> out
      - two[1] -> off
      - in -> burst
    messages:
      - burst.detections -> out-message
    ports: in, out, out-message
blocks:
  source: {type: signal_source, copies: 3, notes: ["a, b", "#1", "$$", "\"q\" \\ \n"], waveform: noise}
  single: {type: file_source, path: recordings/x.cf32}
  use: {group: outer, copies: 3}
  last: {group: outer}
  sink: {type: null_sink, copies: 4}
  wav: {type: wav_sink, path: "audio/{index:02}.wav"}
  burst: {type: burst_detector}
  log: {type: message_log, path: log.jsonl}
connections:
  - source[*] -> use[*]: {buffer: 100}
  - use[*] -> sink[0-2]
  - single -> last -> sink[3]
  - single -> wav
  - single -> burst
messages:
  - use[*].out-message -> log: {order: arrival}
  - last.out-message -> log
  - {from: burst.detections, to: burst.control, feedback: {delay: 5 samples}}
ranks:
  0: single, burst, log
  1-2: source[2,0,1], use[*], sink[*]
  rest: {blocks: "last", require: {host: "nid0*", memory: 8 GiB, cuda: 1, exclusive: true}}
)yaml";

TEST(ToYaml, GivesTheSameGraphWhenItIsRead) {
    const auto spec = test::read(everything);
    const std::string yaml = to_yaml(spec);
    SCOPED_TRACE(yaml);
    const auto again = test::read(yaml);
    std::string before = meaning(spec);
    const std::string relative = "path=recordings/x.cf32";
    before.replace(before.find(relative), relative.size(),
                   "path=" + (std::filesystem::current_path() / "recordings/x.cf32").string());
    EXPECT_EQ(meaning(again), before);
    EXPECT_EQ(to_yaml(again), yaml);
}

TEST(ToYaml, WritesFullNamesAndValues) {
    const std::string yaml = to_yaml(test::read(everything));
    EXPECT_THAT(yaml, HasSubstr("\n  use[1].two[0].filter[1]: {type: fir_filter, cutoff: 8000 Hz, taps: [3]}\n"));
    EXPECT_THAT(yaml, HasSubstr("\n  - source[1].out -> use[1].one.filter[0].in: {buffer: 100}\n"));
    EXPECT_THAT(yaml, HasSubstr("\n  - use[0].burst.detections -> log.in: {order: arrival}\n"));
    EXPECT_THAT(yaml, HasSubstr("\n  - use[2].two[1].probe.low\n")) << "what only a removed block reads";
    EXPECT_THAT(yaml, HasSubstr("\n  1-2: source[2,0-1], use[0-2].one.filter[0], "));
    EXPECT_THAT(yaml, HasSubstr("require: {host: \"nid0*\", memory: 8 GiB, cuda: 1, exclusive: true}}\n"));
}

TEST(ToYaml, OverridesReachFullNames) {
    ReadOptions options;
    options.overrides = {{"use[1].two[0].filter[1].cutoff", "1 Hz"}, {"single.path", "/y"}};
    const auto spec = test::read(to_yaml(test::read(everything)), options);
    int changed = 0;
    for (const FlatBlock& block : spec.blocks)
        if (const auto cutoff = block.settings.find("cutoff"); cutoff != block.settings.end())
            changed += cutoff->second.text == "1 Hz";
    EXPECT_EQ(changed, 1);
}

}  // namespace
}  // namespace flowspan::graph

#include "graph/draw.hpp"

#include "fake_catalog.hpp"

#include <gmock/gmock.h>

#include <set>

namespace flowspan::graph {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

FlowgraphSpec survey() {
    return test::read(R"(flowspan: 1
name: a "survey"
blocks:
  source: {type: file_source, path: x}
  split: {type: pfb_channelizer, channels: 16}
  receive: {type: fm_demod, copies: 16}
  sink: {type: null_sink, copies: 16}
  bursts: {type: burst_detector}
  notes: {type: sigmf_annotations, path: n}
  pair: {type: null_sink, copies: 2}
connections:
  - source -> split
  - split.out[*] -> receive[*] -> sink[*]
  - source -> bursts
  - source -> pair[*]
messages:
  - bursts.detections -> notes.in
)");
}

std::vector<int> two_ranks(const FlowgraphSpec& spec) {
    std::vector<int> rank_of;
    for (const FlatBlock& block : spec.blocks) rank_of.push_back(block.base == "receive" && block.copy >= 8 ? 1 : 0);
    return rank_of;
}

TEST(Draw, CollapsesManyCopiesOnOneRankAndCountsTheirEdges) {
    const auto spec = survey();
    const std::string dot = draw(spec, nullptr, two_ranks(spec), Format::dot);
    EXPECT_THAT(dot, HasSubstr("label=\"receive[0-7]\\nfm_demod\\nrank 0\""));
    EXPECT_THAT(dot, HasSubstr("label=\"receive[8-15]\\nfm_demod\\nrank 1\""));
    EXPECT_THAT(dot, HasSubstr("label=\"sink[0-15]\\nnull_sink\\nrank 0\""));
    EXPECT_THAT(dot, HasSubstr("label=\"pair[0]\\n"));
    EXPECT_THAT(dot, HasSubstr("label=\"pair[1]\\n"));
    EXPECT_THAT(dot, HasSubstr("b1 -> b2 [label=\"8\"];"));
    EXPECT_THAT(dot, HasSubstr("[style=dashed];"));
    EXPECT_THAT(dot, HasSubstr("label=\"a \\\"survey\\\"\""));
}

TEST(Draw, GivesEveryRankAColourOfItsOwn) {
    const auto spec = test::read(
        "flowspan: 1\nblocks:\n  a: {type: signal_source, copies: 64}\n  b: {type: null_sink, copies: 64}\n"
        "connections:\n  - a[*] -> b[*]\n");
    std::vector<int> rank_of;
    for (const FlatBlock& block : spec.blocks) rank_of.push_back(block.copy);
    const std::string dot = draw(spec, nullptr, rank_of, Format::dot);
    std::set<std::string> colours;
    for (std::size_t at = dot.find("fillcolor=\""); at != std::string::npos; at = dot.find("fillcolor=\"", at + 1))
        colours.insert(dot.substr(at + 11, 7));
    EXPECT_GE(colours.size(), 60u);
}

TEST(Draw, LabelsEdgesWithTypeAndRate) {
    const auto spec =
        test::read("flowspan: 1\nblocks:\n  a: {type: signal_source}\n  b: {type: null_sink}\nconnections:\n  - a -> b\n");
    DescribedGraph described;
    described.blocks.resize(2);
    DescribedOutput output;
    output.block = 0;
    output.port = "out";
    output.item_size = 8;
    output.rate = 2e5;
    output.type = SampleType::cf32;
    described.outputs.push_back(output);
    EXPECT_THAT(draw(spec, &described, {}, Format::dot), HasSubstr("b0 -> b1 [label=\"cf32 200 kHz\"];"));
    described.outputs[0].item_size = 4096;
    described.outputs[0].type = SampleType::rf32;
    EXPECT_THAT(draw(spec, &described, {}, Format::mermaid), HasSubstr("b0 -->|\"rf32[1024] 200 kHz\"| b1"));
}

TEST(Draw, MakesMermaidAndSvg) {
    const auto spec = survey();
    const std::string mermaid = draw(spec, nullptr, two_ranks(spec), Format::mermaid);
    EXPECT_THAT(mermaid, HasSubstr("flowchart LR\n"));
    EXPECT_THAT(mermaid, HasSubstr("[\"receive[0-7]<br/>fm_demod<br/>rank 0\"]"));
    EXPECT_THAT(mermaid, HasSubstr(" -.-> "));
    EXPECT_THAT(mermaid, HasSubstr("class b0 rank0\n"));
    const std::string svg = draw(spec, nullptr, {}, Format::svg);
    EXPECT_THAT(svg, HasSubstr("<svg "));
    EXPECT_THAT(svg, HasSubstr("receive[0&#45;15]"));
    EXPECT_THAT(svg, Not(HasSubstr("rank 0")));
}

}  // namespace
}  // namespace flowspan::graph

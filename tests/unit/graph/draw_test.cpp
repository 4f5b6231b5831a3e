#include "graph/output/draw.hpp"

#include "fake_catalog.hpp"

#include <fmt/format.h>

#include <gmock/gmock.h>

#include <functional>
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

/// Six receivers on two ranks, in two sites of which one is on a rank of its own.
const char* const sites = R"(flowspan: 1
groups:
  receiver:
    blocks: {demod: {type: fm_demod}, sink: {type: null_sink}}
    connections: [in -> demod -> sink]
  site:
    blocks:
      split: {type: pfb_channelizer, channels: 6}
      receive: {group: receiver, copies: 6}
    connections:
      - in -> split
      - "split.out[*] -> receive[*]"
blocks:
  source: {type: signal_source}
  west: {group: site}
connections: [source -> west]
)";

TEST(Draw, PutsGroupsInFramesWithinFrames) {
    EXPECT_EQ(draw(test::read(sites), nullptr, std::vector<int>(14, 0), Format::mermaid), R"(flowchart LR
  subgraph g0["west: site"]
    subgraph g1["receive[0-5]: receiver"]
      b2["demod<br/>fm_demod"]
      b3["sink<br/>null_sink"]
    end
    b1["split<br/>pfb_channelizer"]
  end
  b0["source<br/>signal_source"]
  b2 -->|"6"| b3
  b1 -->|"6"| b2
  b0 --> b1
  classDef rank0 fill:#c1dbf6,stroke:#555555,color:#000000
  class b0 rank0
  class b1 rank0
  class b2 rank0
  class b3 rank0
)");
}

TEST(Draw, NamesTheRankOfAFrameThatIsAllOnOne) {
    const auto spec = test::read(sites);
    std::vector<int> rank_of{0, 0};
    for (int i = 0; i < 12; ++i) rank_of.push_back(i < 6 ? 0 : 1);  // receive[0-2] and receive[3-5]
    EXPECT_EQ(draw(spec, nullptr, rank_of, Format::dot), R"(digraph flowgraph {
  rankdir=LR;
  bgcolor="white";
  fontname="Helvetica";
  node [shape=box, style="rounded,filled", color="#555555", fontname="Helvetica", fontsize=11];
  edge [color="#444444", fontname="Helvetica", fontsize=9];
  subgraph cluster_0 {
    label="west: site";
    labeljust=l;
    style="rounded,filled";
    color="#999999";
    fillcolor="#fafafa";
    fontsize=11;
    subgraph cluster_1 {
      label="receive[0-2]: receiver, rank 0";
      labeljust=l;
      style="rounded,filled";
      color="#999999";
      fillcolor="#fafafa";
      fontsize=11;
      b2 [label="demod\nfm_demod", fillcolor="#c1dbf6"];
      b3 [label="sink\nnull_sink", fillcolor="#c1dbf6"];
    }
    subgraph cluster_2 {
      label="receive[3-5]: receiver, rank 1";
      labeljust=l;
      style="rounded,filled";
      color="#999999";
      fillcolor="#fafafa";
      fontsize=11;
      b4 [label="demod\nfm_demod", fillcolor="#f6c1cc"];
      b5 [label="sink\nnull_sink", fillcolor="#f6c1cc"];
    }
    b1 [label="split\npfb_channelizer\nrank 0", fillcolor="#c1dbf6"];
  }
  b0 [label="source\nsignal_source\nrank 0", fillcolor="#c1dbf6"];
  b2 -> b3 [label="3"];
  b4 -> b5 [label="3"];
  b1 -> b2 [label="3"];
  b1 -> b4 [label="3"];
  b0 -> b1;
}
)");
}

TEST(Draw, GivesAGroupOneFrameWhereItsBlocksAreOnDifferentRanks) {
    const auto spec = test::read(sites);
    std::vector<int> rank_of;
    for (const FlatBlock& block : spec.blocks) rank_of.push_back(!block.name.ends_with("demod") ? 0 : block.copy < 3 ? 1 : 2);
    const std::string text = draw(spec, nullptr, rank_of, Format::mermaid);
    EXPECT_THAT(text, HasSubstr("    subgraph g1[\"receive[0-5]: receiver\"]\n"
                                "      b2[\"west.receive[0-2].demod<br/>fm_demod<br/>rank 1\"]\n"
                                "      b3[\"sink<br/>null_sink<br/>rank 0\"]\n"
                                "      b4[\"west.receive[3-5].demod<br/>fm_demod<br/>rank 2\"]\n"
                                "    end\n"));
}

TEST(Draw, ShowsAFlatGraphAsTheGraphThatItComesFrom) {
    const auto spec = test::read(sites);
    std::string flat = draw(test::read(to_yaml(spec)), nullptr, {}, Format::mermaid),
                whole = draw(spec, nullptr, {}, Format::mermaid);
    for (const std::string group : {": site", ": receiver"}) whole.erase(whole.find(group), group.size());
    EXPECT_EQ(flat, whole);
}

TEST(Draw, MergesCopiesWithinCopies) {
    const auto spec = test::read(R"(flowspan: 1
groups:
  site:
    blocks: {tone: {type: signal_source, copies: 5}, sink: {type: null_sink, copies: 5}}
    connections: ["tone[*] -> sink[*]"]
blocks:
  near: {group: site, copies: 5}
  far: {group: site, copies: 2}
)");
    EXPECT_EQ(draw(spec, nullptr, {}, Format::mermaid), R"(flowchart LR
  subgraph g0["near[0-4]: site"]
    b0["tone[0-4]<br/>signal_source"]
    b1["sink[0-4]<br/>null_sink"]
  end
  subgraph g1["far[0]: site"]
    b2["tone[0-4]<br/>signal_source"]
    b3["sink[0-4]<br/>null_sink"]
  end
  subgraph g2["far[1]: site"]
    b4["tone[0-4]<br/>signal_source"]
    b5["sink[0-4]<br/>null_sink"]
  end
  b0 -->|"25"| b1
  b2 -->|"5"| b3
  b4 -->|"5"| b5
)");
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

std::string report_of(const FlowgraphSpec& spec, const std::vector<int>& rank_of) {
    std::string ranks[2];
    for (std::size_t b = 0; b < spec.blocks.size(); ++b) {
        const FlatBlock& block = spec.blocks[b];
        const double work = block.base == "split" ? 2 : block.base == "receive" ? 0.06 : 0;
        std::string& blocks = ranks[rank_of[b]];
        blocks += fmt::format(R"({}{{"block": "{}", "type": "{}", "items_in": {}, "items_out": 8000000, "work_s": {}}})",
                              blocks.empty() ? "" : ", ", block.name, block.type, block.base == "source" ? 0 : 1000000, work);
    }
    std::string crossings;
    for (int k = 8; k < 16; ++k)
        crossings +=
            fmt::format(R"({}{{"edge": "split.out[{}]", "from": 0, "to": 1, "bytes": 1048576}})", k == 8 ? "" : ", ", k);
    return fmt::format(R"({{"seconds": 4.0, "ranks": [{{"rank": 0, "blocks": [{}], "crossings": [{}]}}, )"
                       R"({{"rank": 1, "blocks": [{}], "crossings": []}}]}})",
                       ranks[0], crossings, ranks[1]);
}

TEST(Draw, ColoursByWhatARunHasMeasured) {
    const auto spec = survey();
    const auto rank_of = two_ranks(spec);
    const Profile profile = read_profile(report_of(spec, rank_of), "r.json");
    EXPECT_EQ(profile.ranks_of(spec), rank_of);
    const std::string dot = draw(spec, nullptr, rank_of, Format::dot, &profile);
    EXPECT_THAT(
        dot,
        HasSubstr(R"(label="source\nfile_source\nrank 0\n0 % of the time\n2 MS/s", fillcolor="#ffffd4", fontcolor="#000000")"));
    EXPECT_THAT(
        dot,
        HasSubstr(
            R"(label="split\npfb_channelizer\nrank 0\n50 % of the time\n250 kS/s", fillcolor="#993404", fontcolor="#ffffff")"));
    EXPECT_THAT(
        dot,
        HasSubstr(
            R"(label="receive[8-15]\nfm_demod\nrank 1\n12 % of the time\n2 MS/s", fillcolor="#fed98e", fontcolor="#000000")"));
    EXPECT_THAT(dot, HasSubstr(R"(b1 -> b3 [label="8, 2 MiB/s"];)"));
    EXPECT_THAT(dot, HasSubstr(R"(b1 -> b2 [label="8"];)"));
    EXPECT_THAT(dot, HasSubstr("<b>a \"survey\"</b>"));
    EXPECT_THAT(dot, HasSubstr(R"(<td bgcolor="#ffffd4"><font color="#000000">up to 10 %</font></td>)"));
    EXPECT_THAT(dot, HasSubstr(R"(<td bgcolor="#993404"><font color="#ffffff">to 50 %</font></td>)"));
    EXPECT_THAT(dot, HasSubstr("rank 0 62 %, rank 1 12 %"));
    EXPECT_THAT(draw(spec, nullptr, rank_of, Format::svg, &profile), HasSubstr("50 % of the time"));
    const std::string mermaid = draw(spec, nullptr, rank_of, Format::mermaid, &profile);
    EXPECT_THAT(mermaid, HasSubstr("class b1 load4"));
    EXPECT_THAT(mermaid, HasSubstr("s4[\"to 50 %\"]:::load4"));
}

TEST(Draw, NamesWhatCrossesAsReportsDo) {
    const auto spec = test::read(
        "flowspan: 1\nblocks:\n  source: {type: file_source, path: x}\n  one: {type: burst_detector}\n  two: {type: "
        "null_sink}\n"
        "  notes: {type: sigmf_annotations, path: n}\nconnections:\n  - source -> one\n  - source -> two\nmessages:\n"
        "  - one.detections -> notes.in\n");
    const Profile profile =
        read_profile(R"({"seconds": 2, "ranks": [{"rank": 0, "blocks": [)"
                     R"({"block": "source", "type": "file_source", "items_in": 0, "items_out": 5, "work_s": 0}, )"
                     R"({"block": "notes", "type": "sigmf_annotations", "items_in": 0, "items_out": 0, "work_s": 0}], )"
                     R"("crossings": [{"edge": "source.out", "to": 1, "bytes": 4096}]}, {"rank": 1, "blocks": [)"
                     R"({"block": "one", "type": "burst_detector", "items_in": 5, "items_out": 5, "work_s": 0}, )"
                     R"({"block": "two", "type": "null_sink", "items_in": 5, "items_out": 5, "work_s": 0}], )"
                     R"("crossings": [{"edge": "one.detections -> notes.in", "to": 0, "bytes": 100}]}]})",
                     "r.json");
    const std::string dot = draw(spec, nullptr, profile.ranks_of(spec), Format::dot, &profile);
    EXPECT_THAT(dot, HasSubstr("b0 -> b1 [label=\"2 KiB/s shared\"];"));
    EXPECT_THAT(dot, HasSubstr("b0 -> b2 [label=\"2 KiB/s shared\"];"));
    EXPECT_THAT(dot, HasSubstr("b1 -> b3 [label=\"50 B/s\", style=dashed];"));
}

std::string refusal(const std::function<void()>& act) {
    try {
        act();
    } catch (const Refused& e) { return e.what(); }
    return "";
}

TEST(Draw, RefusesTheReportOfAnotherGraph) {
    const auto spec = survey();
    std::string report = report_of(spec, two_ranks(spec));
    const std::string gone = R"("bursts", "type": "burst_detector")";
    report.replace(report.find(gone), gone.size(), R"("bursts", "type": "peaks")");
    EXPECT_EQ(
        refusal([&] { read_profile(report, "r.json").ranks_of(spec); }),
        "--profile: expected the report of a run of this graph, got r.json, one without bursts (burst_detector) and with "
        "bursts "
        "(peaks)\n   hint: another graph has run, or other values made other blocks: give `--set` as that run did, or draw the "
        "`graph_resolved` of the report");
    EXPECT_EQ(refusal([&] { read_profile(R"({"seconds": 4.0, "ranks": []})", "r.json").ranks_of(spec); }).substr(0, 286),
              "--profile: expected the report of a run of this graph, got r.json, one without bursts (burst_detector), notes "
              "(sigmf_annotations), pair[0] (null_sink), pair[1] (null_sink), receive[0] (fm_demod), receive[10] (fm_demod), "
              "receive[11] "
              "(fm_demod), receive[12] (fm_demod) and 30 more\n   hint");
    for (const char* text : {"", "[]", "{}", R"({"seconds": "4", "ranks": []})", R"({"units": []})"})
        EXPECT_EQ(refusal([&] { read_profile(text, "r.json"); }),
                  "--profile: expected the report of a run, as `flowspan run --report FILE` writes it, got r.json");
}

}  // namespace
}  // namespace flowspan::graph

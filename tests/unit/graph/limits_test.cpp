// What is larger than a graph can be is refused, and so is what uses itself.
#include "fake_catalog.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace flowspan::graph {
namespace {

using test::refusal_of;

/// A file that is included: one group, and what stands before.
std::string included(const std::string& first) { return "flowspan: 1\n" + first; }

std::string refusal_with(const std::shared_ptr<test::FakeOutside>& outside, const std::string& text) {
    ReadOptions options;
    options.outside = outside;
    return refusal_of(text, "graph.yaml", options);
}

const std::string blocks_and_connections = R"(
blocks: {a: {type: signal_source}, b: {type: null_sink}}
connections: [a -> b]
)";

TEST(Limits, AFileHasAtMost16MiB) {
    const std::string graph = "flowspan: 1" + blocks_and_connections;
    const std::size_t most = std::size_t{16} << 20;
    const auto padded = [&](std::size_t size) {
        std::string text = graph;
        while (text.size() + 100 < size) text += "#" + std::string(98, '-') + "\n";
        return text + std::string(size - text.size(), '\n');
    };
    EXPECT_EQ(refusal_of(padded(most)), "");
    EXPECT_EQ(refusal_of(padded(most + 1)),
              "graph.yaml: expected a graph file of at most 16 MiB, got a larger one\n"
              "   hint: blocks that are alike are `copies:` of one");
}

TEST(Limits, AFileHasAtMostTwoMillionValues) {
    std::string text = "a: [";
    for (int i = 0; i < 1 << 21; ++i) text += "1,";
    EXPECT_EQ(refusal_of(text + "]"),
              "graph.yaml:1:4194307: expected at most 2097152 keys and values in a file, got more\n"
              "   hint: blocks that are alike are `copies:` of one");
}

TEST(Limits, ListsAndMapsNestAtMost64Deep) {
    const auto nested = [](std::size_t levels) {
        return "flowspan: 1\na: " + std::string(levels, '[') + std::string(levels, ']');
    };
    EXPECT_EQ(refusal_of(nested(63)).find("within each other"), std::string::npos);
    EXPECT_TRUE(
        refusal_of(nested(64)).starts_with("graph.yaml:2:67: expected at most 64 lists and maps within each other, got more\n"))
        << refusal_of(nested(64));
    EXPECT_TRUE(refusal_of(nested(20000))
                    .starts_with("graph.yaml:2:67: expected at most 64 lists and maps within each other, got more\n"));
    std::string steps = "flowspan: 1\n";
    for (std::size_t k = 0; k < 300; ++k) steps += std::string(k, ' ') + "a:\n";
    EXPECT_NE(refusal_of(steps).find("expected at most 64 lists and maps within each other, got more\n"), std::string::npos);
}

TEST(Limits, NoTextHasANul) {
    EXPECT_EQ(refusal_of("flowspan: 1\nname: \"a\\0b\"" + blocks_and_connections),
              "graph.yaml:2:7: expected a text without NUL, got a\\0b\n"
              "    2 | name: \"a\\0b\"\n"
              "      |       ^");
}

TEST(Limits, AGraphIncludesAtMost256Files) {
    const auto outside = std::make_shared<test::FakeOutside>();
    std::string files;
    for (int i = 0; i < 255; ++i) {
        files += fmt::format("- f{}\n", i);
        outside->files[fmt::format("f{}", i)] = included("");
    }
    const std::string text = "flowspan: 1" + blocks_and_connections + "include:\n" + files;
    EXPECT_EQ(refusal_with(outside, text), "");
    EXPECT_EQ(refusal_with(outside, text + "- one-more\n"),
              "graph.yaml:260:3: include: expected at most 256 files, and 16 within each other, got one-more\n"
              "  260 | - one-more\n"
              "      |   ^");
}

TEST(Limits, FilesIncludeEachOtherAtMost16Deep) {
    const auto outside = std::make_shared<test::FakeOutside>();
    for (int i = 1; i < 16; ++i)
        outside->files[fmt::format("f{}", i)] = included(i < 15 ? fmt::format("include: f{}\n", i + 1) : "");
    const std::string text = "flowspan: 1\ninclude: f1" + blocks_and_connections;
    EXPECT_EQ(refusal_with(outside, text), "");
    outside->files["f15"] = included("include: f16\n");
    const std::string refusal = refusal_with(outside, text);
    EXPECT_EQ(refusal.substr(0, refusal.find("\n   included at f13")),
              "f15:2:10: include: expected at most 256 files, and 16 within each other, got f16\n"
              "    2 | include: f16\n"
              "      |          ^\n"
              "   included at f14:2:10");
}

TEST(Limits, AGraphHasAtMostAMillionBlocks) {
    std::string text = "flowspan: 1\nblocks:\n";
    for (int i = 0; i < 17; ++i) text += fmt::format("  log{}: {{type: note, copies: 65536}}\n", i);
    EXPECT_EQ(refusal_of(text),
              "graph.yaml:19:3: blocks: expected at most 1048576 blocks and groups, copies counted, got more\n"
              "   19 |   log16: {type: note, copies: 65536}\n"
              "      |   ^");
}

TEST(Limits, GroupsWithinGroupsDoNotMultiplyWithoutEnd) {
    std::string text = "flowspan: 1\ngroups:\n";
    for (int i = 0; i < 40; ++i)
        text += fmt::format("  g{}: {{blocks: {{a: {{group: g{}}}, b: {{group: g{}}}}}}}\n", i, i + 1, i + 1);
    text += "  g40: {blocks: {note: {type: note}}}\nblocks:\n  all: {group: g0}\n";
    const std::string refusal = refusal_of(text);
    EXPECT_EQ(refusal.substr(0, refusal.find('\n')),
              "graph.yaml:43:18: blocks: expected at most 1048576 blocks and groups, copies counted, got more");
}

TEST(Limits, AGraphHasAtMostFourMillionConnections) {
    EXPECT_EQ(refusal_of(R"(flowspan: 1
groups:
  many:
    ports: in, found
    blocks: {bursts: {type: burst_detector, copies: 2048}}
    connections: ["in -> bursts[*]"]
    messages: ["bursts[*].detections -> found"]
  logs:
    ports: lines
    blocks: {log: {type: message_log, copies: 2049, path: "{index}"}}
    messages: ["lines -> log[*].in"]
blocks:
  source: {type: signal_source}
  many: {group: many}
  logs: {group: logs}
connections:
  - source -> many
messages:
  - many.found -> logs.lines
)"),
              "graph.yaml:19:5: messages: expected at most 4194304 connections, got more\n"
              "   19 |   - many.found -> logs.lines\n"
              "      |     ^");
}

TEST(Limits, AGroupOfPortsHasAtMost65536) {
    EXPECT_EQ(refusal_of(R"(flowspan: 1
blocks:
  source: {type: signal_source}
  split: {type: pfb_channelizer, channels: 65537}
connections:
  - source -> split
)"),
              "graph.yaml:4:3: blocks.split: expected at most 65536 ports `out`, got 65537\n"
              "    4 |   split: {type: pfb_channelizer, channels: 65537}\n"
              "      |   ^");
    EXPECT_EQ(refusal_of(R"(flowspan: 1
groups:
  wide: {blocks: {sink: {type: null_sink}}, connections: ["in[65536] -> sink"]}
blocks:
  source: {type: signal_source}
  wide: {group: wide}
connections:
  - source -> wide.in[0]
)"),
              "graph.yaml:3:59: groups.wide.connections: expected ports 0 to 65535, got in[65536]\n"
              "    3 |   wide: {blocks: {sink: {type: null_sink}}, connections: [\"in[65536] -> sink\"]}\n"
              "      |                                                           ^\n"
              "   in group wide, used at graph.yaml:6:3");
}

std::string groups_within_each_other(int depth) {
    std::string text = "flowspan: 1\ngroups:\n";
    for (int i = 1; i < depth; ++i) text += fmt::format("  g{}: {{blocks: {{inner: {{group: g{}}}}}}}\n", i, i + 1);
    return text + fmt::format("  g{}: {{blocks: {{note: {{type: note}}}}}}\nblocks:\n  all: {{group: g1}}\n", depth);
}

TEST(Limits, GroupsAreAtMost64WithinEachOther) {
    EXPECT_EQ(refusal_of(groups_within_each_other(64)), "");
    const std::string refusal = refusal_of(groups_within_each_other(65));
    EXPECT_EQ(refusal.substr(0, refusal.find("\n   in group g63")),
              fmt::format("graph.yaml:66:33: blocks.all{}.inner.group: expected at most 64 groups within each other, got g65\n"
                          "   66 |   g64: {{blocks: {{inner: {{group: g65}}}}}}\n"
                          "      |                                 ^\n"
                          "   in group g64, used at graph.yaml:65:18",
                          [] {
                              std::string inner;
                              for (int i = 0; i < 63; ++i) inner += ".inner";
                              return inner;
                          }()));
}

TEST(Limits, AtMost64NamesNeedEachOther) {
    const auto parameters = [](int n) {
        std::string text = "flowspan: 1\nparameters:\n";
        for (int i = 1; i < n; ++i) text += fmt::format("  p{}: $p{}\n", i, i + 1);
        return text + fmt::format("  p{}: 1 kHz", n) + blocks_and_connections;
    };
    EXPECT_EQ(refusal_of(parameters(64)), "");
    EXPECT_EQ(refusal_of(parameters(65)),
              "graph.yaml:66:8: parameters.p64: expected at most 64 names, each for the sake of the next, got $p65\n"
              "   66 |   p64: $p65\n"
              "      |        ^");
    const auto blocks = [](int n) {
        std::string text = "flowspan: 1\nblocks:\n  b0: {type: signal_source, frequency: $b1.frequency}\n";
        for (int i = 1; i < n; ++i)
            text += fmt::format("  b{}: {{type: signal_source, frequency: $b{}.frequency}}\n", i, i + 1);
        text += fmt::format("  b{}: {{type: signal_source, frequency: 1 kHz}}\nunused: ", n);
        for (int i = 0; i <= n; ++i) text += fmt::format("b{}.out{}", i, i < n ? ", " : "\n");
        return text;
    };
    EXPECT_EQ(refusal_of(blocks(64)), "");
    const std::string refusal = refusal_of(blocks(65));
    EXPECT_EQ(refusal.substr(0, refusal.find('\n')),
              "graph.yaml:67:41: blocks.b64.frequency: expected at most 64 names, each for the sake of the next, got "
              "$b65.frequency");
}

TEST(Limits, CirclesAreShown) {
    const auto first_line = [](const std::string& text) { return text.substr(0, text.find('\n')); };
    const auto outside = std::make_shared<test::FakeOutside>();
    outside->files = {{"a", included("include: b\n")}, {"b", included("include: a\n")}};
    EXPECT_EQ(first_line(refusal_with(outside, "flowspan: 1\ninclude: a" + blocks_and_connections)),
              "b:2:10: include: expected a file that does not include itself, got graph.yaml -> a -> b -> a");
    EXPECT_EQ(first_line(refusal_of("flowspan: 1\ngroups:\n  a: {blocks: {x: {group: b}}}\n  b: {blocks: {y: {group: a}}}\n"
                                    "blocks: {z: {group: a}}\n")),
              "graph.yaml:4:27: blocks.z.x.y.group: expected a group that does not contain itself, got a -> b -> a");
    EXPECT_EQ(first_line(refusal_of("flowspan: 1\nparameters: {a: $b, b: $c, c: $b}" + blocks_and_connections)),
              "graph.yaml:2:31: parameters.c: expected a value that does not depend on itself, got $b -> $c -> $b");
    EXPECT_EQ(first_line(refusal_of("flowspan: 1\nblocks:\n  a: {type: signal_source, frequency: $b.frequency / 2}\n"
                                    "  b: {type: signal_source, frequency: $a.frequency + 1 Hz}\nunused: a.out, b.out\n")),
              "graph.yaml:3:39: blocks.a.frequency: expected a value that does not depend on itself, got $b.frequency -> "
              "$a.frequency -> $b.frequency");
}

}  // namespace
}  // namespace flowspan::graph

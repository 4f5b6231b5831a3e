// What the report says of blocks that others cut short: how far they came depends on timing, and stands among what differs.
#include "comm/local/local.hpp"
#include "run/job/job.hpp"

#include <flowspan/test.hpp>

#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>

#include <set>

namespace flowspan::run {
namespace {
using ::testing::Contains;
using ::testing::IsSupersetOf;

Value report_of(const std::string& graph, int ranks = 1) {
    const test::Folder folder;
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text = "flowspan: 1\nblocks:\n" + graph;
    request.out = folder.path();
    request.log_level = 0;
    request.read.ranks_fold = false;
    Value report;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        const JobResult r = run_job(c, built_in_blocks(), request, {}, true);
        if (c.rank() != 0) return;
        EXPECT_EQ(r.code, ExitCode::done) << r.cause;
        report = r.report;
    });
    return report;
}

/// The entries about single blocks and edges.
std::set<std::string> named(const Value& report) {
    std::set<std::string> entries;
    for (const Value& v : report.at("not_reproducible").list()) {
        const std::string& text = v.string();
        if (text.starts_with("ranks.*.blocks.") && text[15] != '*') entries.insert(text);
        if (text.starts_with("ranks.*.crossings.") && text[18] != '*') entries.insert(text);
    }
    return entries;
}

const std::string source = "  source: {type: signal_source, sample_rate: 1 MHz}\n",
                  finite = "  source: {type: signal_source, sample_rate: 1 MHz, length: 5000}\n",
                  rest = "  first: {type: head, length: 1000}\n  sink: {type: null_sink}\nconnections:\n";

TEST(NotReproducible, IsHowFarASourceCameThatHeadCutShort) {
    const Value report = report_of(source + rest + "  - source -> first -> sink\n");
    EXPECT_EQ(named(report), (std::set<std::string>{"ranks.*.blocks.source.cancelled", "ranks.*.blocks.source.ended_at",
                                                    "ranks.*.blocks.source.items_in", "ranks.*.blocks.source.items_out"}));
    EXPECT_EQ(report.at("reproducible"), Value(true)) << "its products do not depend on it";
}

TEST(NotReproducible, IsSaidWhetherOrNotTheSourceWasDoneBefore) {
    for (int round = 0; round < 3; ++round)  // 5000 samples may all have been made before head has its 1000
        EXPECT_THAT(named(report_of(finite + rest + "  - source -> first -> sink\n")),
                    Contains("ranks.*.blocks.source.items_out"));
}

TEST(NotReproducible, IsWhatStandsBetweenTheSourceAndHead) {
    const auto all =
        named(report_of(finite + "  whole: {type: convert, to: ci16}\n" + rest + "  - source -> whole -> first -> sink\n"));
    EXPECT_THAT(all, IsSupersetOf({"ranks.*.blocks.whole.items_in", "ranks.*.blocks.whole.items_out",
                                   "ranks.*.blocks.whole.results", "ranks.*.blocks.source.items_out"}));
    EXPECT_FALSE(all.contains("ranks.*.blocks.first.items_in"));
}

TEST(NotReproducible, IsWhatALongerStreamMadeBesideAShorterOne) {
    const std::string longer = "  longer: {type: signal_source, sample_rate: 1 MHz, length: 7000}\n",
                      sum =
                          "  sum: {type: add}\n  sink: {type: null_sink}\nconnections:\n"
                          "  - source -> sum.in[0]\n  - longer -> sum.in[1]\n  - sum -> sink\n";
    const auto all = named(report_of(finite + longer + sum));
    EXPECT_TRUE(all.contains("ranks.*.blocks.longer.items_out"));
    EXPECT_FALSE(all.contains("ranks.*.blocks.source.items_out"));
}

TEST(NotReproducible, IsNothingWhereAllComesToItsEnd) {
    EXPECT_TRUE(named(report_of(finite + "  sink: {type: null_sink}\nconnections:\n  - source -> sink\n")).empty());
    EXPECT_TRUE(named(report_of(finite + "  first: {type: head, length: 5000}\n  sink: {type: null_sink}\nconnections:\n"
                                         "  - source -> first -> sink\n"))
                    .empty())
        << "head that lets all of it pass";
    EXPECT_TRUE(
        named(report_of(finite + "  other: {type: null_sink}\n" + rest + "  - source -> first -> sink\n  - source -> other\n"))
            .empty())
        << "another block reads it to its end";
}

TEST(NotReproducible, IsWhatCrossedToARankThatReadsTheBeginningAlone) {
    const std::string ranks = "ranks: {0: \"source, other\", 1: \"first, sink\"}\n";
    const auto all = named(report_of(
        finite + "  other: {type: null_sink}\n" + rest + "  - source -> first -> sink\n  - source -> other\n" + ranks, 2));
    EXPECT_EQ(all, (std::set<std::string>{"ranks.*.crossings.source.out.bytes", "ranks.*.crossings.source.out.items"}));
}

}  // namespace
}  // namespace flowspan::run

// What filters make with the zeros in front of a stretch in sight: how much it is, and that it is not taken for noise.
#include "comm/local/local.hpp"
#include "run/job/job.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/test.hpp>

#include <gtest/gtest.h>

namespace flowspan::run {
namespace {

/// Of the stream into `look`.
std::uint64_t run_in_at(const std::string& between, const std::string& path) {
    const std::string text =
        "flowspan: 1\nblocks:\n"
        "  source: {type: signal_source, sample_rate: 1 MHz, kind: noise, length: 100000}\n" +
        between + "  look: {type: null_sink}\nconnections:\n  - source -> " + path + "\n";
    runtime::Flowgraph graph(built_in_blocks(), text, "test.yaml", {});
    graph.describe({.facts = {}, .out = ".", .placeholders = {}, .until_stopped = true});
    for (int b = 0; b < graph.size(); ++b)
        if (graph.spec().blocks[std::size_t(b)].name == "look") return graph.block(b).inputs()[0]->description().run_in;
    return 0;
}

TEST(RunIn, IsTheHistoryOfAllFiltersBefore) {
    EXPECT_EQ(run_in_at("", "look"), 0U);
    EXPECT_EQ(run_in_at("  a: {type: copy}\n", "a -> look"), 0U);
    EXPECT_EQ(run_in_at("  a: {type: fir_filter, cutoff: 1 kHz, taps_count: 4001}\n", "a -> look"), 4000U);
    EXPECT_EQ(run_in_at("  a: {type: fir_filter, cutoff: 1 kHz, taps_count: 4001, decimation: 3}\n", "a -> look"), 1334U);
    const std::string two =
        "  a: {type: fir_filter, cutoff: 1 kHz, taps_count: 4001, decimation: 3}\n"
        "  b: {type: fir_filter, cutoff: 1 kHz, taps_count: 1001}\n";
    EXPECT_EQ(run_in_at(two, "a -> b -> look"), 2334U);
    EXPECT_EQ(run_in_at("  a: {type: fm_demod}\n  b: {type: rational_resampler, interpolation: 3, taps: [1, 1, 1, 1, 1]}\n",
                        "a -> b -> look"),
              3U * (1 + 15));  // history to whole vectors
}

/// A burst in noise behind a filter: what `bursts` finds.
std::int64_t found(const std::string& filter) {
    const test::Folder folder;
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text =
        "flowspan: 1\nblocks:\n"
        "  noise: {type: signal_source, sample_rate: 1 MHz, kind: noise, length: 300000}\n"
        "  burst: {type: signal_source, sample_rate: 1 MHz, frequency: 10 kHz, amplitude: 30, length: 300000, "
        "on_start: 0.2 s, on_time: 10 ms}\n"
        "  sum: {type: add}\n"
        "  filter: " +
        filter +
        "\n"
        "  bursts: {type: burst_detector}\n"
        "  log: {type: message_log, path: log.jsonl}\n"
        "connections:\n  - noise -> sum.in[0]\n  - burst -> sum.in[1]\n  - sum -> filter -> bursts\n"
        "messages:\n  - bursts.detections -> log\n";
    request.out = folder.path();
    request.log_level = 0;
    const auto alone = comm::single_rank();
    const JobResult result = run_job(*alone, built_in_blocks(), request, {}, true);
    EXPECT_EQ(result.code, ExitCode::done) << result.cause;
    for (const Value& block : result.report.at("ranks").list()[0].at("blocks").list())
        if (block.at("block").string() == "bursts") return block.at("results").at("bursts").integer();
    return -1;
}

TEST(RunIn, IsNotTheFloorOfBursts) {
    EXPECT_EQ(found("{type: copy}"), 1);
    for (const int taps : {129, 513, 4001, 20001, 131071}) {
        EXPECT_EQ(found("{type: fir_filter, cutoff: 100 kHz, taps_count: " + std::to_string(taps) + "}"), 1) << taps;
        EXPECT_EQ(found("{type: fir_filter, cutoff: 100 kHz, decimation: 4, taps_count: " + std::to_string(taps) + "}"), 1)
            << taps;
    }
    EXPECT_EQ(found("{type: frequency_translate, shift: 0 Hz, decimation: 10, taps_count: 2001}"), 1);
}

}  // namespace
}  // namespace flowspan::run

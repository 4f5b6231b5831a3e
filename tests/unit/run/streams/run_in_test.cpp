// What filters make with the zeros in front of a stretch in sight: how much it is, and that it is not taken for noise.
#include "comm/local/local.hpp"
#include "run/job/job.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/test.hpp>

#include <fmt/format.h>
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

/// A burst in noise behind a filter, which begins after `zeros` seconds of zeros: what `bursts` finds.
std::int64_t found(const std::string& filter, double zeros = 0, int frame = 256) {
    const test::Folder folder;
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text = fmt::format(R"(
flowspan: 1
blocks:
  noise:
    {{type: signal_source, sample_rate: 1 MHz, kind: noise, length: 400000, on_start: {} s, on_time: 1 s}}
  burst:
    {{type: signal_source, sample_rate: 1 MHz, frequency: 10 kHz, amplitude: 30, length: 400000, on_start: 0.3 s, on_time: 10 ms}}
  sum: {{type: add}}
  filter: {}
  bursts: {{type: burst_detector, frame: {}}}
  log: {{type: message_log, path: log.jsonl}}
connections:
  - noise -> sum.in[0]
  - burst -> sum.in[1]
  - sum -> filter -> bursts
messages:
  - bursts.detections -> log
)",
                                     zeros, filter, frame);
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

TEST(RunIn, BehindZerosIsNotTheFloorEither) {
    std::vector<std::string> filters{"{type: copy}",
                                     "{type: frequency_translate, shift: 0 Hz, decimation: 10, taps_count: 2001}",
                                     "{type: rational_resampler, output_rate: 480 kHz}",
                                     "{type: half_band}",
                                     "{type: cic, decimation: 8}",
                                     "{type: dc_blocker, length: 1000}",
                                     "{type: moving_average, n: 30}",
                                     "{type: delay, samples: 777}",
                                     "{type: single_pole, alpha: 0.01}",
                                     "{type: iir_filter, sections: [1e-4, 2e-4, 1e-4, 1, -1.97, 0.9705]}"};
    for (const int taps : {129, 4001, 20001})
        filters.push_back(fmt::format("{{type: fir_filter, cutoff: 100 kHz, taps_count: {}}}", taps));
    for (const std::string& filter : filters)
        for (const double zeros : {0.001, 0.0501, 0.14, 0.25}) EXPECT_EQ(found(filter, zeros), 1) << filter << " " << zeros;
    // Noise of a narrow band fades: longer frames.
    for (const double zeros : {0.001, 0.0501, 0.14})
        EXPECT_EQ(found("{type: single_pole, alpha: 0.001}", zeros, 2048), 1) << zeros;
}

}  // namespace
}  // namespace flowspan::run

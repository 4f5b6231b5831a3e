// Bursts of a recording as files: which samples they hold, where and when they are, on any ranks.
#include "comm/local/local.hpp"
#include "io/recording/recording_reader.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/registry.hpp>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace flowspan::run {
namespace {

constexpr std::size_t length = 30000, retune = 14000;

/// Noise, and bursts from sample to sample.
struct BurstRecording {
    std::vector<std::pair<std::size_t, std::size_t>> bursts;
    std::vector<std::int16_t> samples;  // I, Q, …

    explicit BurstRecording(std::vector<std::pair<std::size_t, std::size_t>> at) : bursts(std::move(at)) {
        std::uint32_t random = 1;
        for (std::size_t k = 0; k < 2 * length; ++k) {
            random = random * 1664525 + 1013904223;
            samples.push_back(std::int16_t(std::int32_t(random) >> 28));
        }
        for (const auto& [from, to] : bursts)
            for (std::size_t k = 2 * from; k < 2 * to; ++k) samples[k] = std::int16_t(8000 + k % 100);
    }
    std::string bytes(std::size_t from, std::size_t to) const {
        return {reinterpret_cast<const char*>(samples.data() + 2 * from), (to - from) * 4};
    }
    void write(const test::Folder& folder) const {
        folder.write("in.sigmf-data", bytes(0, length));
        folder.write("in.sigmf-meta", fmt::format(R"({{"global": {{"core:datatype": "ci16_le", "core:version": "1.2.0",
            "core:sample_rate": 1000000, "core:hw": "a receiver"}}, "captures": [
            {{"core:sample_start": 0, "core:frequency": 1e8, "core:datetime": "2026-01-31T12:00:00Z"}},
            {{"core:sample_start": {}, "core:frequency": 2e8, "core:datetime": "2026-01-31T12:00:10Z"}}], "annotations": []}})",
                                                  retune));
    }
};

struct Made {
    std::map<std::string, std::string> files;
    Value results;
    ExitCode code = ExitCode::bug;
    std::string cause;
};

std::string graph(const std::string& sink, const std::string& more = "", const std::string& connections = "source -> sink") {
    return "flowspan: 1\nblocks:\n  source: {type: file_source, path: in.sigmf-meta, gaps: restart, retune: restart}\n"
           "  detector: {type: burst_detector, frame: 16}\n  convert: {type: convert, to: cf32}\n  sink: {type: burst_sink, " +
           sink + "}\n" + more + "connections:\n  - source -> convert -> detector\n  - " + connections +
           "\nmessages:\n  - detector.detections -> sink.bursts\n";
}

Made made(const BurstRecording& recording, const std::string& text, int ranks = 1, std::uint64_t seed = 0) {
    const test::Folder folder, out;
    recording.write(folder);
    JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = text;
    request.out = out.path();
    request.chunk_seed = seed;
    request.log_level = 0;
    if (ranks > 1) {
        request.read.ranks_text = ranks == 2 ? "ranks:\n  0: source, convert, sink\n  1: detector\n"
                                             : "ranks:\n  0: detector\n  1: source, convert\n  2: sink\n";
        request.read.ranks_file = "ranks.yaml";
    }
    Made result;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        const JobResult r = run_job(c, built_in_blocks(), request, {}, true);
        if (c.rank() != 0) return;
        result.code = r.code;
        result.cause = r.cause;
        const Value* ranks = r.report.find("ranks");
        for (const Value& rank : ranks == nullptr ? Value::List() : ranks->list())
            for (const Value& block : rank.at("blocks").list())
                if (block.at("block").string() == "sink" && block.find("results")) result.results = block.at("results");
    });
    for (const std::string& name : out.names()) result.files[name] = test::content_of(out / name);
    return result;
}

std::string text_of(const Made& m) {
    std::string text = m.cause + m.results.json() + "\n";
    for (const auto& [name, bytes] : m.files) text += name + "\n" + bytes + "\n";
    return text;
}

TEST(BurstSink, EveryBurstIsARecordingWithItsSamplesTimeAndFrequency) {
    const BurstRecording recording({{5000, 5600}, {9000, 9256}, {20000, 20400}});
    const Made m =
        made(recording, graph("path: \"b-{part:02}.sigmf-meta\", before: 100 us, after: 50 us, longest: 5 ms, label: x"));
    ASSERT_EQ(m.code, ExitCode::done) << m.cause;
    ASSERT_EQ(m.files.size(), 6U);
    EXPECT_EQ(m.files.at("b-00.sigmf-data"), recording.bytes(4992 - 100, 5600 + 50));
    EXPECT_EQ(m.files.at("b-01.sigmf-data"), recording.bytes(8992 - 100, 9264 + 50));
    const Value header = Value::from_json(m.files.at("b-00.sigmf-meta"));
    EXPECT_EQ(header.at("global").at("core:hw").string(), "a receiver");
    EXPECT_EQ(header.at("captures").json(),
              R"([{"core:datetime":"2026-01-31T12:00:00.004892Z","core:frequency":100000000.0,"core:global_index":4892,)"
              R"("core:sample_start":0}])");
    const Value& burst = header.at("annotations").list().at(0);
    EXPECT_EQ(burst.at("core:sample_start").integer(), 100);
    EXPECT_EQ(burst.at("core:sample_count").integer(), 608);
    EXPECT_EQ(burst.at("core:label").string(), "x");
    EXPECT_EQ(burst.at("core:freq_lower_edge").real(), 99.5e6);
    EXPECT_EQ(burst.at("core:freq_upper_edge").real(), 100.5e6);
    EXPECT_EQ(burst.at("flowspan:start").integer(), 4992);
    EXPECT_GT(burst.at("flowspan:mean_db").real(), 30);
    // Frames count from where the recording is tuned anew.
    EXPECT_EQ(m.files.at("b-02.sigmf-data"), recording.bytes(20000 - 100, 20400 + 50));
    EXPECT_EQ(Value::from_json(m.files.at("b-02.sigmf-meta")).at("captures").json(),
              R"([{"core:datetime":"2026-01-31T12:00:10.0059Z","core:frequency":200000000.0,"core:global_index":10005900,)"
              R"("core:sample_start":0}])");
    EXPECT_EQ(m.results.json(), R"({"bursts":3,"cut_short":0,"lost":0,"samples":1730,"without_place":0})");
}

TEST(BurstSink, WhatLiesAroundABurstEndsWhereItsStretchDoes) {
    const BurstRecording recording({{13900, 14000}, {14112, 14128}, {length - 40, length}});
    const Made m = made(recording, graph("path: b.sigmf-meta, before: 200 us, after: 200 us"));
    ASSERT_EQ(m.code, ExitCode::done) << m.cause;
    ASSERT_EQ(m.files.size(), 6U);
    EXPECT_EQ(m.files.at("b_000.sigmf-data"), recording.bytes(13888 - 200, retune));
    EXPECT_EQ(m.files.at("b_001.sigmf-data"), recording.bytes(retune, 14128 + 200));
    EXPECT_EQ(m.files.at("b_002.sigmf-data"), recording.bytes(length - 48 - 200, length));
}

TEST(BurstSink, BurstsWhoseSurroundingsOverlapGetFilesOfTheirOwn) {
    const BurstRecording recording({{5008, 5024}, {5104, 5120}, {5200, 5216}});
    const Made m = made(recording, graph("path: b.sigmf-data, before: 300 us, after: 300 us"));
    ASSERT_EQ(m.files.size(), 6U) << m.cause;
    EXPECT_EQ(m.files.at("b_000.sigmf-data"), recording.bytes(5008 - 300, 5024 + 300));
    EXPECT_EQ(m.files.at("b_001.sigmf-data"), recording.bytes(5104 - 300, 5120 + 300));
    EXPECT_EQ(m.files.at("b_002.sigmf-data"), recording.bytes(5200 - 300, 5216 + 300));
}

TEST(BurstSink, OfABurstThatIsTooLongTheEndIsKeptAndCounted) {
    const BurstRecording recording({{5008, 6000}});
    const Made m = made(recording, graph("path: b.sigmf-meta, before: 10 us, after: 20 us, longest: 500 us"));
    ASSERT_EQ(m.files.size(), 2U) << m.cause;
    EXPECT_EQ(m.files.at("b_000.sigmf-data"), recording.bytes(6000 - 510, 6000 + 20));
    EXPECT_EQ(m.results.json(), R"({"bursts":1,"cut_short":1,"lost":0,"samples":530,"without_place":0})");
}

TEST(BurstSink, FilesAreNamedByTheTimeOfTheirFirstSample) {
    const BurstRecording recording({{5008, 6000}});
    const Made m = made(recording, graph("path: \"b-{datetime}.sigmf-meta\", before: 8 us"));
    ASSERT_EQ(m.files.size(), 2U) << m.cause;
    EXPECT_EQ(m.files.begin()->first, "b-2026-01-31T12:00:00.005Z.sigmf-data");
}

TEST(BurstSink, AStreamOfAnotherRateIsCutAtTheSameTimes) {
    const BurstRecording recording({{5008, 6000}});
    const Made m =
        made(recording, graph("path: b.sigmf-meta, before: 8 us", "  slower: {type: fir_filter, taps: [1], decimation: 4}\n",
                              "convert -> slower -> sink"));
    ASSERT_EQ(m.files.size(), 2U) << m.cause;
    EXPECT_EQ(m.files.at("b_000.sigmf-data").size(), (6000 - 5000) / 4 * 8U);
    const Value header = Value::from_json(m.files.at("b_000.sigmf-meta"));
    EXPECT_EQ(header.at("captures").list().at(0).at("core:datetime").string(), "2026-01-31T12:00:00.005Z");
}

TEST(BurstSink, MakesTheSameFilesOnAnyRanksAndInAnyCalls) {
    const BurstRecording recording({{5000, 5600}, {5700, 5800}, {9000, 11256}, {13900, 14100}, {20000, 20400}, {29900, 30000}});
    const std::string text = graph("path: b.sigmf-meta, before: 300 us, after: 1 ms, longest: 1 ms");
    const Made one = made(recording, text);
    ASSERT_EQ(one.files.size(), 12U) << one.cause;
    for (const int ranks : {1, 2, 3})
        for (const std::uint64_t seed : {1, 2, 3}) EXPECT_EQ(text_of(made(recording, text, ranks, seed)), text_of(one));
}

TEST(BurstSink, RefusesOtherNamesThanThoseOfSigmf) {
    const Made m = made(BurstRecording({}), graph("path: b.cf32"));
    EXPECT_EQ(m.code, ExitCode::usage);
}

}  // namespace
}  // namespace flowspan::run

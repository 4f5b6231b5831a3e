// The example of every block, as `flowspan blocks TYPE` shows it, runs as it stands.
#include "comm/local/local.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

/// A graph around one block: samples of the type that it takes, messages of a detector, a null sink for each output.
std::string graph_around(const BlockType& type) {
    std::string example = type.example;
    if (example.starts_with('{')) example = example.substr(1, example.size() - 2);
    const auto block = type.variants[0].make();
    std::string blocks = fmt::format("  block: {{type: {}{}{}}}\n", type.name, example.empty() ? "" : ", ", example);
    std::string connections, messages;
    const bool takes_group = block->inputs().empty() && block->parameter("inputs") != nullptr;
    if (!block->inputs().empty() || takes_group || !block->message_inputs().empty())
        blocks +=
            type.name == "digital_rf_sink" || type.name == "doppler"  // wants samples that have a time
                ? "  feed: {type: file_source, path: recording.sigmf-meta, datetime: '2026-01-31T12:00:00Z'}\n"
                : type.name == "burst_sink"  // wants bursts
                      ? "  feed: {type: signal_source, sample_rate: 1 MHz, on_time: 5 ms, on_period: 50 ms, length: 100000}\n"
                      : "  feed: {type: signal_source, kind: cosine, sample_rate: 1 MHz, frequency: 10 kHz, length: 100000}\n";
    if (takes_group) connections += "  - feed -> block.in[*]\n";
    if (!block->inputs().empty()) {
        const bool real = block->inputs()[0]->declared_type() == SampleType::rf32;
        const bool splits = block->parameter("outputs") != nullptr;
        if (real) blocks += "  real: {type: fm_demod, deviation: 75 kHz}\n";
        if (splits) blocks += "  join: {type: streams_to_vector}\n";
        if (real) connections += "  - feed -> real\n";
        if (splits) connections += "  - feed -> join.in[*]\n";
        for (const InputPort* in : block->inputs())
            connections += fmt::format("  - {} -> block.{}\n", real ? "real" : splits ? "join" : "feed", in->name());
    }
    if (!block->message_inputs().empty()) {
        blocks += "  bursts: {type: burst_detector, threshold: 10 dB}\n";
        connections += "  - feed -> bursts\n";
        messages += fmt::format("messages:\n  - bursts.detections -> block.{}\n", block->message_inputs()[0]->name());
    }
    for (const OutputPort* out : block->outputs()) {
        blocks += fmt::format("  after_{}: {{type: null_sink}}\n", out->name());
        connections += fmt::format("  - block.{0} -> after_{0}\n", out->name());
    }
    return "flowspan: 1\nblocks:\n" + blocks + "connections:\n" + connections + messages;
}

class Examples : public ::testing::TestWithParam<std::string> {};

TEST_P(Examples, RunAsTheyStand) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const test::Folder folder;
    folder.write("recording.sigmf-data", std::string(8000, '\1'));
    folder.write("recording.sigmf-meta",
                 R"({"global": {"core:datatype": "ci16_le", "core:version": "1.2.0", "core:sample_rate": 1000000},
                     "captures": [], "annotations": []})");
    JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = graph_around(type);
    request.out = folder / "out";
    const auto alone = comm::single_rank();
    const JobResult result = run_job(*alone, built_in_blocks(), request, {}, true);
    EXPECT_EQ(result.code, ExitCode::done) << result.cause << "\n" << request.graph_text;
    const bool writes = type.example.find("path:") != std::string::npos && type.name != "file_source";
    EXPECT_EQ(!result.products.empty(), writes) << request.graph_text;
    for (const std::string& product : result.products) EXPECT_TRUE(std::filesystem::exists(product)) << product;
}

std::vector<std::string> all_types() {
    std::vector<std::string> names;
    for (const auto& [name, type] : built_in_blocks().all()) names.push_back(name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(OfEveryBlock, Examples, ::testing::ValuesIn(all_types()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace flowspan::run

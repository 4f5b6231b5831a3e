// Reports hold what their schema says, and nothing else.
#include "comm/local/local.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <fstream>
#include <string>

namespace flowspan::run {
namespace {

using Json = nlohmann::json;

/// What a report has that its schema does not allow; "" where it holds.
std::string mistakes(const Value& report) {
    std::ifstream file(FLOWSPAN_SOURCE_DIR "/docs/report.schema.json");
    const Json text = Json::parse(file), document = Json::parse(report.json());
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return "";
    std::string all;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        for (const std::string& step : error.context) all += step;
        all += ": " + error.description + "\n";
    }
    return all;
}

JobResult job(const test::Folder& folder, const std::string& graph, int ranks) {
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text = graph;
    request.out = folder / "out";
    request.overwrite = request.hash_inputs = true;
    request.command = {"flowspan", "run", "test.yaml"};
    request.log_level = 4;
    JobResult result;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        JobResult r = run_job(c, built_in_blocks(), request, {}, true);
        if (c.rank() == 0) result = std::move(r);
    });
    return result;
}

const char* const graph = R"(flowspan: 1
name: all that a report can hold
blocks:
  file: {type: file_source, path: PATH, datatype: cf32, sample_rate: 1 MHz, duration: 90000}
  gain: {type: multiply_const, constant: 3}
  bursts: {type: burst_detector, threshold: 3 dB, frame: 64}
  small: {type: convert, to: ci8}
  sink: {type: file_sink, path: a.raw, format: raw}
  log: {type: message_log, path: a.jsonl}
  head: {type: head, length: 10}
  first: {type: wav_sink, path: a.wav}
connections:
  - file -> gain -> bursts -> small -> sink
  - gain -> head -> first
messages:
  - bursts.detections -> log
schedule:
  - {at: 1000, set: gain.constant, to: 2}
  - {at: 1000000, set: gain.constant, to: 1}
ranks: {0: "file, gain, log", 1: "bursts, small, sink, head, first"}
)";

std::string on(const test::Folder& folder) {
    std::string samples;
    for (int k = 0; k < 80000; ++k) {
        const float x = k % 1000 < 200 ? 1.5F : 0.01F;
        samples.append(reinterpret_cast<const char*>(&x), 4).append(4, '\0');
    }
    folder.write("in.cf32", samples);
    std::string text = graph;
    return text.replace(text.find("PATH"), 4, folder / "in.cf32");
}

TEST(Report, HoldsWhatItsSchemaSays) {
    const test::Folder folder;
    const std::string text = on(folder);
    for (const int ranks : {1, 2}) {
        const JobResult r = job(folder, text, ranks);
        ASSERT_EQ(r.code, ExitCode::done) << r.cause;
        EXPECT_EQ(mistakes(r.report), "") << ranks << " ranks";
        EXPECT_EQ(r.report.at("recordings").list().at(0).at("xxh3_128").string().size(), 32U);
        EXPECT_GT(r.report.at("summary").at("warnings").integer(), 1) << "clipping, and a duration beyond the end";
        EXPECT_EQ(r.report.at("schedule").list().size(), 1U);
    }
}

TEST(Report, OfAFailureHoldsWhatItsSchemaSays) {
    const test::Folder folder;
    const JobResult r = job(folder, R"(flowspan: 1
blocks:
  source: {type: signal_source, sample_rate: 1 MHz, length: 1000000}
  sink: {type: file_sink, path: /dev/full, format: raw}
connections: [source -> sink]
)",
                            1);
    ASSERT_EQ(r.code, ExitCode::file) << r.cause;
    EXPECT_EQ(mistakes(r.report), "");
    EXPECT_EQ(r.report.at("state").string(), "failed");
}

TEST(Report, ThatHasMoreOrLessIsNotedByTheSchema) {
    const test::Folder folder;
    Value::Map report = job(folder, on(folder), 1).report.map();
    Value::Map more = report;
    more["new"] = true;
    EXPECT_NE(mistakes(Value(more)), "");
    report.erase("begun");
    EXPECT_NE(mistakes(Value(report)), "");
}

}  // namespace
}  // namespace flowspan::run

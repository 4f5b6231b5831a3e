// What jobs say of what they have made and lost.
#include "comm/local/local.hpp"
#include "io/publish/digest.hpp"
#include "run/job/job.hpp"
#include "run/report/summary.hpp"
#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

JobResult job(const test::Folder& folder, const std::string& graph, bool hash = false, int ranks = 1) {
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text = graph;
    request.out = folder / "out";
    request.overwrite = true;
    request.hash_products = hash;
    request.log_level = 4;
    JobResult result;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        JobResult r = run_job(c, built_in_blocks(), request, {}, true);
        if (c.rank() == 0) result = std::move(r);
    });
    return result;
}

/// "2000 samples, 2 s", or "7 messages", of each product.
std::string lengths(const JobResult& r) {
    std::string all;
    for (const Value& p : r.report.at("products").list()) {
        all += std::filesystem::path(p.at("path").string()).filename().string() + ": ";
        all += fmt::format("{} {}", p.at("items").integer(), p.at("what").string());
        if (const Value* s = p.find("seconds")) all += fmt::format(", {:g} s", s->real());
        all += "\n";
    }
    return all;
}

const char* const every_sink = R"(flowspan: 1
blocks:
  source: {type: signal_source, kind: noise, amplitude: 0.01, sample_rate: 1 kHz, length: 2001}
  raw: {type: file_sink, path: a.cf32}
  pair: {type: file_sink, path: b.sigmf-meta}
  wav: {type: wav_sink, path: c.wav}
  samples: {type: hdf5_sink, path: d.h5}
  psd: {type: psd, size: 8, average: 10}
  spectra: {type: hdf5_sink, path: e.h5}
  picture: {type: waterfall_png, path: f.png, size: 8, height: 64, width: 16}
  probe: {type: probe, every: 500}
  log: {type: message_log, path: g.jsonl}
  notes: {type: sigmf_annotations, path: h.sigmf-meta}
connections:
  - source -> raw
  - source -> pair
  - source -> wav
  - source -> samples
  - source -> psd -> spectra
  - source -> picture
  - source -> probe
messages:
  - probe.measurements -> log.in
  - probe.measurements -> notes.in
ranks: {0: "source, raw, wav, picture, log", 1: "pair, samples, psd, spectra, probe, notes"}
)";

TEST(Said, IsHowLongEveryProductIs) {
    const test::Folder folder;
    for (const int ranks : {1, 2})
        EXPECT_EQ(lengths(job(folder, every_sink, false, ranks)),
                  "a.cf32: 2001 samples, 2.001 s\n"
                  "b.sigmf-data: 2001 samples, 2.001 s\n"
                  "b.sigmf-meta: 1 captures\n"
                  "c.wav: 2001 samples, 2.001 s\n"
                  "d.h5: 2001 samples, 2.001 s\n"
                  "e.h5: 49 spectra, 1.96 s\n"
                  "f.png: 63 rows, 2 s\n"
                  "g.jsonl: 5 messages\n"
                  "h.sigmf-meta: 5 annotations\n");
}

TEST(Said, AreHashesOfAllProductsWhereTheyAreAskedFor) {
    const test::Folder folder;
    for (const int ranks : {1, 2}) {
        const JobResult r = job(folder, every_sink, true, ranks);
        for (const Value& p : r.report.at("products").list())
            EXPECT_EQ(p.at("xxh3_128").string(), io::xxh128_of(p.at("path").string())) << p.at("path").string();
    }
    const JobResult unasked = job(folder, every_sink);
    for (const Value& p : unasked.report.at("products").list()) EXPECT_EQ(p.find("xxh3_128"), nullptr);
}

std::string recording(const test::Folder& folder) {
    folder.write("r.sigmf-data", std::string(200, 'x'));
    folder.write("r.sigmf-meta", R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0", "core:sample_rate": 1000},
        "captures": [{"core:sample_start": 0, "core:global_index": 0}, {"core:sample_start": 40, "core:global_index": 47},
                     {"core:sample_start": 60, "core:global_index": 70}], "annotations": []})");
    return folder / "r.sigmf-meta";
}

TEST(Said, IsWhatIsMissingAmongWhatIsLost) {
    const test::Folder folder;
    const std::string path = recording(folder);
    const auto lost = [&](const std::string& more) {
        const JobResult r = job(folder, fmt::format(R"(flowspan: 1
blocks:
  source: {{type: file_source, path: {}, {}}}
  sink: {{type: null_sink}}
connections: [source -> sink]
)",
                                                    path, more));
        EXPECT_EQ(r.code, ExitCode::done) << r.cause;
        return r.report.at("summary").at("lost").json();
    };
    const std::string ten = R"([{"block":"source","count":10,"what":"missing"}])";
    EXPECT_EQ(lost("gaps: zeros"), ten);
    EXPECT_EQ(lost("gaps: restart"), ten);
    EXPECT_EQ(lost("gaps: restart, duration: 50"), R"([{"block":"source","count":7,"what":"missing"}])");
    EXPECT_EQ(lost("gaps: zeros, duration: 44"), R"([{"block":"source","count":4,"what":"missing"}])");
    EXPECT_EQ(lost("gaps: zeros, from: 50, duration: 5"), "[]");
}

TEST(Said, IsEverythingThatWasFoundAndLost) {
    const test::Folder folder;
    std::string samples(400, '\0');  // 50 frames of one sample, of which three hold no number, and one is too loud
    for (const std::size_t k : {9U, 19U, 29U}) reinterpret_cast<float*>(samples.data())[2 * k] = NAN;
    reinterpret_cast<float*>(samples.data())[0] = 7;
    folder.write("in.cf32", samples);
    const JobResult r = job(folder, fmt::format(R"(flowspan: 1
blocks:
  source: {{type: file_source, path: {}, sample_rate: 1 kHz}}
  small: {{type: convert, to: ci16}}
  sink: {{type: null_sink}}
  bursts: {{type: burst_detector, frame: 1}}
connections:
  - source -> small -> sink
  - source -> bursts
unused: bursts.out
)",
                                                folder / "in.cf32"));
    ASSERT_EQ(r.code, ExitCode::done) << r.cause;
    EXPECT_EQ(r.report.at("summary").at("lost").json(), R"([{"block":"bursts","count":3,"what":"not_finite"},)"
                                                        R"({"block":"small","count":1,"what":"clipped"},)"
                                                        R"({"block":"small","count":3,"what":"not_finite"}])");
    EXPECT_EQ(r.report.at("summary").at("found").list().at(0).at("what").string(), "bursts");
}

TEST(Said, OfAFailureIsWhatWasThere) {
    const test::Folder folder;
    for (const int ranks : {1, 2}) {
        const JobResult r = job(folder, R"(flowspan: 1
blocks:
  source: {type: signal_source, sample_rate: 1 MHz, length: 1000000}
  quiet: {type: multiply_const, constant: 0.5}
  sink: {type: file_sink, path: /dev/full, format: raw}
connections: [source -> quiet -> sink]
ranks: {0: source, 1: "quiet, sink"}
)",
                                false, ranks);
        EXPECT_EQ(r.cause,
                  std::string(ranks == 1 ? "" : "rank 1 (" + r.report.at("ranks").list().at(1).at("host").string() + "): ") +
                      "sink: cannot write /dev/full: No space left on device");
        EXPECT_EQ(r.report.at("state").string(), "failed");
        EXPECT_EQ(r.report.at("cause").string(), r.cause);
        EXPECT_EQ(r.report.at("products").list().size(), 0U);
        ASSERT_EQ(r.report.at("ranks").list().size(), std::size_t(ranks));
        EXPECT_EQ(r.report.at("ranks").list().at(0).at("blocks").list().at(0).at("block").string(), "source");
        EXPECT_GT(r.report.at("summary").at("samples").integer(), 0);
    }
}

}  // namespace
}  // namespace flowspan::run

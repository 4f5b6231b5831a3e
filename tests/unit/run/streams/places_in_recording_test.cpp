// Where what a stream tells of lies in its recording: closed forms against what senders say, on 1 to 3 ranks, in any calls.
#include "comm/local/local.hpp"
#include "io/recording/recording_reader.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/registry.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

namespace flowspan::run {
namespace {

/// Of 3 items it makes one, which stands for 1.5 items behind the first; at the end one of what is left.
struct Thirds final : Block {
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 3});
        in.need(3, 999);
        out.room(334);
        memory(0, "nothing");
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        const std::size_t made = n / 3, size = in.description().item_size();
        for (std::size_t k = 0; k < made; ++k) {
            std::memcpy(out.item(std::ptrdiff_t(k)), in.item(std::ptrdiff_t(3 * k)), size);
            // Every fifth one is a sample later than the ratio says.
            const std::uint64_t first = in.index() + 3 * k;
            out.at(k, first + (first / 3 % 5 == 0 ? 1 : 0), 0.5);
        }
        in.consume(made == 0 ? n : 3 * made);
        out.produce(made);
    }
};

/// Hands messages on, as they are or without what they say of places.
struct Passer final : Block {
    Parameter<bool> bare{*this, "bare", {.initial = false}};
    MessageInput in{*this, "in"};
    MessageOutput out{*this, "out"};
    void describe() override {}
    void receive(MessageInput&, const Message& message) override { out.send(bare ? Value("bare") : message.value); }
};

/// An item for each message.
struct Fed final : Block {
    MessageInput in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        data_dependent();
        out.room(1);
        StreamDescription d;
        d.sample_rate = Rational(10);
        out.describe(d);
    }
    void receive(MessageInput&, const Message&) override {
        out[0] = 1;
        out.produce(1);
    }
};

Registry library() {
    Registry registry = built_in_blocks();
    registry.add<Thirds>("thirds", "Makes one of three.");
    registry.add<Fed>("fed", "Makes items of messages.");
    registry.add<Passer>("passer", "Hands messages on.");
    return registry;
}

struct Job {
    std::string source = "path: in.sigmf-meta";
    std::string between{};  // block in the middle
    std::string extra{};    // further blocks
    std::string messages = "probe.measurements -> log";
    std::string probe = "{type: probe, every: 7}";
    std::string port{};  // of the middle

    std::string text(int ranks) const {
        const std::string places = ranks == 1   ? "0: source, middle, probe, log"
                                   : ranks == 2 ? "0: source, log\n  1: middle, probe"
                                                : "0: log\n  1: source\n  2: middle, probe";
        return "flowspan: 1\nblocks:\n  source: {type: file_source, " + source + "}\n  middle: " + between +
               "\n  probe: " + probe + "\n  log: {type: message_log, path: log.jsonl}\n" + extra +
               "connections:\n  - source -> middle\n  - middle" + port + " -> probe\nmessages:\n  - " + messages +
               "\nranks:\n  " + places + "\n";
    }
};

JobResult run_on(const test::Folder& folder, const std::string& text, int ranks, std::uint64_t seed) {
    const Registry registry = library();
    JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = text;
    request.out = folder.path();
    request.log_level = 0;
    request.overwrite = true;
    request.chunk_seed = seed;
    JobResult result;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        const JobResult own = run_job(c, registry, c.rank() == 0 ? request : JobRequest{}, {}, true);
        if (c.rank() == 0) result = own;
    });
    return result;
}

std::string sentence(const JobResult& result) {
    std::string all = result.cause;
    for (const Diagnostic& d : result.diagnostics) all += d.text();
    return all;
}

std::vector<Value> lines_of(const std::string& path) {
    std::vector<Value> lines;
    std::istringstream text(test::content_of(path));
    for (std::string line; std::getline(text, line);) lines.push_back(Value::from_json(line));
    return lines;
}

/// The log of a job, the same on 1 to 3 ranks in calls of any size.
std::vector<Value> logged(const test::Folder& folder, const Job& job) {
    std::string first;
    for (const auto& [ranks, seed] : {std::pair(1, 0), {1, 5}, {2, 0}, {2, 6}, {3, 0}, {3, 7}}) {
        const JobResult result = run_on(folder, job.text(ranks), ranks, std::uint64_t(seed));
        EXPECT_EQ(result.code, ExitCode::done) << sentence(result);
        const std::string log = test::content_of(folder / "log.jsonl");
        if (first.empty()) first = log;
        EXPECT_TRUE(log == first) << ranks << " ranks, seed " << seed;
    }
    std::vector<Value> values;
    for (const Value& line : lines_of(folder / "log.jsonl")) values.push_back(line.at("value"));
    return values;
}

void write_recording(const test::Folder& folder, std::size_t samples, const std::string& captures, double rate = 1000) {
    std::string data;
    for (std::size_t k = 0; k < 2 * samples; ++k) data += char((k * k + 3 * k) % 251);
    folder.write("in.sigmf-data", data);
    folder.write("in.sigmf-meta",
                 fmt::format(R"({{"global": {{"core:datatype": "cu8", "core:version": "1.2.0", "core:sample_rate": {}}},
                     "captures": [{}], "annotations": []}})",
                             rate, captures));
}

constexpr const char* plain_capture =
    R"({"core:sample_start": 0, "core:frequency": 5000, "core:datetime": "2020-01-01T00:00:00Z"})";

/// Every message about items [index, index + every) of the stream: `place` is where an item lies among those of the source.
void expect_places(const std::vector<Value>& found, std::uint64_t every, const std::function<double(double)>& place,
                   std::int64_t samples, double rate) {
    ASSERT_GT(found.size(), 10U);
    for (std::size_t k = 0; k < found.size(); ++k) {
        const Value& v = found[k];
        const double first = double(k * every);
        const bool last = k + 1 == found.size();
        EXPECT_EQ(v.at("index").integer(), std::int64_t(first));
        const auto start = std::clamp<std::int64_t>(std::int64_t(std::ceil(place(first) - 1e-9)), 0, samples);
        const auto end = std::clamp<std::int64_t>(std::int64_t(std::ceil(place(first + double(every)) - 1e-9)), 0, samples);
        ASSERT_EQ(v.at("start").integer(), start) << k;
        if (!last) { ASSERT_EQ(v.at("length").integer(), end - start) << k; }
        EXPECT_NEAR(v.at("time_s").real(), place(first) / rate, 1e-9);
        const std::int64_t ps = std::llround(place(first) / rate * 1e12);
        const std::string utc = rfc3339(Time(1577836800, Rational()) + Time(Rational(ps, 1'000'000'000'000)));
        if (std::abs(double(ps) - place(first) / rate * 1e12) < 1e-3 && ps % 1000 == 0) {
            EXPECT_EQ(v.at("utc").string(), utc) << k;
        }
    }
}

TEST(PlacesInRecording, BehindADecimationWithAnyDelay) {
    const test::Folder folder;
    write_recording(folder, 20000, plain_capture);
    for (const auto& [decimation, taps] : {std::pair(1, 1), {1, 8}, {10, 33}, {10, 64}, {7, 1001}, {4, 1000}}) {
        const auto found = logged(
            folder, {.between = fmt::format("{{type: fir_filter, decimation: {}, kind: low, cutoff: 50 Hz, taps_count: {}}}",
                                            decimation, taps)});
        const double delay = (taps - 1) / 2.0;
        expect_places(
            found, 7, [&, d = decimation](double m) { return m * d - delay; }, 20000, 1000);
        EXPECT_DOUBLE_EQ(found[3].at("freq_lower_edge").real(), 5000 - 500.0 / decimation);
        EXPECT_DOUBLE_EQ(found[3].at("freq_upper_edge").real(), 5000 + 500.0 / decimation);
    }
}

TEST(PlacesInRecording, BehindSkipTranslationAndResampler) {
    const test::Folder folder;
    write_recording(folder, 20000, plain_capture, 48000);
    expect_places(
        logged(folder, {.between = "{type: skip, length: 1234}"}), 7, [](double m) { return m + 1234; }, 20000, 48000);
    expect_places(
        logged(folder, {.between = "{type: delay, samples: 777}"}), 7, [](double m) { return m - 777; }, 20000, 48000);
    const auto moved = logged(folder, {.between = "{type: frequency_translate, shift: 10 kHz, decimation: 6, taps_count: 61}"});
    expect_places(
        moved, 7, [](double m) { return 6 * m - 30; }, 20000, 48000);
    EXPECT_DOUBLE_EQ(moved[0].at("freq_lower_edge").real(), 15000 - 4000);
    EXPECT_DOUBLE_EQ(moved[0].at("freq_upper_edge").real(), 15000 + 4000);
    for (const int taps : {24, 25}) {
        const auto found = logged(
            folder,
            {.between = fmt::format("{{type: rational_resampler, interpolation: 3, decimation: 7, taps_count: {}}}", taps)});
        expect_places(
            found, 7, [&](double m) { return m * 7 / 3 - (taps - 1) / 2.0 / 3; }, 20000, 48000);
    }
}

TEST(PlacesInRecording, BehindWhatRepeatsLeavesOutSumsAndRegroups) {
    const test::Folder folder;
    write_recording(folder, 8000, plain_capture);
    const auto of = [&](const char* block, const char* port, const std::function<double(double)>& place) {
        SCOPED_TRACE(block);
        expect_places(logged(folder, {.between = block, .port = port}), 7, place, 8000, 1000);
    };
    of("{type: repeat, n: 3}", "", [](double m) { return m / 3; });
    of("{type: keep_one_in_n, n: 5}", "", [](double m) { return 5 * m; });
    of("{type: integrate, n: 6}", "", [](double m) { return 6 * m; });
    of("{type: moving_average, n: 4}", "", [](double m) { return m - 1.5; });
    of("{type: stream_to_vector, size: 8}", "", [](double m) { return 8 * m; });
    of("{type: deinterleave, outputs: 4}", ".out[2]", [](double m) { return 4 * m; });
    // What says where each item lies says nothing of where it ends: the last one of a frame is as long as the ratio says.
    const auto found = logged(folder, {.between = "{type: keep_m_in_n, m: 3, n: 10, offset: 2}"});
    ASSERT_EQ(found.size(), 343U);
    for (std::size_t k = 0; k + 1 < found.size(); ++k) {
        const auto place = [](std::size_t m) { return std::int64_t(10 * (m / 3) + 2 + m % 3); };
        ASSERT_EQ(found[k].at("start").integer(), place(7 * k)) << k;
        EXPECT_NEAR(double(found[k].at("length").integer()), double(place(7 * k + 6) - place(7 * k)) + 10.0 / 3, 1) << k;
        EXPECT_NEAR(found[k].at("time_s").real(), double(place(7 * k)) / 1000, 1e-9);
    }
}

constexpr const char* two_captures =
    R"({"core:sample_start": 0, "core:global_index": 100}, {"core:sample_start": 1001, "core:global_index": 1603})";

TEST(PlacesInRecording, ZerosForMissingSamplesAreNoSamples) {
    const test::Folder folder;
    write_recording(folder, 3000, two_captures);
    const auto found = logged(folder, {.source = "path: in.sigmf-meta, gaps: zeros", .between = "{type: copy}"});
    const auto sample = [](std::int64_t item) { return item < 1001 ? item : std::max<std::int64_t>(1001, item - 502); };
    for (std::size_t k = 0; k < found.size(); ++k) {
        const auto first = std::int64_t(7 * k);
        const std::int64_t end = std::min<std::int64_t>(first + 7, 3502);
        ASSERT_EQ(found[k].at("start").integer(), sample(first)) << k;
        ASSERT_EQ(found[k].at("length").integer(), sample(end) - sample(first)) << k;
        EXPECT_DOUBLE_EQ(found[k].at("time_s").real(), double(first) / 1000);
    }
}

TEST(PlacesInRecording, MissingSamplesAreTimeAllTheSame) {
    const test::Folder folder;
    write_recording(folder, 3000, two_captures);
    const auto found = logged(folder, {.source = "path: in.sigmf-meta, gaps: restart", .between = "{type: copy}"});
    for (const Value& v : found) {  // (items of the new stretch are counted on)
        const std::int64_t start = v.at("index").integer();
        ASSERT_EQ(v.at("start").integer(), start);
        EXPECT_DOUBLE_EQ(v.at("time_s").real(), double(start < 1001 ? start : start + 502) / 1000);
    }
    EXPECT_EQ(found.back().at("start").integer() + found.back().at("length").integer(), 3000);
}

TEST(PlacesInRecording, ReadingFromLaterOnMovesNothing) {
    const test::Folder folder;
    write_recording(folder, 3000, plain_capture);
    const auto found = logged(folder, {.source = "path: in.sigmf-meta, from: 777, duration: 1000", .between = "{type: copy}"});
    EXPECT_EQ(found.front().at("start").integer(), 777);
    EXPECT_DOUBLE_EQ(found.front().at("time_s").real(), 0.777);
    EXPECT_EQ(found.front().at("utc").string(), "2020-01-01T00:00:00.777Z");
    EXPECT_EQ(found.back().at("start").integer() + found.back().at("length").integer(), 1777);
}

TEST(PlacesInRecording, BehindABlockThatStatesPlaces) {
    const test::Folder folder;
    write_recording(folder, 9000, plain_capture);
    const auto found = logged(folder, {.between = "{type: thirds}", .probe = "{type: probe, every: 1}"});
    ASSERT_EQ(found.size(), 3000U);
    for (std::size_t k = 0; k < found.size(); ++k) {
        const double place = 3 * double(k) + (k % 5 == 0 ? 1.5 : 0.5);
        ASSERT_EQ(found[k].at("start").integer(), std::int64_t(std::ceil(place))) << k;
        EXPECT_NEAR(found[k].at("time_s").real(), place / 1000, 1e-9);
        if (k + 1 < found.size()) { EXPECT_EQ(found[k].at("length").integer(), 3) << k; }
    }
}

TEST(PlacesInRecording, ARecordingWithoutARateHasSamplesButNoSeconds) {
    const test::Folder folder;
    folder.write("in.cu8", std::string(4000, '\7'));
    const auto found = logged(folder, {.source = "path: in.cu8", .between = "{type: skip, length: 100}"});
    EXPECT_EQ(found[1].at("start").integer(), 107);
    EXPECT_EQ(found[1].find("time_s"), nullptr);
    EXPECT_EQ(found[1].find("utc"), nullptr);
    EXPECT_EQ(found[1].find("freq_lower_edge"), nullptr);
}

/// Two captures at two frequencies, a burst up to the end of the first and one in the second.
std::string loud(std::size_t samples, const std::vector<std::pair<std::size_t, std::size_t>>& bursts) {
    std::string data;
    for (std::size_t k = 0; k < samples; ++k) {
        bool on = false;
        for (const auto& [from, to] : bursts) on = on || (k >= from && k < to);
        data += char(on ? 227 : 128 + k % 3);
        data += char(on ? 27 : 128 - k % 2);
    }
    return data;
}

TEST(PlacesInRecording, ABurstHasTheFrequenciesThatItBeganAt) {
    const test::Folder folder;
    write_recording(folder, 8000, R"({"core:sample_start": 0, "core:frequency": 1e6, "core:datetime": "2020-01-01T00:00:00Z"},
        {"core:sample_start": 4000, "core:frequency": 2e6, "core:datetime": "2020-01-01T01:00:00Z"})");
    folder.write("in.sigmf-data", loud(8000, {{3600, 4000}, {6000, 6400}}));
    Job job{.source = "path: in.sigmf-meta, gaps: restart, retune: restart",
            .between = "{type: fir_filter, decimation: 4, taps: [0.25, 0.25, 0.25, 0.25]}",
            .messages = "probe.detections -> log",
            .probe = "{type: burst_detector, frame: 10}"};
    const auto found = logged(folder, job);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].at("freq_upper_edge").real(), 1e6 + 125);
    EXPECT_EQ(found[1].at("freq_upper_edge").real(), 2e6 + 125);
    EXPECT_EQ(found[0].at("utc").string(), "2020-01-01T00:00:03.5985Z");
    EXPECT_EQ(found[1].at("utc").string(), "2020-01-01T01:00:01.9985Z");
    EXPECT_EQ(found[0].at("start").integer(), 3599);
    EXPECT_EQ(found[0].at("length").integer(), 400);
    EXPECT_EQ(found[1].at("start").integer(), 5999);
    EXPECT_EQ(found[1].at("time_s").real(), 3601.9985);
}

// --- annotations

const std::string notes = "  notes: {type: sigmf_annotations, path: notes.sigmf-meta, recording: in.sigmf-meta}\n";

TEST(PlacesInRecording, AnnotationsLieWhereTheBurstsAreAndWhereTheStampSays) {
    const test::Folder folder;
    write_recording(folder, 200000, plain_capture, 1e6);
    folder.write("in.sigmf-data", loud(200000, {{160000, 164000}}));
    Job job{.between = "{type: fir_filter, decimation: 10, kind: low, cutoff: 40 kHz, taps_count: 101}",
            .extra = notes,
            .messages = "probe.detections -> log\n  - probe.detections -> notes",
            .probe = "{type: burst_detector, frame: 16}"};
    const JobResult result = run_on(folder, job.text(1) + "  1: notes\n", 2, 3);
    ASSERT_EQ(result.code, ExitCode::done) << sentence(result);
    const Recording r = io::read_recording(folder / "notes.sigmf-meta");
    EXPECT_TRUE(r.warnings.empty());
    EXPECT_EQ(r.data_path, folder / "in.sigmf-data");
    const Value::List& annotations = r.header.at("annotations").list();
    ASSERT_EQ(annotations.size(), 1U);
    EXPECT_NEAR(annotations[0].at("core:sample_start").real(), 160000, 170);
    EXPECT_NEAR(annotations[0].at("core:sample_count").real(), 4000, 340);
    EXPECT_EQ(annotations[0].at("core:freq_lower_edge").real(), 5000 - 50000.0);
    EXPECT_EQ(annotations[0].at("core:freq_upper_edge").real(), 5000 + 50000.0);
    EXPECT_EQ(annotations[0].at("flowspan:stamp").string(), lines_of(folder / "log.jsonl")[0].at("stamp").string());
    EXPECT_EQ(annotations[0].at("flowspan:index").integer(),
              lines_of(folder / "log.jsonl")[0].at("value").at("index").integer());
}

std::string refusal_of(const test::Folder& folder, const std::string& blocks, const std::string& edges) {
    const JobResult result = run_on(folder, "flowspan: 1\nblocks:\n" + blocks + notes + edges, 1, 0);
    EXPECT_NE(result.code, ExitCode::done);
    return sentence(result);
}

TEST(PlacesInRecording, MessagesAboutSomethingElseAreRefusedBeforeTheRun) {
    const test::Folder folder;
    write_recording(folder, 1000, plain_capture);
    folder.write("other.cu8", std::string(2000, 'x'));
    const std::string edges = "connections:\n  - source -> bursts\nmessages:\n  - bursts.detections -> notes\n";
    const std::string bursts = "  bursts: {type: burst_detector}\n";
    const std::string generated =
        refusal_of(folder, "  source: {type: signal_source, sample_rate: 1 kHz, length: 1000}\n" + bursts, edges);
    EXPECT_NE(generated.find(fmt::format("blocks.notes.recording: expected messages about {}, got those of bursts.detections, "
                                         "about a stream that source generates",
                                         folder / "in.sigmf-meta")),
              std::string::npos)
        << generated;
    EXPECT_NE(generated.find("name the recording that `bursts` looks at, or leave `recording` out"), std::string::npos);
    const std::string other =
        refusal_of(folder, "  source: {type: file_source, path: other.cu8, sample_rate: 1 kHz}\n" + bursts, edges);
    EXPECT_NE(other.find(fmt::format("expected messages about {}, got those of bursts.detections, about {}, which source reads",
                                     folder / "in.sigmf-meta", folder / "other.cu8")),
              std::string::npos)
        << other;
    EXPECT_FALSE(std::filesystem::exists(folder / "notes.sigmf-meta"));
    std::filesystem::create_symlink(folder / "in.sigmf-data", folder / "same.cu8");
    const std::string otherwise = refusal_of(
        folder, "  source: {type: file_source, path: same.cu8, datatype: ci8, sample_rate: 1 kHz}\n" + bursts, edges);
    EXPECT_NE(otherwise.find(fmt::format("about {}, which source reads as other samples", folder / "same.cu8")),
              std::string::npos)
        << otherwise;
    // By whatever name it goes, it is the same.
    std::filesystem::create_symlink(folder / "in.sigmf-data", folder / "link.sigmf-data");
    std::filesystem::create_symlink(folder / "in.sigmf-meta", folder / "link.sigmf-meta");
    for (const char* name : {"in.sigmf-data", "./in.sigmf-meta", "link.sigmf-data", "same.cu8, sample_rate: 1 kHz"}) {
        const JobResult same = run_on(
            folder,
            fmt::format("flowspan: 1\nblocks:\n  source: {{type: file_source, path: {}}}\n", name) + bursts + notes + edges, 1,
            0);
        EXPECT_EQ(same.code, ExitCode::done) << sentence(same);
    }
}

/// A WAV file of two channels of 16 bits, 1 kHz.
std::string two_channels(std::size_t frames) {
    const auto little = [](std::uint64_t v, int bytes) {
        std::string s;
        for (int k = 0; k < bytes; ++k) s += char(v >> (8 * k) & 0xff);
        return s;
    };
    const std::string format =
        "fmt " + little(16, 4) + little(1, 2) + little(2, 2) + little(1000, 4) + little(4000, 4) + little(4, 2) + little(16, 2);
    const std::string chunks = "WAVE" + format + "data" + little(frames * 4, 4) + std::string(frames * 4, 'x');
    return "RIFF" + little(chunks.size(), 4) + chunks;
}

TEST(PlacesInRecording, AFrameOfAWavFileIsOneSampleWhateverItsTwoNumbersAre) {
    for (const char* type : {"ci16", "ri16"}) {
        const test::Folder folder;
        folder.write("in.wav", two_channels(60000));
        const JobResult result =
            run_on(folder,
                   fmt::format("flowspan: 1\nblocks:\n  source: {{type: file_source, path: in.wav, datatype: {}}}\n"
                               "  p: {{type: probe, every: 1000}}\n"
                               "  notes: {{type: sigmf_annotations, path: notes.sigmf-meta, recording: in.wav}}\n"
                               "connections:\n  - source -> p\nmessages:\n  - p.measurements -> notes\n",
                               type),
                   1, 0);
        ASSERT_EQ(result.code, ExitCode::done) << sentence(result);
        const Recording r = io::read_recording(folder / "notes.sigmf-meta");
        EXPECT_TRUE(r.warnings.empty());
        EXPECT_EQ(r.data_path, folder / "in.wav");
        EXPECT_EQ(r.length, 60000U);
        EXPECT_EQ(name_of(r.type), type);
        EXPECT_EQ(r.channels, type == std::string("ri16") ? 2U : 1U);
        const Value::List& annotations = r.header.at("annotations").list();
        ASSERT_EQ(annotations.size(), 60U);
        for (std::size_t k = 0; k < annotations.size(); ++k) {
            EXPECT_EQ(annotations[k].at("core:sample_start").integer(), std::int64_t(k) * 1000);
            EXPECT_EQ(annotations[k].at("core:sample_count").integer(), 1000);
        }
    }
}

TEST(PlacesInRecording, AWavFileThatIsReadAsThisAndThatIsNotOneRecording) {
    const test::Folder folder;
    folder.write("in.wav", two_channels(1000));
    const JobResult result =
        run_on(folder,
               "flowspan: 1\nblocks:\n  a: {type: file_source, path: in.wav}\n"
               "  b: {type: file_source, path: in.wav, datatype: ri16}\n"
               "  p: {type: probe, every: 100}\n  q: {type: probe, every: 100}\n"
               "  notes: {type: sigmf_annotations, path: notes.sigmf-meta, recording: in.wav}\n"
               "connections:\n  - a -> p\n  - b -> q\nmessages:\n  - p.measurements -> notes\n  - q.measurements -> notes\n",
               1, 0);
    EXPECT_NE(sentence(result).find(fmt::format("blocks.notes.recording: expected messages about samples of one type, rate and "
                                                "frequency, got a and b read {} otherwise",
                                                folder / "in.wav")),
              std::string::npos)
        << sentence(result);
}

TEST(PlacesInRecording, RawSamplesAreOfOneTypeInOneHeader) {
    const test::Folder folder;
    folder.write("in.bin", std::string(8000, 'x'));
    const auto run_with = [&](const std::string& type) {
        return run_on(folder,
                      "flowspan: 1\nblocks:\n  a: {type: file_source, path: in.bin, datatype: cu8, sample_rate: 1 kHz}\n"
                      "  b: {type: file_source, path: in.bin, sample_rate: 1 kHz, datatype: " +
                          type +
                          "}\n  p: {type: probe, every: 1000}\n  q: {type: probe, every: 1000}\n"
                          "  notes: {type: sigmf_annotations, path: notes.sigmf-meta, recording: in.bin}\n"
                          "connections:\n  - a -> p\n  - b -> q\n"
                          "messages:\n  - p.measurements -> notes\n  - q.measurements -> notes\n",
                      1, 0);
    };
    EXPECT_EQ(run_with("cu8").code, ExitCode::done);
    EXPECT_EQ(io::read_recording(folder / "notes.sigmf-meta").type, SampleType::cu8);
    const std::string refused = sentence(run_with("ci16"));
    EXPECT_NE(refused.find(fmt::format("blocks.notes.recording: expected messages about samples of one type, rate and "
                                       "frequency, got a and b read {} otherwise",
                                       folder / "in.bin")),
              std::string::npos)
        << refused;
}

TEST(PlacesInRecording, MessagesMayComeThroughOtherBlocksAndWithoutAPlace) {
    const test::Folder folder;
    write_recording(folder, 5000, two_captures);
    // Frames of 2500 items from sample 100 on; a stretch begins at sample 1001 where zeros do not fill the 502 missing ones.
    for (const auto& [gaps, sample, stamp] : {std::tuple("zeros", 2600 - 502, "2+3/5"), {"restart", 1001, "1+1/1000"}}) {
        Job job{.source = fmt::format("path: in.sigmf-meta, gaps: {}", gaps),
                .between = "{type: skip, length: 100}",
                .extra = notes + "  pass: {type: passer, bare: true}\n",
                .messages = "probe.measurements -> log\n  - probe.measurements -> pass\n  - pass.out -> notes",
                .probe = "{type: probe, every: 2500}"};
        const JobResult result = run_on(folder, job.text(1) + "  1: notes, pass\n", 2, 3);
        ASSERT_EQ(result.code, ExitCode::done) << sentence(result);
        const Value header = Value::from_json(test::content_of(folder / "notes.sigmf-meta"));
        const Value::List& annotations = header.at("annotations").list();
        EXPECT_EQ(annotations.at(0).at("core:sample_start").integer(), 100);
        EXPECT_EQ(annotations.at(1).at("core:sample_start").integer(), sample);
        EXPECT_EQ(annotations.at(1).at("flowspan:stamp").string(), stamp);
    }
}

TEST(PlacesInRecording, ItemsThatMessagesBringLieWhereTheirStampsSay) {
    const test::Folder folder;
    write_recording(folder, 5000, plain_capture);
    Job job{
        .between = "{type: copy}",
        .extra = notes + "  fed: {type: fed}\n  look: {type: probe, every: 1}\n  seen: {type: message_log, path: seen.jsonl}\n",
        .messages =
            "probe.measurements -> log\n  - probe.measurements -> fed\n  - look.measurements -> notes\n  - "
            "look.measurements -> seen",
        .probe = "{type: probe, every: 500}"};
    std::string text = job.text(1) + "  1: notes, fed, look, seen\n";
    text.replace(text.find("connections:"), 12, "connections:\n  - fed -> look");
    const JobResult result = run_on(folder, text, 2, 3);
    ASSERT_EQ(result.code, ExitCode::done) << sentence(result);
    const auto lines = lines_of(folder / "seen.jsonl");
    ASSERT_EQ(lines.size(), 10U);
    EXPECT_EQ(lines[3].at("value"), (Value::Map{{"index", 3}, {"rms", 1.0}, {"peak", 1.0}}));
    const Value header = Value::from_json(test::content_of(folder / "notes.sigmf-meta"));
    const Value::List& annotations = header.at("annotations").list();
    ASSERT_EQ(annotations.size(), 10U);
    for (std::size_t k = 0; k < 10; ++k)
        EXPECT_EQ(annotations[k].at("core:sample_start").integer(), std::int64_t(500 * k)) << k;
}

TEST(PlacesInRecording, OfAChannelIsThatOfItsPartOfTheBand) {
    const test::Folder folder;
    write_recording(folder, 20000, plain_capture, 48000);
    const auto found =
        logged(folder, {.between = "{type: pfb_channelizer, channels: 8, taps_per_channel: 12}", .port = ".out[5]"});
    const double delay = 8 * 12 / 2.0;  // of a prototype of 8 * 12 + 1 taps
    expect_places(
        found, 7, [&](double m) { return 8 * m - delay; }, 20000, 48000);
    EXPECT_DOUBLE_EQ(found[2].at("freq_lower_edge").real(), 5000 + 6000 - 3000);
    EXPECT_DOUBLE_EQ(found[2].at("freq_upper_edge").real(), 5000 + 6000 + 3000);
}

}  // namespace
}  // namespace flowspan::run

// What a recording's header says travels through a run into what `file_sink` writes: keys, captures, annotations; on 1 to 3
// ranks, in any calls.
#include "comm/local/local.hpp"
#include "io/recording/recording_reader.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/registry.hpp>
#include <flowspan/version.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace flowspan::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Of 3 items it makes one, which stands for the middle one.
struct Middles final : Block {
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 3});
        in.need(3, 999);
        out.room(333);
        memory(0, "nothing");
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        const std::size_t made = n / 3, size = in.description().item_size();
        for (std::size_t k = 0; k < made; ++k) {
            std::memcpy(out.item(std::ptrdiff_t(k)), in.item(std::ptrdiff_t(3 * k)), size);
            out.at(k, in.index() + 3 * k + 1, 0);
        }
        in.consume(made == 0 ? n : 3 * made);
        out.produce(made);
    }
};

Registry library() {
    Registry registry = built_in_blocks();
    registry.add<Middles>("middles", "Makes one of three.");
    return registry;
}

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

std::string graph(const std::string& source, const std::vector<std::string>& between, int ranks, const std::string& path) {
    std::string blocks = "  source: {type: file_source, path: in.sigmf-meta" + source + "}\n", line = "source";
    std::vector<std::string> placed{"source", "sink", ""};
    for (std::size_t k = 0; k < between.size(); ++k) {
        blocks += fmt::format("  b{}: {}\n", k, between[k]);
        line += fmt::format(" -> b{}", k);
        std::string& rank = placed[ranks == 3 ? 2 : 1];
        rank += fmt::format("{}b{}", rank.empty() ? "" : ", ", k);
    }
    std::string assigned = fmt::format("  0: \"{}, {}\"\n", placed[0], placed[1]);
    if (ranks > 1) assigned = fmt::format("  0: {}\n  1: \"{}\"\n", placed[0], placed[1]);
    if (ranks > 2) assigned += fmt::format("  2: \"{}\"\n", placed[2]);
    return "flowspan: 1\nname: carried\nblocks:\n" + blocks + "  sink: {type: file_sink, path: " + path +
           "}\nconnections:\n  - " + line + " -> sink\nranks:\n" + assigned;
}

/// What the sink writes; the same on 1 to 3 ranks, in any calls.
Recording made(const test::Folder& folder, const std::string& source, const std::vector<std::string>& between,
               const std::string& path = "out.sigmf-meta") {
    std::string meta;
    for (const int ranks : {1, 2, 3}) {
        if (ranks == 3 && between.empty()) continue;
        for (const std::uint64_t seed : {0U, 1U, 2U}) {
            const JobResult result = run_on(folder, graph(source, between, ranks, path), ranks, seed);
            std::string why = result.cause;
            for (const Diagnostic& d : result.diagnostics) why += d.text();
            EXPECT_EQ(result.code, ExitCode::done) << why;
            if (result.code != ExitCode::done) return {};
            const std::string written = test::content_of(folder / path);
            if (meta.empty()) meta = written;
            EXPECT_EQ(written, meta) << ranks << " ranks, seed " << seed;
        }
    }
    return io::read_recording(folder / path);
}

void record(const test::Folder& folder, std::size_t samples, const std::string& global, const std::string& captures,
            const std::string& annotations, std::size_t impulse = SIZE_MAX) {
    std::vector<cf32> data(samples);
    if (impulse < samples) data[impulse] = {1, 0};
    folder.write("in.sigmf-data", std::string(reinterpret_cast<const char*>(data.data()), samples * sizeof(cf32)));
    folder.write("in.sigmf-meta",
                 R"({"global": {"core:datatype": "cf32_le", "core:version": "1.2.0", "core:sample_rate": 1000)" + global +
                     R"(}, "captures": )" + captures + R"(, "annotations": )" + annotations + "}");
}

/// "label start count" of each.
std::vector<std::string> notes(const Recording& r) {
    std::vector<std::string> all;
    for (const Value& a : r.header.at("annotations").list())
        all.push_back(fmt::format("{} {} {}", a.find("core:label") ? a.at("core:label").string() : "-",
                                  a.at("core:sample_start").integer(), a.at("core:sample_count").integer()));
    return all;
}

constexpr const char* one_capture = R"([{"core:sample_start": 0, "core:frequency": 1e6}])";

TEST(Carried, WhatAHeaderSaysOfTheSignalIsKept) {
    const test::Folder folder;
    record(folder, 1000,
           R"(, "core:author": "A", "core:hw": "H", "core:license": "L", "core:recorder": "theirs", "core:sha512": "00",
               "core:description": "D", "core:geolocation": {"type": "Point", "coordinates": [8.5, 47.4]}, "core:offset": 0,
               "core:data_doi": "10.1/x", "core:trailing_bytes": 0, "core:unheard": null, "antenna:gain": 3.5, "flowspan:graph": "before",
               "core:extensions": [{"name": "antenna", "version": "1.0.0", "optional": true}])",
           one_capture, "[]");
    const Recording r = made(folder, "", {"{type: fir_filter, taps: [1], decimation: 5}"});
    EXPECT_EQ(
        r.header.at("global").json(),
        R"({"antenna:gain":3.5,"core:author":"A","core:datatype":"cf32_le","core:description":"D",)"
        R"("core:extensions":[{"name":"antenna","optional":true,"version":"1.0.0"},{"name":"flowspan","optional":true,"version":"1.0.0"}],)"
        R"("core:geolocation":{"coordinates":[8.5,47.4],"type":"Point"},"core:hw":"H","core:license":"L",)"
        R"("core:recorder":"flowspan","core:sample_rate":200,"core:version":"1.2.0",)"
        R"("flowspan:graph":"carried","flowspan:version":")" +
            std::string(version) + "\"}");
    EXPECT_TRUE(r.warnings.empty());
}

TEST(Carried, KeysOfCapturesGoWithTheirSamples) {
    const test::Folder folder;
    record(
        folder, 1000, "",
        R"([{"core:sample_start": 0, "core:frequency": 1e6, "core:geolocation": {"type": "Point", "coordinates": [1, 2]}, "x:gain": 1},
               {"core:sample_start": 205, "core:frequency": 1e6, "x:gain": 2},
               {"core:sample_start": 300, "core:frequency": 1e6, "x:gain": 2},
               {"core:sample_start": 400, "core:frequency": 2e6, "x:gain": 3},
               {"core:sample_start": 500, "core:frequency": 2e6}])",
        "[]");
    const auto captures = [](const Recording& r) {
        std::vector<std::string> all;
        for (const Value& c : r.header.at("captures").list()) {
            Value::Map rest = c.map();
            rest.erase("core:datetime");
            all.push_back(Value(rest).json());
        }
        return all;
    };
    EXPECT_THAT(
        captures(made(folder, ", retune: restart", {"{type: fir_filter, taps: [1], decimation: 10}"})),
        ElementsAre(
            R"({"core:frequency":1000000.0,"core:geolocation":{"coordinates":[1,2],"type":"Point"},"core:sample_start":0,"x:gain":1})",
            R"({"core:frequency":1000000.0,"core:sample_start":21,"x:gain":2})",
            R"({"core:frequency":2000000.0,"core:sample_start":40,"x:gain":3})",
            R"({"core:frequency":2000000.0,"core:sample_start":50})"));
    EXPECT_THAT(captures(made(folder, ", retune: restart, from: 210, duration: 100", {})),
                ElementsAre(R"({"core:frequency":1000000.0,"core:sample_start":0,"x:gain":2})"));
    // A filter begins each stretch before its first sample; that makes no captures of its own.
    const auto filtered =
        captures(made(folder, ", retune: restart", {"{type: fir_filter, kind: low, cutoff: 100 Hz, taps_count: 31}"}));
    ASSERT_EQ(filtered.size(), 4U);
    EXPECT_NE(filtered[0].find(R"("core:sample_start":0,"x:gain":1)"), std::string::npos) << filtered[0];
    EXPECT_NE(filtered[2].find(R"("core:sample_start":400,"x:gain":3)"), std::string::npos) << filtered[2];
}

constexpr const char* some_notes =
    R"([{"core:sample_start": 0, "core:sample_count": 1, "core:label": "first"},
        {"core:sample_start": 101, "core:sample_count": 250, "core:label": "a", "core:comment": "c", "core:generator": "g",
         "core:uuid": "u", "x:y": [1], "core:freq_lower_edge": 999990, "core:freq_upper_edge": 1000010.5},
        {"core:sample_start": 350, "core:sample_count": 3, "core:label": "short"},
        {"core:sample_start": 990, "core:label": "open"}])";

TEST(Carried, AnnotationsTravelWithTheirItems) {
    const test::Folder folder;
    record(folder, 1000, "", one_capture, some_notes);
    const Recording same = made(folder, "", {});
    EXPECT_THAT(notes(same), ElementsAre("first 0 1", "a 101 250", "short 350 3", "open 990 10"));
    EXPECT_EQ(same.header.at("annotations").list()[1].json(),
              R"({"core:comment":"c","core:freq_lower_edge":999990,"core:freq_upper_edge":1000010.5,"core:generator":"g",)"
              R"("core:label":"a","core:sample_count":250,"core:sample_start":101,"core:uuid":"u","x:y":[1]})");
    // An item is in it when its own time is: ceil(start / 10) to ceil(end / 10).
    const std::string by10 = "{type: fir_filter, taps: [1], decimation: 10}";
    EXPECT_THAT(notes(made(folder, "", {by10})), ElementsAre("first 0 1", "a 11 25", "short 35 1", "open 99 1"));
    EXPECT_THAT(notes(made(folder, "", {"{type: skip, length: 60}", by10})), ElementsAre("a 5 25", "short 29 1", "open 93 1"));
    EXPECT_THAT(notes(made(folder, "", {"{type: head, length: 200}"})), ElementsAre("first 0 1", "a 101 99"));
    EXPECT_THAT(notes(made(folder, "",
                           {"{type: fir_filter, taps: [1], decimation: 3}", "{type: fir_filter, taps: [1], decimation: 7}"})),
                ElementsAre("first 0 1", "a 5 12", "short 17 0"))
        << "no item is as late as the last of them";
    EXPECT_THAT(notes(made(folder, "", {"{type: middles}"})), ElementsAre("first 0 0", "a 34 83", "short 117 1", "open 330 3"));
}

TEST(Carried, WhatARangeCutsIsClipped) {
    const test::Folder folder;
    record(folder, 1000, "", one_capture, some_notes);
    EXPECT_THAT(notes(made(folder, ", from: 200, duration: 152", {})), ElementsAre("a 0 151", "short 150 2"));
    EXPECT_THAT(notes(made(folder, ", from: 351, duration: 10", {})), ElementsAre("short 0 2"));
    EXPECT_THAT(notes(made(folder, ", from: 353, duration: 10", {})), ElementsAre());
    EXPECT_THAT(notes(made(folder, ", from: 995, duration: 10", {})), ElementsAre("open 0 5"));
}

TEST(Carried, AnnotationsStandOverMissingSamples) {
    const test::Folder folder;
    record(folder, 1000, R"(, "core:offset": 5000)",
           R"([{"core:sample_start": 5000, "core:global_index": 0}, {"core:sample_start": 5300, "core:global_index": 340},
               {"core:sample_start": 5600, "core:global_index": 640}])",
           R"([{"core:sample_start": 5290, "core:sample_count": 10, "core:label": "before"},
               {"core:sample_start": 5290, "core:sample_count": 20, "core:label": "over"},
               {"core:sample_start": 5300, "core:sample_count": 5, "core:label": "behind"},
               {"core:sample_start": 5590, "core:label": "to the end of its capture"}])");
    EXPECT_THAT(notes(made(folder, ", gaps: zeros", {})),
                ElementsAre("before 290 10", "over 290 60", "behind 340 5", "to the end of its capture 630 10"));
    EXPECT_THAT(notes(made(folder, ", gaps: restart", {"{type: fir_filter, taps: [1], decimation: 10}"})),
                ElementsAre("before 29 1", "over 29 2", "behind 30 1", "to the end of its capture 59 1"));
}

TEST(Carried, AnnotationsOfOtherBandsAreLeftOut) {
    const test::Folder folder;
    const auto edges = [](const char* label, double low, double high) {
        return fmt::format(
            R"({{"core:sample_start": 100, "core:sample_count": 100, "core:label": "{}", "core:freq_lower_edge": {}, )"
            R"("core:freq_upper_edge": {}}})",
            label, low, high);
    };
    // 1 MHz, translated by 200 Hz and decimated by 4: 1000075 to 1000325 Hz.
    record(folder, 1000, "", one_capture,
           "[" + edges("below", 999000, 1000075) + "," + edges("reaches in", 999000, 1000080) + "," + edges("all", 0, 2e9) +
               "," + edges("line", 1000200, 1000200) + "," + edges("above", 1000325, 1000400) +
               R"(, {"core:sample_start": 100, "core:sample_count": 100, "core:label": "no edges"}])");
    const Recording r =
        made(folder, "", {"{type: frequency_translate, shift: 200 Hz, decimation: 4, cutoff: 100 Hz, taps_count: 33}"});
    std::vector<std::string> labels;
    for (const Value& a : r.header.at("annotations").list()) labels.push_back(a.at("core:label").string());
    EXPECT_THAT(labels, ElementsAre("reaches in", "all", "line", "no edges"));
    EXPECT_EQ(r.header.at("annotations").list()[0].at("core:freq_lower_edge").real(), 999000) << "what is on the air stays";
}

TEST(Carried, AnAnnotationBeginsWhereItsBandDoes) {
    const test::Folder folder;
    const auto note = [](const char* label, int start, int count, double middle) {
        return fmt::format(R"({{"core:sample_start": {}, "core:sample_count": {}, "core:label": "{}", )"
                           R"("core:freq_lower_edge": {}, "core:freq_upper_edge": {}}})",
                           start, count, label, middle - 10, middle + 10);
    };
    record(folder, 1000, "",
           R"([{"core:sample_start": 0, "core:frequency": 1e6}, {"core:sample_start": 600, "core:frequency": 2e6}])",
           "[" + note("begins in it", 100, 700, 1e6) + "," + note("over before", 200, 400, 2e6) + "," +
               note("comes", 500, 200, 2e6) + "," + note("never", 550, 100, 3e6) + "," + note("later", 600, 10, 2e6) + "]");
    EXPECT_THAT(notes(made(folder, ", retune: restart", {})),
                ElementsAre("begins in it 100 700", "comes 600 100", "later 600 10"));
    EXPECT_THAT(notes(made(folder, ", retune: restart", {"{type: fir_filter, taps: [1], decimation: 10}"})),
                ElementsAre("begins in it 10 70", "comes 60 10", "later 60 1"));
    const JobResult result = run_on(folder, graph(", retune: restart", {}, 1, "out.sigmf-meta"), 1, 0);
    EXPECT_THAT(result.report.json(), HasSubstr(R"("annotations_outside_band":2)"));
}

// The impulse is where the annotation is, whatever delays and rates lie between.
TEST(Carried, AnAnnotationIsAtTheSampleThatItIsAbout) {
    const std::string translate = "{type: frequency_translate, shift: 10 Hz, decimation: 2, cutoff: 200 Hz, taps_count: 41}";
    const std::string resample = "{type: rational_resampler, interpolation: 3, decimation: 7}";
    const std::string up = "{type: rational_resampler, interpolation: 5, decimation: 2}";
    for (const std::vector<std::string>& chain :
         {std::vector{translate}, {resample}, {up}, {translate, resample, up}, {up, "{type: skip, length: 123}", translate}}) {
        for (const std::size_t at : {401U, 500U, 777U}) {
            const test::Folder folder;
            record(folder, 2000, "", one_capture,
                   fmt::format(R"([{{"core:sample_start": {}, "core:sample_count": 1, "core:label": "i"}}])", at), at);
            const Recording r = made(folder, "", chain);
            const std::string bytes = test::content_of(r.data_path);
            std::vector<cf32> samples(bytes.size() / sizeof(cf32));
            std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(cf32));
            const auto peak = std::max_element(samples.begin(), samples.end(),
                                               [](const cf32& a, const cf32& b) { return std::norm(a) < std::norm(b); });
            ASSERT_EQ(notes(r).size(), 1U);
            EXPECT_NEAR(r.header.at("annotations").list()[0].at("core:sample_start").real(), double(peak - samples.begin()), 1)
                << at << " " << chain[0] << " " << chain.size();
        }
    }
}

TEST(Carried, AnArchiveHoldsTheSame) {
    const test::Folder folder;
    record(folder, 1000, R"(, "core:hw": "H")", one_capture, some_notes);
    const Recording pair = made(folder, "", {}), archive = made(folder, "", {}, "out.sigmf");
    EXPECT_EQ(archive.header, pair.header);
    EXPECT_EQ(archive.length, 1000U);
    EXPECT_EQ(test::content_of(archive.data_path).substr(archive.captures[0].header_bytes, 8000),
              test::content_of(pair.data_path));
}

}  // namespace
}  // namespace flowspan::run

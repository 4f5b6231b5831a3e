// What holds of every format that is read; a new one joins by its example.
#include "io/formats/formats.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/beside.hpp"
#include "io/sigmf/writer.hpp"
#include "run/job/job.hpp"

#include "comm/local/local.hpp"
#include "tests/unit/run/formats/examples.hpp"

#include <flowspan/registry.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

namespace flowspan::formats {
namespace {
using test::Folder;
using test::sentence_of;
using testing::HasSubstr;
using testing::StartsWith;

class EveryFormat : public testing::TestWithParam<Example> {};

struct Ran {
    int code = -1;
    std::string cause, samples;
};

/// Reads the recording, with `parameters` of the source in braces, on so many ranks; what a raw file of its samples holds.
Ran ran(const Folder& folder, const std::string& name, const std::string& parameters, int ranks, std::uint64_t seed) {
    const std::string text =
        "flowspan: 1\nblocks:\n  source: {type: file_source, path: \"" + (folder / name) + "\"" + parameters +
        "}\n  one: {type: copy}\n  two: {type: copy}\n  sink: {type: file_sink, path: samples.raw, format: raw}\n"
        "connections: [source -> one -> two -> sink]\n";
    const std::string all[] = {"source", "one", "two", "sink"};
    run::JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = text;
    request.out = folder / "out";
    request.overwrite = true;
    request.chunk_seed = seed;
    request.hash_inputs = seed % 2 != 0;
    request.log_level = 0;
    std::string assignment = "ranks:\n";
    for (int r = 0; r < ranks; ++r) {
        std::string of = all[r];
        for (int b = r == ranks - 1 ? ranks : 4; b < 4; ++b) of += ", " + all[b];
        assignment += fmt::format("  {}: \"{}\"\n", r, of);
    }
    request.read.ranks_text = assignment;
    request.read.ranks_file = "ranks.yaml";
    Ran result;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        const run::JobResult r = run::run_job(c, built_in_blocks(), request, {}, true);
        if (c.rank() == 0) result.code = int(r.code), result.cause = r.cause;
    });
    result.samples = test::content_of(folder / "out/samples.raw");
    std::filesystem::remove_all(folder / "out");
    return result;
}

std::string accepting(const Example& e) { return e.gap > 0 ? ", gaps: restart" : ""; }

TEST_P(EveryFormat, GivesItsSamplesOnOneToFourRanksInCallsOfAnySize) {
    const Example& e = GetParam();
    const Folder folder;
    e.write(folder);
    for (int ranks = 1; ranks <= 4; ++ranks) {
        const Ran r = ran(folder, e.name, accepting(e), ranks, std::uint64_t(ranks - 1));
        EXPECT_EQ(r.cause, "") << ranks;
        EXPECT_TRUE(r.samples == e.samples) << ranks;
    }
}

TEST_P(EveryFormat, BeginsAndEndsWhereItIsTold) {
    const Example& e = GetParam();
    const Folder folder;
    e.write(folder);
    const std::uint64_t length = e.samples.size() / e.item;
    for (const auto& [from, count] :
         {std::pair<std::uint64_t, std::uint64_t>{0, 1}, {1, 700}, {512, 3}, {length - 1, 1}, {length, 0}}) {
        const Ran r = ran(folder, e.name, fmt::format("{}, from: {}, duration: {}", accepting(e), from, count), 2, 3);
        EXPECT_EQ(r.cause, "") << from;
        EXPECT_TRUE(r.samples == e.samples.substr(from * e.item, count * e.item)) << from << " " << count;
    }
}

TEST_P(EveryFormat, GapsAreRefusedFilledOrEndAStretch) {
    const Example& e = GetParam();
    if (e.gap == 0) GTEST_SKIP() << "it has none";
    const Folder folder;
    e.write(folder);
    EXPECT_THAT(
        ran(folder, e.name, "", 1, 0).cause,
        HasSubstr(fmt::format("expected samples that follow on those before sample {}, got {} missing", e.gap_at, e.gap)));
    std::string filled = e.samples;
    filled.insert(e.gap_at * e.item, std::string(e.gap * e.item, '\0'));
    for (const int ranks : {1, 3}) EXPECT_TRUE(ran(folder, e.name, ", gaps: zeros", ranks, 5).samples == filled) << ranks;
}

TEST_P(EveryFormat, AHeadThatIsCutOffIsRefused) {
    const Example& e = GetParam();
    const Folder folder;
    e.write(folder);
    const std::string path = folder / e.name;
    for (std::size_t bytes = 0; bytes < e.head; ++bytes) {
        e.write(folder);
        std::filesystem::resize_file(path, bytes);
        EXPECT_THAT(sentence_of([&] { io::read_recording(path); }), StartsWith(path + ": expected ")) << bytes;
    }
}

TEST_P(EveryFormat, AHeaderBesideLeadsToTheSameSamplesOrIsRefused) {
    const Example& e = GetParam();
    const Folder folder;
    e.write(folder);
    const Recording r = io::read_recording(folder / e.name);
    if (!io::why_nothing_leads_to(r).empty()) {
        EXPECT_THAT(sentence_of([&] { io::sigmf_beside(r, nullptr, folder / "notes.sigmf-meta"); }),
                    StartsWith("no header can lead to its samples: they "));
        return;
    }
    std::filesystem::create_directory(folder / "notes");
    for (const std::string name : {"notes.sigmf-meta", "notes/notes.sigmf-meta"}) {
        const io::SigmfHeader header = io::sigmf_beside(r, nullptr, folder / name);
        folder.write(name, io::sigmf_text(header.global, header.captures, header.annotations));
        const Ran made = ran(folder, name, accepting(e), 1, 0);
        EXPECT_EQ(made.cause, "") << name;
        EXPECT_TRUE(made.samples == e.samples) << name;
    }
}

/// What is gone is said: by a refusal, a warning, or the end of the run.
TEST_P(EveryFormat, SamplesThatAreCutOffAreMissed) {
    const Example& e = GetParam();
    const Folder folder;
    e.write(folder);
    const std::string path = folder / (e.cut.empty() ? e.name : e.cut);
    const std::uint64_t size = std::filesystem::file_size(path);
    if (e.format == "raw" || path.ends_with(".sigmf-meta")) GTEST_SKIP() << "nothing says how many there are";
    for (const std::uint64_t gone : {std::uint64_t{1}, std::uint64_t{5}, size / 3}) {
        e.write(folder);
        std::filesystem::resize_file(path, size - gone);
        Recording r;
        const std::string refusal = sentence_of([&] { r = io::read_recording(folder / e.name); });
        if (!refusal.empty() || !r.warnings.empty()) continue;
        const Ran cut = ran(folder, e.name, accepting(e), 1, 0);
        EXPECT_TRUE(cut.code != 0 || cut.samples == e.samples) << gone << " bytes";
    }
}

TEST_P(EveryFormat, BeyondFourThousandMillionSamplesPlacesAreExact) {
    const Example& e = GetParam();
    if (!e.write_sparse) GTEST_SKIP() << "no such file is quickly made";
    const Folder folder;  // of sparse files
    const std::uint64_t length = (std::uint64_t{1} << 32) + 1000;
    e.write_sparse(folder, length);
    EXPECT_EQ(io::read_recording(folder / e.name).length, length);
    const Ran r = ran(folder, e.name, fmt::format(", from: {}", length - 9), 2, 1);
    std::string last(4, '\0');
    for (char k = 1; k <= 8; ++k) last += std::string(4, k);
    EXPECT_EQ(r.cause, "");
    EXPECT_TRUE(r.samples == last);
}

TEST(Formats, AllHaveAnExample) {
    for (const auto& format : io::formats()) {
        bool has = false;
        for (const Example& e : examples()) has = has || e.format == format->name();
        EXPECT_TRUE(has) << format->name() << ": add one to tests/unit/run/formats/examples.cpp";
    }
}

std::string spoken(const testing::TestParamInfo<Example>& info) {
    std::string name;
    for (const char c : info.param.text())
        if (std::isalnum(static_cast<unsigned char>(c))) name += c;
    return name;
}
INSTANTIATE_TEST_SUITE_P(Of, EveryFormat, testing::ValuesIn(examples()), spoken);

}  // namespace
}  // namespace flowspan::formats

// Several files as one recording.
#include "io/series/series.hpp"

#include "io/formats/formats.hpp"
#include "io/recording/layout.hpp"
#include "io/recording/recording_reader.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// `count` samples of one byte for I and one for Q, which count on from `first`.
std::string bytes(std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (std::uint64_t k = 0; k < 2 * count; ++k) text += char((2 * first + k) % 251);
    return text;
}

std::string sigmf(const std::string& datetime, const std::string& rest = "", const std::string& annotations = "") {
    return fmt::format(R"({{"global": {{"core:datatype": "cu8", "core:version": "1.2.0", "core:sample_rate": 1000{}}},
                            "captures": [{{"core:sample_start": 0, "core:datetime": "{}"}}], "annotations": [{}]}})",
                       rest, datetime, annotations);
}

class OfFiles : public testing::Test {
protected:
    void add(const std::string& name, std::uint64_t first, std::uint64_t count) { data.write(name, bytes(first, count)); }
    void add_sigmf(const std::string& name, std::uint64_t first, std::uint64_t count, const std::string& datetime,
                   const std::string& annotations = "") {
        add(name + ".sigmf-data", first, count);
        data.write(name + ".sigmf-meta", sigmf(datetime, "", annotations));
    }
    Recording read(const std::string& path) const { return joined(read_recording(path)); }
    std::vector<std::string> names(const Recording& r) const {
        std::vector<std::string> names;
        for (FilesInOrder files(r.files); files.next();) names.push_back(fs::path(files.file().path).filename().string());
        return names;
    }
    std::string samples(const Recording& r, std::size_t at_once = 7) const {
        const auto reader = open_samples(r, false);
        std::string all;
        std::vector<std::byte> some(2 * at_once);
        for (std::uint64_t first = 0; first < r.length; first += at_once) {
            const std::size_t count = std::min<std::size_t>(at_once, r.length - first);
            EXPECT_EQ(reader->read(first, std::span(some).first(2 * count)), 2 * count);
            all.append(reinterpret_cast<const char*>(some.data()), 2 * count);
        }
        return all;
    }
    std::string refusal(const std::string& path) const {
        try {
            (void)read(path);
        } catch (const std::exception& refused) {
            std::string text = refused.what();
            for (std::size_t at = 0; (at = text.find(data.path() + "/", at)) != std::string::npos;)
                text.erase(at, data.path().size() + 1);
            return text;
        }
        return "none";
    }

    test::Folder data;
};

TEST_F(OfFiles, WithoutTimesThoseOfAFolderAreInOrderOfTheirNumbers) {
    add("part10_1kHz_1000sps.cu8", 20, 5);
    add("part2_1kHz_1000sps.cu8", 10, 10);
    add("part1_1kHz_1000sps.cu8", 0, 10);
    data.write("notes.txt", "no recording");
    data.write("old/part3_1kHz_1000sps.cu8", "below");
    const Recording r = read(data.path());
    EXPECT_THAT(names(r), ElementsAre("part1_1kHz_1000sps.cu8", "part2_1kHz_1000sps.cu8", "part10_1kHz_1000sps.cu8"));
    EXPECT_EQ(r.length, 25U);
    EXPECT_EQ(r.format, "series");
    EXPECT_EQ(r.sample_rate, Rational(1000));
    EXPECT_EQ(r.captures.size(), 1U);
    ASSERT_EQ(r.warnings.size(), 2U);
    EXPECT_THAT(r.warnings[0], HasSubstr("notes.txt is no recording by its name and passed over"));
    EXPECT_THAT(r.warnings[1], HasSubstr("old is a folder in it and passed over"));
    for (const std::size_t at_once : {1U, 3U, 10U, 11U, 25U}) EXPECT_EQ(samples(r, at_once), bytes(0, 25)) << at_once;
}

TEST_F(OfFiles, AListWithoutTimesIsInItsOrder) {
    add("b.cu8", 0, 4);
    add("a.cu8", 4, 4);
    add("c.cu8", 8, 4);
    const Recording r = read(data / "b.cu8" + "\n" + data / "a.cu8" + "\n" + data / "c.cu8");
    EXPECT_THAT(names(r), ElementsAre("b.cu8", "a.cu8", "c.cu8"));
    EXPECT_EQ(samples(r), bytes(0, 12));
    EXPECT_EQ(r.path, data / "b.cu8" + " and 2 more");
}

TEST_F(OfFiles, APatternIsWhatItMatches) {
    add("a.cu8", 0, 4);
    add("b.cu8", 4, 4);
    add("other.cs8", 0, 4);
    EXPECT_THAT(names(read(data / "*.cu8")), ElementsAre("a.cu8", "b.cu8"));
    EXPECT_THAT(refusal(data / "*.cf32"), HasSubstr("cannot read *.cf32: expected a pattern that matches recordings"));
    add("[x].cu8", 0, 9);  // a name as it stands counts more
    EXPECT_EQ(read(data / "[x].cu8").length, 9U);
}

TEST_F(OfFiles, AListOfNothingIsRefused) {
    data.write("none.txt", "# nothing\n");
    EXPECT_THAT(refusal("@" + data / "none.txt" + "\n@" + data / "none.txt"),
                HasSubstr("cannot read @none.txt and 1 more: expected recordings, got a list that names none"));
}

TEST_F(OfFiles, OneFileAloneIsItself) {
    add("a_1000sps.cu8", 0, 4);
    const Recording r = read(data.path());
    EXPECT_EQ(r.files, nullptr);
    EXPECT_EQ(r.format, "raw");
    EXPECT_EQ(r.length, 4U);
    fs::remove(data / "a_1000sps.cu8");
    EXPECT_THAT(refusal(data.path()), HasSubstr("expected a folder with recordings"));
}

TEST_F(OfFiles, TimesOrderThemAndTellWhatIsMissing) {
    add_sigmf("a", 30, 10, "2026-01-01T00:00:00.035Z");
    add_sigmf("z", 0, 10, "2026-01-01T00:00:00.000Z");
    add_sigmf("m", 10, 20, "2026-01-01T00:00:00.010Z");
    const Recording r = read(data.path());
    EXPECT_THAT(names(r), ElementsAre("z.sigmf-meta", "m.sigmf-meta", "a.sigmf-meta"));
    ASSERT_EQ(r.captures.size(), 2U);  // the second follows on the first
    EXPECT_EQ(r.captures[1].start, 30U);
    EXPECT_EQ(rfc3339(*r.captures[1].utc), "2026-01-01T00:00:00.035Z");
    const Layout zeros = lay_out(r, Gaps::zeros, Retunes::error);
    EXPECT_EQ(zeros.length, 45U);
    EXPECT_FALSE(zeros.pieces[1].sample);
    EXPECT_EQ(zeros.pieces[1].count, 5U);
    EXPECT_EQ(lay_out(r, Gaps::restart, Retunes::error).stretches[1].what.missing, 5U);
    EXPECT_THROW(lay_out(r, Gaps::error, Retunes::error), Refused);
    EXPECT_EQ(samples(r), bytes(0, 40));
}

TEST_F(OfFiles, ClocksOfRecordersAreNoGapsWhereNamesAloneSayTheTime) {
    // 10.9 s each; names cut the tenths off, and the clock runs 50 ppm fast.
    constexpr int files = 200;
    for (int k = 0; k < files; ++k) {
        const auto second = std::uint64_t(double(k) * 10.9 * (1 + 50e-6));
        data.write(fmt::format("r_20260101_{:02}{:02}{:02}Z_1000sps.cu8", second / 3600, second / 60 % 60, second % 60),
                   bytes(0, 10900));
    }
    const Recording r = read(data.path());
    EXPECT_EQ(count_files(r), std::size_t(files));
    EXPECT_EQ(r.captures.size(), 1U);
    // One that is not there is missed.
    fs::remove(data / "r_20260101_000010Z_1000sps.cu8");
    const Recording holed = read(data.path());
    ASSERT_EQ(holed.captures.size(), 2U);
    EXPECT_EQ(holed.captures[1].start, 10900U);
    EXPECT_EQ(lay_out(holed, Gaps::restart, Retunes::error).stretches[1].what.missing, 10100U);  // as names say it: 21 s
}

TEST_F(OfFiles, WhatIsLostALittleAtATimeIsMissedWhenItAddsUp) {
    for (int k = 0; k < 10; ++k)  // 9.7 s in every ten
        data.write(fmt::format("r_20260101_00{:02}{:02}Z_1000sps.cu8", k * 10 / 60, k * 10 % 60), bytes(0, 9700));
    EXPECT_GT(read(data.path()).captures.size(), 1U);
}

TEST_F(OfFiles, OverlapAndWhatDiffersIsRefused) {
    add_sigmf("a", 0, 10, "2026-01-01T00:00:00Z");
    add_sigmf("b", 0, 10, "2026-01-01T00:00:00.005Z");
    EXPECT_EQ(refusal(data.path()),
              "b.sigmf-meta: expected samples that follow on those of a.sigmf-meta, got 5 that overlap with them, by the times "
              "of both\n   hint: only files that follow on each other are one recording");
    add_sigmf("b", 0, 10, "2026-01-01T00:00:00.010Z");
    EXPECT_EQ(refusal(data.path()), "none");
    data.write("b.sigmf-meta", sigmf("2026-01-01T00:00:00.010Z", R"(, "core:num_channels": 2)"));
    EXPECT_THAT(refusal(data.path()), HasSubstr("b.sigmf-meta: expected cu8 as in "));
    EXPECT_THAT(refusal(data.path()), HasSubstr("got cu8, 2 channels"));
    fs::remove(data / "b.sigmf-meta");
    fs::remove(data / "b.sigmf-data");
    add("b_2000sps.cu8", 0, 10);
    add_sigmf("c", 0, 10, "2026-01-01T00:00:00.010Z");
    EXPECT_THAT(refusal(data.path()),
                HasSubstr("b_2000sps.cu8: expected the time of its first sample, as a.sigmf-meta says it, got none"));
    fs::remove(data / "c.sigmf-meta");
    fs::remove(data / "c.sigmf-data");
    add("b_20260101_000001_2000sps.cu8", 0, 10);
    fs::remove(data / "b_2000sps.cu8");
    EXPECT_THAT(refusal(data.path()), HasSubstr("b_20260101_000001_2000sps.cu8: expected the rate of a.sigmf-meta, 1000 Hz, "
                                                "got 2000 Hz"));
}

TEST_F(OfFiles, WhatIsPackedIsNoPartOfOne) {
    add("a.cu8", 0, 4);
    add("b.cu8", 4, 4);
    ASSERT_EQ(std::system(("gzip " + data / "b.cu8").c_str()), 0);
    EXPECT_THAT(refusal(data.path()), HasSubstr("b.cu8.gz: expected a file that can be read from any place"));
}

TEST_F(OfFiles, AnnotationsAreAtTheirPlaces) {
    const std::string burst = R"({"core:sample_start": 3, "core:sample_count": 100, "core:label": "burst"})";
    add_sigmf("a", 0, 10, "2026-01-01T00:00:00Z", burst);
    add_sigmf("b", 10, 10, "2026-01-01T00:00:00.010Z", burst);
    const Recording r = read(data.path());
    const Value::List& list = r.header.at("annotations").list();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].at("core:sample_start").integer(), 13);
    EXPECT_EQ(list[0].at("core:sample_count").integer(), 7);  // to the end of its file
    EXPECT_EQ(r.header.at("global").at("core:datatype").string(), "cu8");
}

TEST_F(OfFiles, AFileThatChangedSinceIsNotRead) {
    add("a.cu8", 0, 4);
    add("b.cu8", 4, 4);
    const Recording r = read(data.path());
    add("b.cu8", 4, 3);
    const auto reader = open_samples(r, false);
    std::vector<std::byte> room(16);
    EXPECT_THROW(reader->read(0, room), Failure);
}

TEST_F(OfFiles, ManyTakeAFewBytesEach) {
    RecordingFacts file;
    file.format = "raw";
    file.type = SampleType::cf32;
    file.sample_rate = Rational(1'000'000);
    file.data_bytes = 8;
    file.length = 1;
    file.from_name = {"datatype", "datetime"};
    PackedFiles packed;
    constexpr int count = 1000;
    for (int k = 0; k < count; ++k) {
        file.path = file.data_path = fmt::format("/data/day/recording_20260101_{:06}.cf32", k);
        file.captures.resize(1);
        file.captures[0].frequency = 1e8;
        file.captures[0].utc = Time(1'767'225'600 + k, Rational());
        packed.add(file);
    }
    const auto text = std::make_shared<const std::string>(packed.take());
    EXPECT_LT(text->size(), std::size_t(40 * count));
    FilesInOrder files(text);
    for (int k = 0; k < count; ++k) {
        ASSERT_TRUE(files.next());
        EXPECT_EQ(files.file().path, fmt::format("/data/day/recording_20260101_{:06}.cf32", k));
        EXPECT_EQ(files.file().from_name, file.from_name);
        EXPECT_EQ(files.file().captures[0].utc, Time(1'767'225'600 + k, Rational()));
        EXPECT_EQ(files.file().length, 1U);
    }
    EXPECT_FALSE(files.next());
}

}  // namespace
}  // namespace flowspan::io

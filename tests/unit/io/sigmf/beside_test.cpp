// Headers for recordings that are there already: read back, they lead to the same samples.
#include "io/sigmf/beside.hpp"

#include "io/formats/formats.hpp"

#include "io/recording/layout.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/writer.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>

#include "tests/unit/io/folder.hpp"

namespace flowspan::io {
namespace {
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// What a source makes of it, with a rate, a type and a centre of its own.
RecordingPlaces read_as(RecordingFacts r, SampleType type, std::optional<Rational> rate, std::optional<double> centre) {
    if (r.format == "raw") r = as_datatype(r, {type, false});
    if (rate) r.sample_rate = rate;
    if (r.captures.empty()) r.captures.emplace_back();
    if (centre)
        for (Capture& c : r.captures) c.frequency = centre;
    RecordingPlaces places;
    places.recording = std::move(r);
    return places;
}

Recording written(const Folder& folder, const std::string& name, const Recording& r, const RecordingPlaces* read) {
    const SigmfHeader header = sigmf_beside(r, read, folder / name);
    return read_recording(folder.write(name, sigmf_text(header.global, header.captures, header.annotations)));
}

std::string samples_of(const Recording& r) {
    std::string all(std::size_t(r.length * size_of(r.type) * r.channels), '?');
    open_samples(r, false)->read(0, std::as_writable_bytes(std::span(all)));
    return all;
}

std::string little(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t k = 0; k < bytes; ++k) text += char(value >> (8 * k) & 0xff);
    return text;
}

/// 100 samples of I and Q behind a chunk that is none of ours, before another.
std::string wav(const std::string& before, const std::string& behind) {
    std::string data;
    for (int k = 0; k < 400; ++k) data += char(k * 7);
    const std::string format = "fmt " + little(16, 4) + little(1, 2) + little(2, 2) + little(48000, 4) + little(192000, 4) +
                               little(4, 2) + little(16, 2);
    const std::string chunks = "WAVE" + format + before + "data" + little(400, 4) + data + behind;
    return "RIFF" + little(chunks.size(), 4) + chunks;
}

TEST(SigmfBeside, AWavIsReadBehindItsHeader) {
    const std::string list = "LIST" + little(6, 4) + "INFOxx";
    for (const std::string& before : {std::string(), list})
        for (const std::string& behind : {std::string(), list, std::string("x")}) {
            const Folder folder;
            const Recording r = read_recording(folder.write("in.wav", wav(before, behind)));
            const Recording back = written(folder, "notes.sigmf-meta", r, nullptr);
            EXPECT_EQ(back.data_path, folder / "in.wav");
            EXPECT_EQ(back.length, 100U);
            EXPECT_EQ(back.type, SampleType::ci16);
            EXPECT_EQ(back.sample_rate, Rational(48000));
            EXPECT_TRUE(samples_of(back) == samples_of(r));
            EXPECT_EQ(back.header.at("captures").list()[0].at("core:header_bytes").integer(), 44 + std::int64_t(before.size()));
            EXPECT_EQ(back.header.at("global").find("core:trailing_bytes") != nullptr, !behind.empty());
            EXPECT_THAT(back.warnings, ElementsAre());
        }
}

TEST(SigmfBeside, AWavThatSigmfHasNoWordsForIsRefused) {
    const Folder folder;
    const auto head = [](unsigned bits) {
        return "RIFF" + little(0, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) + little(1, 2) + little(48000, 4) +
               little(0, 6) + little(bits, 2);
    };
    const auto beside = [&](const std::string& content) {
        return sentence_of(
            [&] { sigmf_beside(read_recording(folder.write("in.wav", content)), nullptr, folder / "a.sigmf-meta"); });
    };
    EXPECT_EQ(beside(head(24) + "data" + little(6, 4) + "abcdef"),
              "no header can lead to its samples: they have 24 bits, for which SigMF has no type");
    EXPECT_EQ(beside(head(16) + "kiwi" + little(10, 4) + std::string(10, 'x') + "data" + little(6, 4) + "abcdef"),
              "no header can lead to its samples: they lie in many chunks");
    // 8 bits are what SigMF calls unsigned.
    const Recording back = written(folder, "b.sigmf-meta",
                                   read_recording(folder.write("in.wav", head(8) + "data" + little(6, 4) + "abcdef")), nullptr);
    EXPECT_EQ(back.type, SampleType::ru8);
    EXPECT_EQ(samples_of(back), "abcdef");
}

TEST(SigmfBeside, SamplesInManyFilesAreRefused) {
    const Folder folder;
    std::filesystem::create_directory(folder / "parts");
    for (const char* part : {"a_20240101_000000.wav", "a_20240101_000001.wav"})
        folder.write(std::string("parts/") + part, wav("", ""));
    for (const std::string path : {"parts", "parts/*.wav"})
        EXPECT_EQ(sentence_of([&] { sigmf_beside(read_recording(folder / path), nullptr, folder / "a.sigmf-meta"); }),
                  "no header can lead to its samples: they lie in many files");
}

TEST(SigmfBeside, RawSamplesAreWhatTheirSourceSays) {
    const Folder folder;
    const Recording r = read_recording(folder.write("in.bin", std::string(4000, 'x')));
    EXPECT_EQ(sentence_of([&] { sigmf_beside(r, nullptr, folder / "notes.sigmf-meta"); }),
              "its samples have no type: give its source `datatype`");
    RecordingPlaces read = read_as(r, SampleType::ci16, Rational(2000000), 433e6);
    read.recording.big_endian = true;
    const Recording back = written(folder, "notes.sigmf-meta", r, &read);
    EXPECT_EQ(back.data_path, folder / "in.bin");
    EXPECT_EQ(back.length, 1000U);
    EXPECT_EQ(back.type, SampleType::ci16);
    EXPECT_TRUE(back.big_endian);
    EXPECT_EQ(back.sample_rate, Rational(2000000));
    EXPECT_EQ(back.frequency, 433e6);
}

TEST(SigmfBeside, TheNameOfARawRecordingSaysItsTime) {
    const Folder folder;
    const Recording r = read_recording(folder.write("gqrx_20190829_190820_433920000_1800000_fc.raw", std::string(800, 'x')));
    const Recording back = written(folder, "notes.sigmf-meta", r, nullptr);
    ASSERT_EQ(back.captures.size(), 1U);
    EXPECT_EQ(back.captures[0].utc, r.captures[0].utc);
    EXPECT_EQ(back.captures[0].frequency, 433920000.0);
}

constexpr const char* two_captures =
    R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0", "core:offset": 50, "core:trailing_bytes": 3, "my:key": 1,
        "core:dataset": "samples.bin"},
    "captures": [{"core:sample_start": 50, "core:header_bytes": 5}, {"core:sample_start": 60, "core:frequency": 7, "core:header_bytes": 2}],
    "annotations": [{"core:sample_start": 55}]})";

TEST(SigmfBeside, AHeaderIsCarriedOverAndCompleted) {
    const Folder folder;
    folder.write("samples.bin", std::string(50, 'x') + std::string(50, 'y'));
    const Recording r = read_recording(folder.write("in.sigmf-meta", two_captures));
    RecordingPlaces read = read_as(r, r.type, Rational(1000), {});
    read.recording.captures[0].frequency = 9;
    for (const RecordingPlaces* known :
         {static_cast<const RecordingPlaces*>(nullptr), static_cast<const RecordingPlaces*>(&read)}) {
        const Recording back = written(folder, "notes.sigmf-meta", r, known);
        EXPECT_EQ(back.data_path, folder / "samples.bin");
        EXPECT_EQ(back.length, 45U);
        EXPECT_TRUE(samples_of(back) == samples_of(r));
        EXPECT_EQ(back.header.at("global").at("my:key"), Value(1));
        EXPECT_EQ(back.header.at("annotations"), r.header.at("annotations"));
        EXPECT_EQ(back.sample_rate.has_value(), known != nullptr);
        EXPECT_EQ(back.captures[0].frequency.has_value(), known != nullptr);
        EXPECT_EQ(back.captures[1].frequency, 7.0);
    }
}

TEST(SigmfBeside, APairNeedsNoDataset) {
    const Folder folder;
    folder.write("a.sigmf-data", std::string(100, 'x'));
    const Recording r = read_recording(folder.write(
        "a.sigmf-meta", R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0"}, "captures": [], "annotations": []})"));
    EXPECT_EQ(sigmf_beside(r, nullptr, folder / "a.sigmf-meta").global.count("core:dataset"), 0U);
    EXPECT_EQ(sigmf_beside(r, nullptr, folder / "a").global.count("core:dataset"), 0U);
    EXPECT_EQ(sigmf_beside(r, nullptr, folder / "b.sigmf-meta").global.at("core:dataset"), Value("a.sigmf-data"));
    std::filesystem::create_directory(folder / "sub");
    EXPECT_EQ(sigmf_beside(r, nullptr, folder / "sub/../b").global.at("core:dataset"), Value("a.sigmf-data"));
}

TEST(SigmfBeside, DataElsewhereIsNamedUnderOurOwnNamespace) {
    const Folder folder;
    folder.write("samples.bin", std::string(50, 'x') + std::string(50, 'y'));
    const Recording r = read_recording(folder.write("in.sigmf-meta", two_captures));
    std::filesystem::create_directory(folder / "out");
    const Recording back = written(folder, "out/deep/notes.sigmf-meta", r, nullptr);
    const Value& global = back.header.at("global");
    EXPECT_EQ(global.at("core:metadata_only"), Value(true));
    EXPECT_EQ(global.find("core:dataset"), nullptr);
    EXPECT_EQ(global.at("flowspan:dataset"), Value("../../samples.bin"));
    EXPECT_TRUE(samples_of(back) == samples_of(r));
    EXPECT_EQ(back.identity, r.identity);
    // And from there beside the data again.
    const Recording again = written(folder, "again.sigmf-meta", back, nullptr);
    EXPECT_EQ(again.header.at("global").at("core:dataset"), Value("samples.bin"));
    EXPECT_EQ(again.header.at("global").find("core:metadata_only"), nullptr);
    EXPECT_EQ(again.header.at("global").find("flowspan:dataset"), nullptr);
    // Without its data a header is still one.
    std::filesystem::remove(folder / "samples.bin");
    const Recording alone = read_recording(folder / "out/deep/notes.sigmf-meta");
    EXPECT_EQ(alone.data_path, "");
    EXPECT_EQ(alone.captures.size(), 2U);
}

TEST(SigmfBeside, NoHeaderLeadsIntoAnArchive) {
    Recording r;
    r.format = "sigmf";
    r.path = r.data_path = "in.sigmf";
    EXPECT_EQ(sentence_of([&] { sigmf_beside(r, nullptr, "notes.sigmf-meta"); }),
              "no header can lead to its samples: they lie within an archive");
}

TEST(SigmfBeside, AloneItHoldsWhatTheSourceKnows) {
    RecordingPlaces own;
    own.generated = true;
    own.recording.type = SampleType::cf32;
    own.recording.sample_rate = Rational(1000);
    Capture capture;
    capture.frequency = 5;
    capture.utc = Time(1577836800, Rational());
    own.recording.captures = {capture};
    const SigmfHeader header = sigmf_alone(own);
    EXPECT_EQ(header.global, (Value::Map{{"core:datatype", "cf32_le"},
                                         {"core:version", "1.2.0"},
                                         {"core:recorder", "flowspan"},
                                         {"core:sample_rate", 1000},
                                         {"core:metadata_only", true}}));
    EXPECT_EQ(header.captures,
              (Value::List{
                  Value::Map{{"core:sample_start", 0}, {"core:frequency", 5.0}, {"core:datetime", "2020-01-01T00:00:00Z"}}}));
}

}  // namespace
}  // namespace flowspan::io

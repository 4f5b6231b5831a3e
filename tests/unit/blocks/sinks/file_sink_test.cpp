#include "io/formats/npy.hpp"

#include <gmock/gmock.h>

#include "tests/unit/blocks/files.hpp"

#include <flowspan/version.hpp>

namespace flowspan::test {
namespace {
using testing::HasSubstr;

TEST(FileSink, WritesSamplesAsTheyAre) {
    for (const std::size_t length : {0, 1, 997}) {
        const auto samples = ramp(length);
        const Written out = written_in_any_chunks("file_sink", {{"path", "sub/a.cf32"}}, {Stream::of(samples, Rational(1000))});
        EXPECT_EQ(out.files, (Files{{"sub/a.cf32", bytes_of(samples)}}));
        EXPECT_EQ(out.results.at("samples").integer(), std::int64_t(length));
    }
    const auto large = ramp(1000003);
    EXPECT_TRUE(written("file_sink", {{"path", "a"}}, {Stream::of(large)}).files == (Files{{"a", bytes_of(large)}}));
}

/// Two retunes and a gap.
Stream broken_stream() {
    Stream stream = Stream::of(ramp(100), Rational(1000));
    stream.description.center_frequency = 1e6;
    stream.description.utc = parse_rfc3339("2020-01-01T00:00:00Z");
    stream.stretches = {{40, {Break::retune, 0}, 2e6, parse_rfc3339("2020-01-01T00:00:00.040Z")},
                        {70, {Break::gap, 7}, 2e6, parse_rfc3339("2020-01-01T00:00:00.077Z")}};
    return stream;
}

TEST(FileSink, ASigmfRecordingHasACaptureForEveryStretch) {
    const Written out = written_in_any_chunks("file_sink", {{"path", "a.sigmf-meta"}, {"checksum", true}, {"description", "d"}},
                                              {broken_stream()});
    ASSERT_EQ(out.files.size(), 2u);
    EXPECT_EQ(out.files.at("a.sigmf-data"), bytes_of(ramp(100)));
    EXPECT_EQ(out.files.at("a.sigmf-meta"), R"({
  "global": {
    "core:datatype": "cf32_le",
    "core:description": "d",
    "core:extensions": [
      {
        "name": "flowspan",
        "optional": true,
        "version": "1.0.0"
      }
    ],
    "core:recorder": "flowspan",
    "core:sample_rate": 1000,
    "core:sha512": "01d46838a9d8a00f116a2116392febacf80088fc20d1de373550354e9da1b1d8f30f6572f2d0a93e2dafd5eed947c6f4ad2359ad02a78871bfa1883ded61af66",
    "core:version": "1.2.0",
    "flowspan:version": ")" + std::string(version) +
                                                R"("
  },
  "captures": [
    {
      "core:datetime": "2020-01-01T00:00:00Z",
      "core:frequency": 1000000.0,
      "core:global_index": 0,
      "core:sample_start": 0
    },
    {
      "core:datetime": "2020-01-01T00:00:00.04Z",
      "core:frequency": 2000000.0,
      "core:global_index": 40,
      "core:sample_start": 40
    },
    {
      "core:datetime": "2020-01-01T00:00:00.077Z",
      "core:frequency": 2000000.0,
      "core:global_index": 77,
      "core:sample_start": 70
    }
  ],
  "annotations": []
}
)");
}

TEST(FileSink, WhatItWritesASourceReadsBack) {
    const Folder folder;
    Options options = reading();
    options.out = folder.path();
    run("file_sink", {{"path", "a"}, {"format", "sigmf"}}, {broken_stream()}, options);
    const Stream back =
        run("file_source", {{"path", folder / "a.sigmf-meta"}, {"gaps", "restart"}, {"retune", "restart"}}, {}, options)
            .outputs.at(0);
    const Stream there = broken_stream();
    EXPECT_TRUE(back.bytes == there.bytes);
    EXPECT_EQ(back.description.center_frequency, 1e6);
    EXPECT_EQ(back.description.utc, there.description.utc);
    ASSERT_EQ(back.stretches.size(), 2u);
    for (std::size_t k = 0; k < 2; ++k) {
        EXPECT_EQ(back.stretches[k].index, there.stretches[k].index);
        EXPECT_EQ(back.stretches[k].what, there.stretches[k].what);
        EXPECT_EQ(back.stretches[k].center_frequency, there.stretches[k].center_frequency);
        EXPECT_EQ(back.stretches[k].utc, there.stretches[k].utc);
    }
}

TEST(FileSink, AnArrayIsOneThatNumPyReads) {
    const std::vector<cf32> samples = ramp(1234);
    const auto array = [](const Stream& stream) {
        return written_in_any_chunks("file_sink", {{"path", "a.npy"}}, {stream}).files.at("a.npy");
    };
    EXPECT_EQ(array(Stream::of(samples)), io::npy_header(SampleType::cf32, 1234, 1) + bytes_of(samples));
    const std::vector<ci16> integers{{1, 2}, {3, -4}, {5, 6}};
    EXPECT_EQ(array(Stream::of(integers)), io::npy_header(SampleType::ri16, 3, 2) + bytes_of(integers));
    Stream channels = Stream::of(std::vector<f32>{1, 2, 3, 4, 5, 6});
    channels.description.shape = {Axis{.name = "channel", .unit = "", .size = 3}};
    EXPECT_EQ(array(channels), io::npy_header(SampleType::rf32, 2, 3) +
                                   std::string(reinterpret_cast<const char*>(channels.bytes.data()), channels.bytes.size()));
    EXPECT_EQ(array(Stream::of(std::vector<f64>{})), io::npy_header(SampleType::rf64, 0, 1));
}

TEST(FileSink, AnEmptySigmfRecordingIsOneToo) {
    const Written out = written("file_sink", {{"path", "a.sigmf-data"}}, {Stream::of(std::vector<f32>{}, Rational(1))});
    EXPECT_EQ(out.files.at("a.sigmf-data"), "");
    const Recording r = io::interpret_sigmf(Value::from_json(out.files.at("a.sigmf-meta")), "a", 0);
    EXPECT_EQ(r.type, SampleType::rf32);
    EXPECT_EQ(r.captures.size(), 1u);
}

TEST(FileSink, AFullDiskEndsTheRunWithTheReason) {
    const Stream stream = Stream::of(ramp(10));
    EXPECT_EQ(sentence_of([&] {
                  run("file_sink", {{"path", "/dev/full"}}, {stream});
              }),
              "cannot write /dev/full: No space left on device");
    EXPECT_EQ(sentence_of([&] { run("file_sink", {{"path", "/dev/null"}}, {stream}); }), "");
}

TEST(FileSink, RawSamplesHaveNoPlaceForAChecksum) {
    EXPECT_THAT(sentence_of([&] {
                    written("file_sink", {{"path", "a.cf32"}, {"checksum", true}}, {Stream::of(ramp(1))});
                }),
                HasSubstr("checksum: expected `format: sigmf`: raw samples have no header to hold one"));
}

TEST(FileSink, AnArchiveIsOneProductWithItsHeader) {
    for (const std::size_t length : {0, 1, 64, 997}) {
        const auto samples = ramp(length);
        const Written out = written_in_any_chunks("file_sink", {{"path", "sub/a.sigmf"}, {"checksum", true}},
                                                  {Stream::of(samples, Rational(1000))});
        ASSERT_EQ(out.files.size(), 1U);
        const Written pair =
            written("file_sink", {{"path", "a.sigmf-meta"}, {"checksum", true}}, {Stream::of(samples, Rational(1000))});
        const Folder folder;
        const Recording r = io::read_recording(folder.write("b.sigmf", out.files.at("sub/a.sigmf")));
        EXPECT_EQ(r.length, length);
        EXPECT_EQ(r.header, Value::from_json(pair.files.at("a.sigmf-meta")));
        EXPECT_EQ(out.files.at("sub/a.sigmf").substr(r.captures.at(0).header_bytes, length * 8), bytes_of(samples));
        EXPECT_EQ(out.files.at("sub/a.sigmf").size() % 512, 0U);
        Options options = reading();
        EXPECT_TRUE(run("file_source", {{"path", folder / "b.sigmf#a"}, {"checksum", true}}, {}, options).outputs.at(0).bytes ==
                    Stream::of(samples).bytes);
    }
}

}  // namespace
}  // namespace flowspan::test

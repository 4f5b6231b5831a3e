#include <gmock/gmock.h>

#include "tests/unit/blocks/files.hpp"

namespace flowspan::test {
namespace {

// What is in the files is read back by HDF5's own reader in tests/unit/io/hdf5_writer_test.cpp.

bool is_hdf5(const std::string& file) { return file.starts_with("\x89HDF\r\n\x1a\n"); }

TEST(Hdf5Sink, TheBytesDependOnTheItemsAlone) {
    for (const std::size_t length : {0, 1, 997}) {
        Stream stream = Stream::of(ramp(length * 4), Rational(200, 3));
        stream.description.shape = {{"frequency", "Hz", 4, -2, 1}};
        const Written out = written_in_any_chunks("hdf5_sink", {{"path", "a.h5"}}, {stream});
        ASSERT_EQ(out.files.size(), 1u);
        EXPECT_TRUE(is_hdf5(out.files.at("a.h5")));
        EXPECT_EQ(out.results.at("items").integer(), std::int64_t(length));
    }
}

TEST(Hdf5Sink, MoreThanOneStorageChunkGivesTheSameBytesToo) {
    const auto samples = ramp(400003);
    Options options;
    options.seed = 3;
    const Written whole = written("hdf5_sink", {{"path", "a.h5"}}, {Stream::of(samples)});
    EXPECT_TRUE(written("hdf5_sink", {{"path", "a.h5"}}, {Stream::of(samples)}, options).files == whole.files);
    EXPECT_GT(whole.files.at("a.h5").size(), samples.size() * sizeof(cf32));
}

TEST(Hdf5Sink, EveryStretchGetsAFileOfItsOwn) {
    Stream stream = Stream::of(ramp(100), Rational(1000));
    stream.stretches = {{40, {Break::retune, 0}, 2e6, {}}};
    const Written out = written_in_any_chunks("hdf5_sink", {{"path", "a.h5"}}, {stream});
    ASSERT_EQ(out.files.size(), 2u);
    EXPECT_TRUE(is_hdf5(out.files.at("a.2.h5")));
    EXPECT_EQ(out.results.at("items").integer(), 100);
}

TEST(Hdf5Sink, GoesOnInOneFileAtARetuneOfTheRecordingWhereItIsToldSoButNotAtAGap) {
    Stream stream = Stream::of(ramp(100), Rational(1000));
    stream.stretches = {{40, {Break::retune, 0}, 2e6, {}}, {70, {Break::gap, 5}, 2e6, {}}};
    const Written out = written_in_any_chunks("hdf5_sink", {{"path", "a.h5"}, {"retune", "continue"}}, {stream});
    EXPECT_EQ(out.files.size(), 2u);
    EXPECT_EQ(out.results.at("items").integer(), 100);
}

TEST(Hdf5Sink, AFullDiskEndsTheRunWithTheReason) {
    EXPECT_EQ(sentence_of([&] {
                  run("hdf5_sink", {{"path", "/dev/full"}}, {Stream::of(ramp(10))});
              }),
              "cannot write /dev/full: No space left on device");
}

}  // namespace
}  // namespace flowspan::test

// Digital RF channels as they are written: read back, and the same bytes however samples come in.
#include "io/drf/write/writer.hpp"
#include "io/formats/formats.hpp"
#include "io/publish/product.hpp"
#include "io/recording/recording_reader.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>

#include <map>
#include <vector>

namespace flowspan::io {
namespace {
using namespace test;
using Samples = std::vector<std::int16_t>;

/// Pieces of `at_once` rows of I = k, Q = -k; a gap of 40 samples before row 130, a retune at row 200.
std::map<std::string, std::string> written(const Folder& folder, std::size_t at_once, const Rational& rate) {
    Publisher publisher("r1");
    drf::ChannelWriter writer(publisher.create(folder / "ch0"), {rate, 10, 1000}, SampleType::ci16, 1);
    constexpr std::uint64_t first = 1'000'000'037;
    for (std::size_t row = 0; row < 500;) {
        std::size_t end = std::min<std::size_t>(row + at_once, 500);
        for (const std::size_t edge : {130, 200})
            if (row < edge) end = std::min(end, edge);
        Samples samples;
        for (std::size_t k = row; k < end; ++k) samples.insert(samples.end(), {std::int16_t(k), std::int16_t(-int(k))});
        writer.append(first + row + (row >= 130 ? 40 : 0), std::as_bytes(std::span(samples)), row < 200 ? 1e8 : 1.5e8);
        row = end;
    }
    writer.complete();
    publisher.publish();
    std::map<std::string, std::string> files;
    for (const std::string& name : folder.names()) files[name] = content_of(folder / name);
    return files;
}

TEST(DigitalRfWriter, WhatItWritesIsReadBack) {
    for (const Rational rate : {Rational(100), Rational(200, 3), Rational(7)}) {
        const Folder folder;
        written(folder, 500, rate);
        const Recording r = read_recording(folder / "ch0");
        EXPECT_TRUE(r.warnings.empty());
        EXPECT_EQ(r.length, 500U);
        EXPECT_EQ(r.sample_rate, rate);
        ASSERT_EQ(r.captures.size(), 3U);
        EXPECT_EQ(r.captures[0].utc, Time::of(1'000'000'037, rate));
        EXPECT_EQ(r.captures[1].start, 130U);
        EXPECT_EQ(r.captures[1].global_index, 1'000'000'037U + 170);
        EXPECT_EQ(r.captures[1].frequency, 1e8);
        EXPECT_EQ(r.captures[2].start, 200U);
        EXPECT_EQ(r.captures[2].frequency, 1.5e8);
        Samples samples(1000);
        open_samples(r, false)->read(0, std::as_writable_bytes(std::span(samples)));
        for (int k = 0; k < 500; ++k) ASSERT_EQ(samples[std::size_t(2 * k)], k);
    }
}

TEST(DigitalRfWriter, PiecesOfAnySizeMakeTheSameBytes) {
    const Folder folder;
    const auto whole = written(folder, 500, Rational(200, 3));
    EXPECT_GT(whole.size(), 5U);
    for (const std::size_t at_once : {1, 7, 66, 67, 130}) {
        const Folder other;
        EXPECT_TRUE(written(other, at_once, Rational(200, 3)) == whole) << at_once;
    }
}

}  // namespace
}  // namespace flowspan::io

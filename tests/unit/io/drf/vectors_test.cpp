// Channels that digital_rf of PyPI has written (scripts/oracles/digital_rf_vectors.py says what is in them).
#include "io/formats/formats.hpp"
#include "io/recording/layout.hpp"
#include "io/recording/recording_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace flowspan::io {
namespace {

std::string channel(const std::string& name) {
    return std::string(FLOWSPAN_SOURCE_DIR) + "/tests/unit/io/data/digital_rf/" + name;
}

TEST(DigitalRfOfOthers, GappedWithMetadata) {
    const Recording r = read_recording(channel("gapped"));
    EXPECT_EQ(r.type, SampleType::ci16);
    EXPECT_EQ(r.sample_rate, Rational(200, 3));
    EXPECT_EQ(r.length, 64U);
    EXPECT_FALSE(r.missing_inside);
    ASSERT_EQ(r.captures.size(), 3U);
    EXPECT_EQ(r.captures[0].global_index, 67U);
    EXPECT_EQ(r.captures[0].utc, Time(1, Rational(1, 200)));
    EXPECT_EQ(r.captures[0].frequency, 1e8);
    EXPECT_EQ(r.captures[1].start, 23U);
    EXPECT_EQ(r.captures[1].global_index, 93U);
    EXPECT_EQ(r.captures[2].start, 30U);
    EXPECT_EQ(r.captures[2].global_index, 100U);
    EXPECT_EQ(r.captures[2].frequency, 1.25e8);
    std::vector<std::int16_t> samples(128);
    open_samples(r, false)->read(0, std::as_writable_bytes(std::span(samples)));
    for (int k = 0; k < 64; ++k) {
        EXPECT_EQ(samples[std::size_t(2 * k)], k);
        EXPECT_EQ(samples[std::size_t(2 * k + 1)], -k);
    }
}

TEST(DigitalRfOfOthers, ContinuousWithFill) {
    const Recording r = read_recording(channel("continuous"));
    EXPECT_EQ(r.type, SampleType::cf32);
    EXPECT_EQ(r.channels, 2U);
    EXPECT_TRUE(r.missing_inside);
    EXPECT_EQ(r.length, 40U);
    ASSERT_EQ(r.captures.size(), 1U);
    EXPECT_EQ(r.captures[0].utc, Time(0, Rational(1, 4)));
    std::vector<float> numbers(160);
    const auto reader = open_samples(r, false);
    reader->read(0, std::as_writable_bytes(std::span(numbers)));
    // By file, of which the first has 15 rows from sample 5 on.
    ASSERT_EQ(reader->missing().size(), 1U);
    EXPECT_EQ(reader->missing()[0].first, 10U);
    EXPECT_EQ(reader->missing()[0].count, 10U);
    for (std::size_t k = 0; k < 40; ++k) {
        const bool there = k < 10 || k >= 20;
        const float sample = float(k) + 5;
        EXPECT_EQ(numbers[4 * k], there ? sample + 0.5F : 0.0F) << k;
        EXPECT_EQ(numbers[4 * k + 1], there ? -sample : 0.0F) << k;
        EXPECT_EQ(numbers[4 * k + 2], there ? 2 * sample : 0.0F) << k;
        EXPECT_EQ(std::isnan(numbers[4 * k + 3]), there) << k;
    }
}

TEST(DigitalRfOfOthers, RealOnesWhereTheyAreAtHand) {
    const char* const named = std::getenv("FLOWSPAN_DATA");
    const std::filesystem::path data = named != nullptr ? named : FLOWSPAN_SOURCE_DIR "/../shared/data";
    const std::string gapped = (data / "digital_rf/sc16_x1_n200_d3_10s_1000ms_c0").string();
    if (!std::filesystem::exists(gapped)) GTEST_SKIP() << "no " << gapped << " (FLOWSPAN_DATA names its folder)";
    const Recording r = read_recording(gapped);
    EXPECT_EQ(r.length, 798U);
    EXPECT_EQ(lay_out(r, Gaps::zeros, Retunes::error).length, 1000U);
    std::vector<std::uint64_t> gaps;
    for (const StretchStart& s : lay_out(r, Gaps::restart, Retunes::error).stretches) gaps.push_back(s.what.missing);
    EXPECT_EQ(gaps, (std::vector<std::uint64_t>{0, 67, 133, 2}));
    const Recording noise = read_recording((data / "digital_rf/example_ch0").string());
    EXPECT_NEAR(noise.frequency.value_or(0), 440e6, 1e-3);
    EXPECT_EQ(noise.length, 9999U);  // its first row is fill
    EXPECT_EQ(noise.captures.at(0).utc, Time(1567105700, Rational(1, 10000)));
}

}  // namespace
}  // namespace flowspan::io

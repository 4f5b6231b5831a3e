#include <gmock/gmock.h>

#include <cmath>

#include "blocks/row_average.hpp"
#include "tests/unit/blocks/files.hpp"

namespace flowspan::test {
namespace {
using testing::HasSubstr;

std::vector<cf32> tone(std::size_t length, double cycles_per_sample) {
    std::vector<cf32> samples;
    for (std::size_t k = 0; k < length; ++k) {
        const double phase = 2 * M_PI * cycles_per_sample * double(k);
        samples.emplace_back(float(std::cos(phase)), float(std::sin(phase)));
    }
    return samples;
}

bool is_png(const std::string& file) { return file.starts_with("\x89PNG\r\n\x1a\n"); }

TEST(WaterfallPng, TheBytesDependOnTheSamplesAlone) {
    for (const std::size_t length : {0, 1, 63, 64, 9973}) {
        Stream stream = Stream::of(tone(length, 0.1), Rational(1000));
        stream.description.center_frequency = 1e6;
        const Written out = written_in_any_chunks("waterfall_png", {{"path", "a.png"}, {"size", 64}, {"height", 16}}, {stream});
        ASSERT_EQ(out.files.size(), 1u);
        EXPECT_TRUE(is_png(out.files.at("a.png"))) << length;
    }
}

TEST(WaterfallPng, DrawsSpectraToo) {
    Stream stream = Stream::of(std::vector<f32>(64 * 31, 0.5F), Rational(10));
    stream.description.shape = {{"frequency", "Hz", 64, -500, 1000.0 / 64}};
    const Written out = written_in_any_chunks("waterfall_png", {{"path", "a.png"}, {"height", 8}}, {stream});
    EXPECT_TRUE(is_png(out.files.at("a.png")));
}

TEST(WaterfallPng, EveryStretchGetsAPictureOfItsOwn) {
    Stream stream = Stream::of(tone(1000, 0.2), Rational(1000));
    stream.stretches = {{400, {Break::retune, 0}, 2e6, {}}};
    const Written out = written_in_any_chunks("waterfall_png", {{"path", "a.png"}, {"size", 64}}, {stream});
    EXPECT_EQ(out.files.size(), 2u);
    EXPECT_TRUE(is_png(out.files.at("a.2.png")));
}

TEST(WaterfallPng, RefusesWhatItCannotDraw) {
    const auto refusal = [](const Value::Map& more, const Stream& stream) {
        Value::Map parameters = more;
        parameters["path"] = "a.png";
        return sentence_of([&] { written("waterfall_png", parameters, {stream}); });
    };
    EXPECT_THAT(refusal({}, Stream::of(std::vector<f32>(10))),
                HasSubstr("expected complex samples, or items with a frequency axis, got real samples"));
    EXPECT_THAT(refusal({{"height", 7}}, Stream::of(tone(10, 0))), HasSubstr("height: expected an even number, got 7"));
    EXPECT_THAT(refusal({{"low", 3.0}, {"high", 2.0}}, Stream::of(tone(10, 0))), HasSubstr("high: expected more than low"));
}

TEST(WaterfallPng, AFullDiskEndsTheRunWithTheReason) {
    EXPECT_EQ(sentence_of([&] {
                  run("waterfall_png", {{"path", "/dev/full"}}, {Stream::of(tone(2000, 0))});
              }),
              "cannot write /dev/full: No space left on device");
}

TEST(RowAverage, MergesNeighboursWhenItsRowsAreFull) {
    blocks::RowAverage rows(1, 4);
    for (int frame = 1; frame <= 11; ++frame) {
        *rows.row() += frame;
        rows.added();
    }
    // After 4 frames rows hold 2, after 8 they hold 4: (1..4), (5..8), (9..11).
    EXPECT_EQ(rows.frames(), 11u);
    EXPECT_EQ(rows.frames_per_row(), 4u);
    ASSERT_EQ(rows.rows(), 3u);
    EXPECT_EQ(rows.mean(0, 0), 2.5);
    EXPECT_EQ(rows.mean(1, 0), 6.5);
    EXPECT_EQ(rows.mean(2, 0), 10);
}

}  // namespace
}  // namespace flowspan::test

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "blocks/sinks/row_average.hpp"
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

TEST(WaterfallPng, GoesOnInOnePictureAtARetuneOfTheRecordingWhereItIsToldSo) {
    Stream stream = Stream::of(tone(1000, 0.2), Rational(1000));
    stream.stretches = {{400, {Break::retune, 0}, 2e6, {}}};
    EXPECT_EQ(written_in_any_chunks("waterfall_png", {{"path", "a.png"}, {"size", 64}, {"retune", "continue"}}, {stream})
                  .files.size(),
              1u);
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

/// A number of many magnitudes, so that another order of sums shows.
double number(std::uint64_t frame, std::size_t column) {
    const std::uint64_t h = (frame * 2 + column + 1) * 0x9e3779b97f4a7c15U;
    return std::exp2(double(h % 24)) * double(h >> 16) / 3;
}

blocks::RowAverage average_of(std::uint64_t first, std::uint64_t end, std::size_t most_rows) {
    blocks::RowAverage average(2, most_rows, first);
    for (std::uint64_t i = first; i < end; ++i) average.add([i](std::size_t c) { return number(i, c); });
    return average;
}

/// Frames, frames per row, and every row.
std::vector<double> all_of(const blocks::RowAverage& average) {
    std::vector<double> all{double(average.frames()), double(average.frames_per_row()), double(average.rows())};
    for (std::size_t r = 0; r < average.rows(); ++r) {
        double means[2];
        average.mean(r, means);
        all.insert(all.end(), means, means + 2);
    }
    return all;
}

TEST(RowAverage, MergesNeighboursWhenItsRowsAreFull) {
    blocks::RowAverage rows(1, 4);
    for (int frame = 1; frame <= 11; ++frame) rows.add([frame](std::size_t) { return double(frame); });
    // After 4 frames rows hold 2, after 8 they hold 4: (1..4), (5..8), (9..11).
    EXPECT_EQ(rows.frames(), 11u);
    EXPECT_EQ(rows.frames_per_row(), 4u);
    ASSERT_EQ(rows.rows(), 3u);
    for (const auto& [row, mean] : {std::pair(0u, 2.5), {1u, 6.5}, {2u, 10.0}}) {
        double is = 0;
        rows.mean(row, &is);
        EXPECT_EQ(is, mean);
    }
}

TEST(RowAverage, NeverHasMoreThanItsRows) {
    for (const std::size_t most_rows : {2u, 4u, 10u, 16u}) {
        blocks::RowAverage rows(1, most_rows);
        for (std::uint64_t n = 1; n <= 700; ++n) {
            rows.add([](std::size_t) { return 1.0; });
            const std::uint64_t per_row = rows.frames_per_row();
            ASSERT_EQ(rows.rows(), (n + per_row - 1) / per_row);
            ASSERT_LT(n, most_rows * per_row);
            ASSERT_TRUE(per_row == 1 || n >= most_rows * per_row / 2) << "rows are no longer than they must be";
            ASSERT_LE(double(rows.nodes()), double(most_rows) + std::log2(double(per_row)));
        }
    }
}

TEST(RowAverage, SegmentsJoinToTheSameBits) {
    std::mt19937 random(1);
    int different = 0, within = 0;
    for (int trial = 0; trial < 1000; ++trial) {
        const std::size_t most_rows = 2 + 2 * (random() % 20);
        const std::uint64_t first = trial % 2 == 0 ? 0 : random() % 500, n = random() % 1000;
        std::vector<std::uint64_t> cuts{first, first + n};
        for (auto more = 1 + random() % 4; more > 0; --more) cuts.push_back(first + random() % (n + 1));
        std::sort(cuts.begin(), cuts.end());
        blocks::RowAverage joined = average_of(cuts[0], cuts[1], most_rows);
        for (std::size_t k = 1; k + 1 < cuts.size(); ++k) {
            const blocks::RowAverage next = average_of(cuts[k], cuts[k + 1], most_rows);
            different += joined.frames_per_row() != next.frames_per_row() ? 1 : 0;
            joined.join(next);
            within += cuts[k] % joined.frames_per_row() != 0 ? 1 : 0;
            ASSERT_LE(joined.rows(), most_rows);
        }
        ASSERT_EQ(all_of(joined), all_of(average_of(first, first + n, most_rows))) << "trial " << trial;
    }
    EXPECT_GT(different, 500) << "joins of different frames per row";
    EXPECT_GT(within, 500) << "boundaries within a row";
}

TEST(RowAverage, GoesOnAfterAJoin) {
    blocks::RowAverage average = average_of(0, 333, 8);
    average.join(average_of(333, 401, 8));
    for (std::uint64_t i = 401; i < 777; ++i) average.add([i](std::size_t c) { return number(i, c); });
    EXPECT_EQ(all_of(average), all_of(average_of(0, 777, 8)));
}

}  // namespace
}  // namespace flowspan::test

#include "io/products/waterfall.hpp"

#include <gd.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <memory>

namespace flowspan::io {
namespace {
using testing::DoubleEq;
using testing::ElementsAre;

struct Free {
    void operator()(gdImagePtr image) const { gdImageDestroy(image); }
};

std::unique_ptr<gdImage, Free> decoded(const std::string& png) {
    return std::unique_ptr<gdImage, Free>(gdImageCreateFromPngPtr(int(png.size()), const_cast<char*>(png.data())));
}

Waterfall checkerboard(std::size_t rows, std::size_t columns) {
    Waterfall p;
    p.rows = rows;
    p.columns = columns;
    for (std::size_t k = 0; k < rows * columns; ++k) p.db.push_back((k / columns + k % columns) % 2 == 0 ? 0.0F : -50.0F);
    p.frequency_first = 98e6;
    p.frequency_step = 1e3;
    p.frequency_unit = "Hz";
    p.time_step = 0.01;
    p.time_unit = "s";
    p.level_unit = "dBFS";
    p.title = "a title";
    p.since = "2020-01-01T00:00:00Z";
    p.low = -50;
    p.high = 0;
    return p;
}

TEST(WaterfallPng, EveryCellHasTheColourOfItsLevel) {
    const Waterfall p = checkerboard(3, 4);
    const auto image = decoded(waterfall_png(p));
    ASSERT_NE(image, nullptr);
    // 4 columns are drawn 128 pixels wide, 3 rows 86 pixels high, from (78, 30) on.
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 4; ++c)
            EXPECT_EQ(gdImageGetPixel(image.get(), 78 + 128 * c + 64, 30 + 86 * r + 43),
                      level_colour((r + c) % 2 == 0 ? 1 : 0));
}

TEST(WaterfallPng, WhatIsMissingIsGrey) {
    Waterfall p = checkerboard(3, 4);
    p.db[4 + 2] = std::nanf("");
    choose_range(p);
    EXPECT_EQ(p.low, -50) << "and has no part in the range";
    EXPECT_EQ(p.high, 0);
    const auto image = decoded(waterfall_png(p));
    EXPECT_EQ(gdImageGetPixel(image.get(), 78 + 128 * 2 + 64, 30 + 86 + 43), 0xa0a0a0);
    EXPECT_EQ(gdImageGetPixel(image.get(), 78 + 128 + 64, 30 + 86 + 43), level_colour(1));
}

TEST(WaterfallPng, TheSameContentGivesTheSameBytes) {
    EXPECT_TRUE(waterfall_png(checkerboard(7, 13)) == waterfall_png(checkerboard(7, 13)));
}

TEST(WaterfallPng, LettersMayBeOfAnySize) {
    const Letters fixed, small(13), large(52), missing = [] {
        ::setenv("FLOWSPAN_FONT", "/no/such/font.ttf", 1);  // (asked for once: a font that has been found stays)
        return Letters(20);
    }();
    if (!large.why_fixed().empty()) GTEST_SKIP() << "no scalable font: " << large.why_fixed();
    EXPECT_EQ(fixed.line_height(), 13);
    EXPECT_EQ(large.line_height(), 52);
    EXPECT_NEAR(large.width_of("100.5 MHz"), 4 * small.width_of("100.5 MHz"), 12);
    EXPECT_EQ(large.scaled(30), 120);
    EXPECT_EQ(small.scaled(30), 30);
    Waterfall p = checkerboard(3, 4);
    const auto usual = decoded(waterfall_png(p));
    p.text_size = 52;
    const auto image = decoded(waterfall_png(p));
    // The plot is the same, with larger margins.
    EXPECT_EQ(gdImageSX(image.get()), gdImageSX(usual.get()) + 3 * (78 + 96));
    EXPECT_EQ(gdImageSY(image.get()), gdImageSY(usual.get()) + 3 * (30 + 48));
    EXPECT_EQ(gdImageGetPixel(image.get(), 4 * 78 + 64, 4 * 30 + 43), level_colour(1));
    // What is written below the plot is there, and ends within the picture.
    std::size_t dark = 0;
    for (int x = 0; x < gdImageSX(image.get()); ++x)
        for (int y = gdImageSY(image.get()) - 4 * 40; y < gdImageSY(image.get()); ++y)
            dark += (gdImageGetPixel(image.get(), x, y) & 0xff) < 0x80 ? 1U : 0U;
    EXPECT_GT(dark, 2000U);
    EXPECT_TRUE(missing.why_fixed().empty() || missing.line_height() == 13);
}

TEST(WaterfallPng, NothingToShowIsAPictureToo) {
    Waterfall p;
    choose_range(p);
    p.frequency_unit = "Hz";
    p.time_unit = "s";
    const auto image = decoded(waterfall_png(p));
    ASSERT_NE(image, nullptr);
    EXPECT_GT(gdImageSX(image.get()), 512);
}

TEST(WaterfallPng, TheRangeGoesFromTheTenthPercentileToTheMaximum) {
    Waterfall p;
    for (int k = 0; k < 100; ++k) p.db.push_back(float(k) - 99.5F);
    p.db.push_back(-INFINITY);
    choose_range(p);
    EXPECT_EQ(p.low, -90);
    EXPECT_EQ(p.high, 0);
    p.db.assign(10, -20);
    choose_range(p);
    EXPECT_EQ(p.low, -20);
    EXPECT_EQ(p.high, -10) << "at least 10 dB";
}

TEST(Ticks, StandAtRoundNumbers) {
    EXPECT_THAT(ticks(0, 10, 5).at, ElementsAre(0, 2, 4, 6, 8, 10));
    EXPECT_EQ(ticks(0, 10, 5).decimals, 0);
    const Ticks fine = ticks(98.42, 98.58, 4);
    EXPECT_EQ(fine.decimals, 2);
    EXPECT_THAT(fine.at, ElementsAre(testing::DoubleNear(98.45, 1e-9), testing::DoubleNear(98.5, 1e-9),
                                     testing::DoubleNear(98.55, 1e-9)));
    EXPECT_THAT(ticks(-1000, 1000, 2).at, ElementsAre(-1000, 0, 1000));
    EXPECT_THAT(ticks(1, 1, 5).at, ElementsAre());
    EXPECT_THAT(ticks(0, INFINITY, 5).at, ElementsAre());
}

TEST(LevelColour, GrowsBrighterWithTheLevel) {
    double before = -1;
    for (int k = 0; k <= 100; ++k) {
        const int colour = level_colour(k / 100.0);
        const double luminance = 0.2126 * (colour >> 16 & 0xff) + 0.7152 * (colour >> 8 & 0xff) + 0.0722 * (colour & 0xff);
        EXPECT_GT(luminance, before) << k;
        before = luminance;
    }
    EXPECT_EQ(level_colour(-1), level_colour(0));
    EXPECT_EQ(level_colour(2), level_colour(1));
    EXPECT_EQ(level_colour(NAN), level_colour(0));
}

}  // namespace
}  // namespace flowspan::io

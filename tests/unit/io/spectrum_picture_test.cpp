#include "io/products/spectrum_picture.hpp"

#include <gd.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

namespace flowspan::io {
namespace {

struct Free {
    void operator()(gdImagePtr image) const { gdImageDestroy(image); }
};

std::unique_ptr<gdImage, Free> decoded(const std::string& png) {
    return std::unique_ptr<gdImage, Free>(gdImageCreateFromPngPtr(int(png.size()), const_cast<char*>(png.data())));
}

/// One bin a column: a line at -80 dB with a tone at -20 dB in column 50.
SpectrumPicture tone() {
    SpectrumPicture p;
    p.db.assign(100, -80);
    p.db[50] = -20;
    p.width = 100;
    p.height = 101;
    p.low = -100;
    p.high = 0;
    p.frequency_unit = "Hz";
    p.frequency_first = 98e6;
    p.frequency_step = 1e3;
    p.level_unit = "dBFS";
    return p;
}

constexpr int line_colour = 0x145496;

TEST(SpectrumPng, TheLineRunsThroughTheLevels) {
    const auto image = decoded(spectrum_png(tone()));
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(gdImageSX(image.get()), 78 + 100 + 30);
    for (const int x : {0, 10, 48, 52, 99}) EXPECT_EQ(gdImageGetPixel(image.get(), 78 + x, 30 + 80), line_colour) << x;
    EXPECT_EQ(gdImageGetPixel(image.get(), 78 + 50, 30 + 20), line_colour);
    EXPECT_NE(gdImageGetPixel(image.get(), 78 + 50, 30 + 15), line_colour);
    EXPECT_NE(gdImageGetPixel(image.get(), 78 + 20, 30 + 50), line_colour);
}

TEST(SpectrumPng, WhatIsMissingIsAGap) {
    SpectrumPicture p = tone();
    p.db[20] = std::nanf("");
    const auto image = decoded(spectrum_png(p));
    EXPECT_NE(gdImageGetPixel(image.get(), 78 + 20, 30 + 80), line_colour);
    EXPECT_EQ(gdImageGetPixel(image.get(), 78 + 21, 30 + 80), line_colour);
}

TEST(SpectrumPng, ShowsBinsThatShareAColumnFromTheLeastToTheGreatest) {
    SpectrumPicture p = tone();
    p.db.clear();
    for (int k = 0; k < 1000; ++k) p.db.push_back(k % 2 == 0 ? -80 : -30);
    const auto image = decoded(spectrum_png(p));
    for (int y = 30; y <= 80; ++y) EXPECT_EQ(gdImageGetPixel(image.get(), 78 + 40, 30 + y), line_colour) << y;
}

TEST(SpectrumPng, RangeIsWholeTensOfDecibels) {
    SpectrumPicture p = tone();
    p.db[3] = std::nanf("");
    p.db[4] = -83.5;
    p.db[50] = -12;
    choose_range(p);
    EXPECT_EQ(p.low, -90);
    EXPECT_EQ(p.high, -10);
    p.db.clear();
    choose_range(p);
    EXPECT_EQ(p.low, -100);
    EXPECT_NE(decoded(spectrum_png(p)), nullptr);
}

}  // namespace
}  // namespace flowspan::io

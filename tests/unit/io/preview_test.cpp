#include "io/products/preview.hpp"

#include <gd.h>

#include <memory>

#include <gtest/gtest.h>

using flowspan::io::jpeg_preview;

namespace {

struct Free {
    void operator()(gdImagePtr image) const { gdImageDestroy(image); }
};
using Image = std::unique_ptr<gdImage, Free>;

/// Fields of 8 pixels, each of stripes one pixel wide: its colour and black, the mean of which is half of it.
std::string striped(int width, int height, bool palette) {
    const Image image(palette ? gdImageCreate(width, height) : gdImageCreateTrueColor(width, height));
    const int black = gdImageColorAllocate(image.get(), 0, 0, 0), red = gdImageColorAllocate(image.get(), 200, 0, 0),
              green = gdImageColorAllocate(image.get(), 0, 100, 0);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) gdImageSetPixel(image.get(), x, y, x % 2 == 1 ? black : x / 8 % 2 == 0 ? red : green);
    int size = 0;
    void* const data = gdImagePngPtr(image.get(), &size);
    std::string png(static_cast<const char*>(data), std::size_t(size));
    gdFree(data);
    return png;
}

Image decoded(std::string jpeg) { return Image(gdImageCreateFromJpegPtr(int(jpeg.size()), jpeg.data())); }

}  // namespace

TEST(Preview, PixelsAreMeansOfSquares) {
    for (const bool palette : {false, true}) {
        const auto jpeg = jpeg_preview(striped(1024, 512, palette), 256);
        ASSERT_TRUE(jpeg);
        const Image image = decoded(*jpeg);
        ASSERT_NE(image, nullptr);
        EXPECT_EQ(gdImageSX(image.get()), 256);
        EXPECT_EQ(gdImageSY(image.get()), 128);
        // Fields are two pixels wide now; JPEG keeps brightness to a few units: 0.299 red, 0.587 green (BT.601).
        for (const int x : {20, 21}) {
            const int pixel = gdImageGetTrueColorPixel(image.get(), x, 64);
            EXPECT_NEAR(
                0.299 * gdTrueColorGetRed(pixel) + 0.587 * gdTrueColorGetGreen(pixel) + 0.114 * gdTrueColorGetBlue(pixel),
                0.299 * 100, 8);
        }
    }
}

TEST(Preview, ASmallPictureKeepsItsSize) {
    const Image image = decoded(*jpeg_preview(striped(64, 16, false), 256));
    EXPECT_EQ(gdImageSX(image.get()), 64);
    EXPECT_EQ(gdImageSY(image.get()), 16);
}

TEST(Preview, WhatIsNoWholePngOrTooLargeIsNone) {
    const std::string png = striped(512, 256, false);
    std::string huge = png;
    huge[16] = huge[20] = 1;  // 2^24 pixels either way
    testing::internal::CaptureStderr();
    EXPECT_FALSE(jpeg_preview("", 256));
    EXPECT_FALSE(jpeg_preview(std::string(1000, 'x'), 256));
    EXPECT_FALSE(jpeg_preview(png.substr(0, 20), 256));
    EXPECT_FALSE(jpeg_preview(png.substr(0, png.size() / 2), 256));
    EXPECT_FALSE(jpeg_preview(huge, 256));
    EXPECT_FALSE(jpeg_preview(striped(4000, 1, false), 256)) << "nothing would be left";
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

#include "io/products/preview.hpp"

#include "io/products/gd.hpp"

#include <flowspan/diagnostic.hpp>

#include <cstdarg>
#include <cstdint>
#include <memory>

namespace flowspan::io {
namespace {

constexpr std::uint64_t most_pixels = std::uint64_t(32) << 20;
constexpr int quality = 80;

struct Image {
    gdImagePtr image;
    explicit Image(gdImagePtr made) : image(made) {}
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    ~Image() {
        if (image != nullptr) gd().destroy(image);
    }
};

/// A number of the header (PNG specification, 11.2.2): big-endian.
std::uint64_t number_at(const std::string& png, std::size_t at) {
    std::uint64_t n = 0;
    for (std::size_t k = 0; k < 4; ++k) n = n << 8 | static_cast<unsigned char>(png[at + k]);
    return n;
}

/// Mean of the square at (x, y) of `from` that is `factor` wide, colour by colour.
int mean(gdImagePtr from, int x, int y, int factor) {
    int red = 0, green = 0, blue = 0;
    for (int row = y; row < y + factor; ++row)
        for (int column = x; column < x + factor; ++column) {
            const int pixel = from->tpixels[row][column];
            red += gdTrueColorGetRed(pixel);
            green += gdTrueColorGetGreen(pixel);
            blue += gdTrueColorGetBlue(pixel);
        }
    const int count = factor * factor;
    return gdTrueColor(red / count, green / count, blue / count);
}

std::optional<std::string> preview(const std::string& png, int columns) {
    gd().set_error_method([](int, const char*, va_list) {});  // it would write to stderr
    std::string bytes = png;
    const Image whole(gd().read_png(int(bytes.size()), bytes.data()));
    if (whole.image == nullptr || gd().to_colours(whole.image) == 0) return std::nullopt;
    const int factor = (whole.image->sx + columns - 1) / columns;
    if (whole.image->sy < factor) return std::nullopt;
    const Image small(gd().create(whole.image->sx / factor, whole.image->sy / factor));
    if (small.image == nullptr) return std::nullopt;
    for (int y = 0; y < small.image->sy; ++y)
        for (int x = 0; x < small.image->sx; ++x)
            small.image->tpixels[y][x] = mean(whole.image, x * factor, y * factor, factor);
    int size = 0;
    void* const data = gd().jpeg(small.image, &size, quality);
    if (data == nullptr) return std::nullopt;
    std::string jpeg(static_cast<const char*>(data), std::size_t(size));
    gd().free(data);
    return jpeg;
}

}  // namespace

std::optional<std::string> jpeg_preview(const std::string& png, int columns) {
    constexpr std::size_t header = 33;
    if (png.size() < header || png.size() > INT32_MAX || !png.starts_with("\x89PNG\r\n\x1a\n")) return std::nullopt;
    const std::uint64_t width = number_at(png, 16), height = number_at(png, 20);
    if (width == 0 || height == 0 || width > most_pixels || height > most_pixels || width * height > most_pixels)
        return std::nullopt;
    try {
        return preview(png, columns);
    } catch (const Failure&) { return std::nullopt; }
}

}  // namespace flowspan::io

#include "io/products/waterfall.hpp"

#include "core/process/lazy_library.hpp"

#include <gd.h>
#include <gdfontmb.h>
#include <gdfonts.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

namespace flowspan::io {
namespace {

constexpr int left_margin = 78, right_margin = 96, top_margin = 30, bottom_margin = 48;
constexpr int bar_width = 18, bar_gap = 14, tick_length = 5;
constexpr std::size_t least_width = 512, least_height = 256;
constexpr int background = 0xffffff, ink = 0x202020, missing = 0xa0a0a0;

/// The functions of gd that are used here.
struct Gd {
    LazyLibrary library{GD_SONAME};
    decltype(gdImageCreateTrueColor)* create = library["gdImageCreateTrueColor"];
    decltype(gdImageDestroy)* destroy = library["gdImageDestroy"];
    decltype(gdImageFilledRectangle)* filled_rectangle = library["gdImageFilledRectangle"];
    decltype(gdImageRectangle)* rectangle = library["gdImageRectangle"];
    decltype(gdImageLine)* line = library["gdImageLine"];
    decltype(gdImageString)* string = library["gdImageString"];
    decltype(gdImageStringUp)* string_up = library["gdImageStringUp"];
    decltype(gdImagePngPtrEx)* png = library["gdImagePngPtrEx"];
    decltype(gdFree)* free = library["gdFree"];
    decltype(gdFontGetSmall)* small_font = library["gdFontGetSmall"];
    decltype(gdFontGetMediumBold)* medium_bold_font = library["gdFontGetMediumBold"];
};
const Gd& gd() {
    static const Gd functions;
    return functions;
}

struct Free {
    void operator()(gdImagePtr image) const { gd().destroy(image); }
};
using Image = std::unique_ptr<gdImage, Free>;

/// A plain unit with the prefix that suits values up to `most` over a `span`.
struct Scaled {
    double factor = 1;
    std::string unit;
};

Scaled scaled(const std::string& unit, double most, double span) {
    static constexpr std::array<std::pair<double, const char*>, 6> prefixes{
        {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "u"}}};
    if (unit != "Hz" && unit != "s") return {1, unit};
    const bool seconds = unit == "s";
    for (const auto& [factor, prefix] : prefixes) {
        if (seconds && factor > 1) continue;
        if (factor == 1e9 && span < 0.1e9) continue;  // narrow bands above 1 GHz are spoken of in MHz
        if (most >= factor || factor == prefixes.back().first) return {1 / factor, prefix + unit};
    }
    return {1, unit};
}

gdFontPtr font() { return gd().small_font(); }

void text(const Image& image, gdFontPtr face, int x, int y, const std::string& words, int colour) {
    std::string copy = words;  // gd asks for bytes that it might change
    gd().string(image.get(), face, x, y, reinterpret_cast<unsigned char*>(copy.data()), colour);
}

int width_of(const std::string& words) { return int(words.size()) * font()->w; }

/// Where the picture proper lies, and how many pixels a cell is.
struct Frame {
    int cell_width, cell_height, width, height;
};

Frame frame_of(const Waterfall& p) {
    const auto cells = [](std::size_t least, std::size_t n) {
        return int(std::max<std::size_t>(1, (least + n - 1) / std::max<std::size_t>(n, 1)));
    };
    const int w = cells(least_width, p.columns), h = cells(least_height, p.rows);
    return {w, h, int(std::max<std::size_t>(p.columns, 1)) * w, int(std::max<std::size_t>(p.rows, 1)) * h};
}

void draw_cells(const Image& image, const Waterfall& p, const Frame& f) {
    const double span = p.high > p.low ? p.high - p.low : 1;
    for (std::size_t r = 0; r < p.rows; ++r) {
        for (std::size_t c = 0; c < p.columns; ++c) {
            const float level = p.db[r * p.columns + c];
            const int colour = std::isnan(level) ? missing : level_colour((double(level) - p.low) / span);
            const int x = left_margin + int(c) * f.cell_width, y = top_margin + int(r) * f.cell_height;
            gd().filled_rectangle(image.get(), x, y, x + f.cell_width - 1, y + f.cell_height - 1, colour);
        }
    }
    gd().rectangle(image.get(), left_margin - 1, top_margin - 1, left_margin + f.width, top_margin + f.height, ink);
}

void draw_frequencies(const Image& image, const Waterfall& p, const Frame& f) {
    const double first = p.frequency_first - p.frequency_step / 2,
                 last = first + p.frequency_step * double(std::max<std::size_t>(p.columns, 1));
    const Scaled s = scaled(p.frequency_unit, std::max(std::abs(first), std::abs(last)), last - first);
    const Ticks marks = ticks(first * s.factor, last * s.factor, std::max(2, f.width / 110));
    const int bottom = top_margin + f.height;
    for (const double value : marks.at) {
        const int x = left_margin + int(std::lround((value / s.factor - first) / (last - first) * f.width));
        gd().line(image.get(), x, bottom, x, bottom + tick_length, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        text(image, font(), x - width_of(words) / 2, bottom + tick_length + 1, words, ink);
    }
    const std::string words = fmt::format("Frequency ({})", s.unit);
    text(image, font(), left_margin + (f.width - width_of(words)) / 2, bottom + 26, words, ink);
}

void draw_times(const Image& image, const Waterfall& p, const Frame& f) {
    const double first = p.time_first, last = first + p.time_step * double(std::max<std::size_t>(p.rows, 1));
    const Scaled s = scaled(p.time_unit, last - first, last - first);
    const Ticks marks = ticks(first * s.factor, last * s.factor, std::max(2, f.height / 60));
    for (const double value : marks.at) {
        const int y = top_margin + int(std::lround((value / s.factor - first) / (last - first) * f.height));
        gd().line(image.get(), left_margin - 1 - tick_length, y, left_margin - 1, y, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        text(image, font(), left_margin - tick_length - 4 - width_of(words), y - font()->h / 2, words, ink);
    }
    std::string words = fmt::format("Time ({})", s.unit);
    if (!p.since.empty()) words += " since " + p.since;
    const int y = top_margin + (f.height + width_of(words)) / 2;
    gd().string_up(image.get(), font(), 4, std::max(y, width_of(words)), reinterpret_cast<unsigned char*>(words.data()), ink);
}

void draw_bar(const Image& image, const Waterfall& p, const Frame& f) {
    const int x = left_margin + f.width + bar_gap;
    for (int y = 0; y < f.height; ++y)
        gd().line(image.get(), x, top_margin + y, x + bar_width, top_margin + y, level_colour(1 - (y + 0.5) / f.height));
    gd().rectangle(image.get(), x - 1, top_margin - 1, x + bar_width + 1, top_margin + f.height, ink);
    const double high = p.high > p.low ? p.high : p.low + 1;
    const Ticks marks = ticks(p.low, high, std::max(2, f.height / 50));
    for (const double value : marks.at) {
        const int y = top_margin + int(std::lround((high - value) / (high - p.low) * f.height));
        gd().line(image.get(), x + bar_width + 1, y, x + bar_width + 1 + tick_length, y, ink);
        text(image, font(), x + bar_width + tick_length + 5, y - font()->h / 2, fmt::format("{:.{}f}", value, marks.decimals),
             ink);
    }
    text(image, font(), x - 2, top_margin - font()->h - 4, p.level_unit, ink);
}

}  // namespace

int level_colour(double level) {
    // From dark blue over green and yellow to white, brighter with every step, so that it also reads in grey.
    static constexpr std::array<std::array<int, 3>, 8> anchors{{{6, 8, 20},
                                                                {22, 32, 96},
                                                                {20, 84, 150},
                                                                {18, 140, 150},
                                                                {60, 185, 110},
                                                                {170, 215, 70},
                                                                {250, 225, 90},
                                                                {255, 255, 240}}};
    const double place = std::clamp(std::isnan(level) ? 0 : level, 0.0, 1.0) * double(anchors.size() - 1);
    const auto below = std::min(std::size_t(place), anchors.size() - 2);
    const double part = place - double(below);
    int colour = 0;
    for (std::size_t k = 0; k < 3; ++k)
        colour = colour << 8 | int(std::lround(anchors[below][k] + part * (anchors[below + 1][k] - anchors[below][k])));
    return colour;
}

Ticks ticks(double first, double last, int wanted) {
    Ticks marks;
    const double span = last - first;
    if (!(span > 0) || !std::isfinite(span)) return marks;
    // The smallest round step (1, 2 or 5 times a power of ten) that does not give many more than wanted.
    const double most = 1.25 * wanted;
    double step = 1;
    while (step * most >= span) step /= 10;
    while (step * 10 * most < span) step *= 10;
    step *= step * 2 * most >= span ? 2 : step * 5 * most >= span ? 5 : 10;
    for (double scaled_step = step; marks.decimals < 9 && std::abs(scaled_step - std::round(scaled_step)) > 1e-6 * scaled_step;
         ++marks.decimals)
        scaled_step *= 10;
    for (auto k = std::int64_t(std::ceil(first / step - 1e-9)); double(k) * step <= last + 1e-9 * step; ++k)
        marks.at.push_back(double(k) * step);
    return marks;
}

void choose_range(Waterfall& p) {
    std::vector<float> sorted;
    for (const float level : p.db)
        if (std::isfinite(level)) sorted.push_back(level);
    if (sorted.empty()) {
        p.low = -100;
        p.high = 0;
        return;
    }
    std::sort(sorted.begin(), sorted.end());
    p.low = std::floor(sorted[sorted.size() / 10]);
    p.high = std::max(std::ceil(double(sorted.back())), p.low + 10);
}

void ready_to_draw() { gd(); }

std::string waterfall_png(const Waterfall& p) {
    const Frame f = frame_of(p);
    const Image image(gd().create(left_margin + f.width + right_margin, top_margin + f.height + bottom_margin));
    if (!image) throw std::runtime_error("gd cannot make a picture of this size");
    gd().filled_rectangle(image.get(), 0, 0, gdImageSX(image.get()), gdImageSY(image.get()), background);
    draw_cells(image, p, f);
    draw_frequencies(image, p, f);
    draw_times(image, p, f);
    draw_bar(image, p, f);
    text(image, gd().medium_bold_font(), left_margin, 8, p.title, ink);
    int size = 0;
    const std::unique_ptr<void, void (*)(void*)> png(gd().png(image.get(), &size, 6), gd().free);
    if (!png) throw std::runtime_error("gd cannot encode a picture");
    return {static_cast<const char*>(png.get()), std::size_t(size)};
}

}  // namespace flowspan::io

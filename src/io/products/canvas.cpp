#include "io/products/canvas.hpp"

#include "core/process/lazy_library.hpp"

#include <gd.h>
#include <gdfontmb.h>
#include <gdfonts.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace flowspan::io {
namespace {

constexpr int background = 0xffffff;

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

gdFontPtr font() { return gd().small_font(); }

/// gd asks for bytes that it might change.
unsigned char* bytes_of(std::string& words) { return reinterpret_cast<unsigned char*>(words.data()); }

}  // namespace

struct Canvas::Image {
    Image(int width, int height) : gd(io::gd().create(width, height)) {
        if (gd == nullptr) throw std::runtime_error("gd cannot make a picture of this size");
    }
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    ~Image() { io::gd().destroy(gd); }
    gdImagePtr gd;
};

Canvas::Canvas(int width, int height) : image_(std::make_unique<Image>(width, height)) {
    fill(0, 0, width, height, background);
}
Canvas::~Canvas() = default;

int Canvas::line_height() { return font()->h; }
int Canvas::width_of(const std::string& words) { return int(words.size()) * font()->w; }

void Canvas::fill(int left, int top, int right, int bottom, int colour) {
    gd().filled_rectangle(image_->gd, left, top, right, bottom, colour);
}
void Canvas::rectangle(int left, int top, int right, int bottom, int colour) {
    gd().rectangle(image_->gd, left, top, right, bottom, colour);
}
void Canvas::line(int x0, int y0, int x1, int y1, int colour) { gd().line(image_->gd, x0, y0, x1, y1, colour); }
void Canvas::text(int x, int y, std::string words) { gd().string(image_->gd, font(), x, y, bytes_of(words), ink); }
void Canvas::text_up(int x, int y, std::string words) { gd().string_up(image_->gd, font(), x, y, bytes_of(words), ink); }
void Canvas::title(int x, int y, std::string words) {
    gd().string(image_->gd, gd().medium_bold_font(), x, y, bytes_of(words), ink);
}

std::string Canvas::png() const {
    int size = 0;
    const std::unique_ptr<void, void (*)(void*)> png(gd().png(image_->gd, &size, 6), gd().free);
    if (!png) throw std::runtime_error("gd cannot encode a picture");
    return {static_cast<const char*>(png.get()), std::size_t(size)};
}

void ready_to_draw() { gd(); }

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

void draw_axis_below(Canvas& canvas, const PlotArea& area, const std::string& name, double first, double last,
                     const std::string& unit) {
    const Scaled s = scaled(unit, std::max(std::abs(first), std::abs(last)), last - first);
    const Ticks marks = ticks(first * s.factor, last * s.factor, std::max(2, area.width / 110));
    const int bottom = area.top + area.height;
    for (const double value : marks.at) {
        const int x = area.left + int(std::lround((value / s.factor - first) / (last - first) * area.width));
        canvas.line(x, bottom, x, bottom + tick_length, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        canvas.text(x - Canvas::width_of(words) / 2, bottom + tick_length + 1, words);
    }
    const std::string words = fmt::format("{} ({})", name, s.unit);
    canvas.text(area.left + (area.width - Canvas::width_of(words)) / 2, bottom + 26, words);
}

}  // namespace flowspan::io

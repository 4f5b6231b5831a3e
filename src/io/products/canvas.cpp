#include "io/products/canvas.hpp"

#include "io/products/gd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace flowspan::io {
namespace {

constexpr int background = 0xffffff;

gdFontPtr font() { return gd().small_font(); }

/// gd asks for bytes that it might change.
unsigned char* bytes_of(std::string& words) { return reinterpret_cast<unsigned char*>(words.data()); }

/// As fontconfig knows it, which takes the nearest that there is; or the path of a font.
const char* scalable_font() {
    static const char* const font = [] {
        gd().use_fontconfig(1);
        const char* own = std::getenv("FLOWSPAN_FONT");
        return own != nullptr && *own != '\0' ? own : "DejaVu Sans";
    }();
    return font;
}
constexpr double pixels_a_point = 96.0 / 72.0;  // gd draws at 96 pixels an inch
constexpr double line_heights = 1.16;           // of DejaVu Sans: from ascent to descent, in sizes of the font

/// Left, top, right and bottom from the beginning of the base line on. Without a picture nothing is drawn.
std::array<int, 4> draw_scalable(gdImagePtr image, int x, int y, const std::string& words, double line_height, double angle) {
    std::array<int, 8> corners{};  // from the lower left one on, against the clock
    const double points = line_height / line_heights / pixels_a_point;
    const char* error = gd().string_ft(image, corners.data(), ink, scalable_font(), points, angle, x, y, words.c_str());
    if (error != nullptr) throw std::runtime_error(error);
    return {corners[6], corners[7], corners[2], corners[3]};
}

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

Letters::Letters(double pixels) : pixels_(pixels) {
    if (pixels == 0) return;
    try {
        ascent_ = -draw_scalable(nullptr, 0, 0, "Hg", pixels, 0)[1];
    } catch (const std::runtime_error& error) {
        pixels_ = 0;
        why_fixed_ = error.what();
    }
}
int Letters::line_height() const { return is_fixed() ? font()->h : int(std::lround(pixels_)); }
int Letters::width_of(const std::string& words) const {
    if (is_fixed()) return int(words.size()) * font()->w;
    return words.empty() ? 0 : draw_scalable(nullptr, 0, 0, words, pixels_, 0)[2];
}
int Letters::scaled(int distance) const {
    return is_fixed() ? distance : int(std::lround(distance * std::max(1.0, pixels_ / 13)));
}

Canvas::Canvas(int width, int height, Letters letters)
    : image_(std::make_unique<Image>(width, height)), letters_(std::move(letters)) {
    fill(0, 0, width, height, background);
}
Canvas::~Canvas() = default;

void Canvas::fill(int left, int top, int right, int bottom, int colour) {
    gd().filled_rectangle(image_->gd, left, top, right, bottom, colour);
}
void Canvas::rectangle(int left, int top, int right, int bottom, int colour) {
    gd().rectangle(image_->gd, left, top, right, bottom, colour);
}
void Canvas::line(int x0, int y0, int x1, int y1, int colour) { gd().line(image_->gd, x0, y0, x1, y1, colour); }
void Canvas::text(int x, int y, std::string words) {
    if (!letters_.is_fixed()) return write(x, y + letters_.ascent_, words, 1, 0);
    gd().string(image_->gd, font(), x, y, bytes_of(words), ink);
}
void Canvas::text_up(int x, int y, std::string words) {
    if (!letters_.is_fixed()) return write(x + letters_.ascent_, y, words, 1, std::numbers::pi / 2);
    gd().string_up(image_->gd, font(), x, y, bytes_of(words), ink);
}
void Canvas::title(int x, int y, std::string words) {
    if (!letters_.is_fixed()) return write(x, y + letters_.ascent_, words, 1.15, 0);
    gd().string(image_->gd, gd().medium_bold_font(), x, y, bytes_of(words), ink);
}
void Canvas::write(int x, int y, const std::string& words, double size, double angle) {
    if (!words.empty()) draw_scalable(image_->gd, x, y, words, size * letters_.pixels_, angle);
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
    const Letters& letters = canvas.letters();
    const Ticks marks = ticks(first * s.factor, last * s.factor, std::max(2, area.width / letters.scaled(110)));
    const int bottom = area.top + area.height;
    for (const double value : marks.at) {
        const int x = area.left + int(std::lround((value / s.factor - first) / (last - first) * area.width));
        canvas.line(x, bottom, x, bottom + tick_length, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        canvas.text(x - letters.width_of(words) / 2, bottom + tick_length + 1, words);
    }
    const std::string words = fmt::format("{} ({})", name, s.unit);
    canvas.text(area.left + (area.width - letters.width_of(words)) / 2, bottom + letters.scaled(26), words);
}

}  // namespace flowspan::io

#include "io/products/waterfall.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace flowspan::io {
namespace {

constexpr int bar_width = 18, bar_gap = 14;
constexpr std::size_t least_width = 512, least_height = 256;
constexpr int missing = 0xa0a0a0;

/// Where the picture proper lies, and how many pixels a cell is.
struct Frame {
    int cell_width, cell_height, width, height;
    int left, right, top, bottom;  // margins
};

Frame frame_of(const Waterfall& p, const Letters& letters) {
    const auto cells = [](std::size_t least, std::size_t n) {
        return int(std::max<std::size_t>(1, (least + n - 1) / std::max<std::size_t>(n, 1)));
    };
    const int w = cells(least_width, p.columns), h = cells(least_height, p.rows);
    return {w,
            h,
            int(std::max<std::size_t>(p.columns, 1)) * w,
            int(std::max<std::size_t>(p.rows, 1)) * h,
            letters.scaled(78),
            letters.scaled(96),
            letters.scaled(30),
            letters.scaled(48)};
}

void draw_cells(Canvas& canvas, const Waterfall& p, const Frame& f) {
    const double span = p.high > p.low ? p.high - p.low : 1;
    for (std::size_t r = 0; r < p.rows; ++r) {
        for (std::size_t c = 0; c < p.columns; ++c) {
            const float level = p.db[r * p.columns + c];
            const int colour = std::isnan(level) ? missing : level_colour((double(level) - p.low) / span);
            const int x = f.left + int(c) * f.cell_width, y = f.top + int(r) * f.cell_height;
            canvas.fill(x, y, x + f.cell_width - 1, y + f.cell_height - 1, colour);
        }
    }
    canvas.rectangle(f.left - 1, f.top - 1, f.left + f.width, f.top + f.height, ink);
}

void draw_frequencies(Canvas& canvas, const Waterfall& p, const Frame& f) {
    const double first = p.frequency_first - p.frequency_step / 2,
                 last = first + p.frequency_step * double(std::max<std::size_t>(p.columns, 1));
    draw_axis_below(canvas, {f.left, f.top, f.width, f.height}, "Frequency", first, last, p.frequency_unit);
}

void draw_times(Canvas& canvas, const Waterfall& p, const Frame& f) {
    const double first = p.time_first, last = first + p.time_step * double(std::max<std::size_t>(p.rows, 1));
    const Scaled s = scaled(p.time_unit, last - first, last - first);
    const Ticks marks = ticks(first * s.factor, last * s.factor, std::max(2, f.height / canvas.letters().scaled(60)));
    for (const double value : marks.at) {
        const int y = f.top + int(std::lround((value / s.factor - first) / (last - first) * f.height));
        canvas.line(f.left - 1 - tick_length, y, f.left - 1, y, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        canvas.text(f.left - tick_length - 4 - canvas.letters().width_of(words), y - canvas.letters().line_height() / 2, words);
    }
    std::string words = fmt::format("Time ({})", s.unit);
    if (!p.since.empty()) words += " since " + p.since;
    const int y = f.top + (f.height + canvas.letters().width_of(words)) / 2;
    canvas.text_up(4, std::max(y, canvas.letters().width_of(words)), words);
}

void draw_bar(Canvas& canvas, const Waterfall& p, const Frame& f) {
    const int x = f.left + f.width + bar_gap;
    for (int y = 0; y < f.height; ++y)
        canvas.line(x, f.top + y, x + bar_width, f.top + y, level_colour(1 - (y + 0.5) / f.height));
    canvas.rectangle(x - 1, f.top - 1, x + bar_width + 1, f.top + f.height, ink);
    const double high = p.high > p.low ? p.high : p.low + 1;
    const Ticks marks = ticks(p.low, high, std::max(2, f.height / canvas.letters().scaled(50)));
    for (const double value : marks.at) {
        const int y = f.top + int(std::lround((high - value) / (high - p.low) * f.height));
        canvas.line(x + bar_width + 1, y, x + bar_width + 1 + tick_length, y, ink);
        canvas.text(x + bar_width + tick_length + 5, y - canvas.letters().line_height() / 2,
                    fmt::format("{:.{}f}", value, marks.decimals));
    }
    canvas.text(x - 2, f.top - canvas.letters().line_height() - 4, p.level_unit);
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

std::string waterfall_png(const Waterfall& p) {
    Letters letters(p.text_size);
    const Frame f = frame_of(p, letters);
    Canvas canvas(f.left + f.width + f.right, f.top + f.height + f.bottom, std::move(letters));
    draw_cells(canvas, p, f);
    draw_frequencies(canvas, p, f);
    draw_times(canvas, p, f);
    draw_bar(canvas, p, f);
    canvas.title(f.left, 8, p.title);
    return canvas.png();
}

}  // namespace flowspan::io

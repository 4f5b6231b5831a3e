#include "io/products/spectrum_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace flowspan::io {
namespace {

constexpr int left_margin = 78, right_margin = 30, top_margin = 30, bottom_margin = 48;
constexpr int grid = 0xd8d8d8, line_colour = 0x145496;

int row_of(const SpectrumPicture& p, double level) {
    const double part = std::clamp((p.high - level) / (p.high - p.low), 0.0, 1.0);
    return top_margin + int(std::lround(part * (p.height - 1)));
}

/// Least and greatest row of what falls on a column.
struct Rows {
    int top = std::numeric_limits<int>::max(), bottom = std::numeric_limits<int>::min();
    bool empty() const { return top > bottom; }
    void add(int row) {
        top = std::min(top, row);
        bottom = std::max(bottom, row);
    }
};

void draw_line(Canvas& canvas, const SpectrumPicture& p) {
    std::optional<std::pair<int, int>> before;  // column and row of the level before
    std::vector<Rows> columns(std::size_t(p.width));
    for (std::size_t k = 0; k < p.db.size(); ++k) {
        if (std::isnan(p.db[k])) {
            before.reset();
            continue;
        }
        const int column = int((2 * k + 1) * std::size_t(p.width) / (2 * p.db.size())), row = row_of(p, double(p.db[k]));
        columns[std::size_t(column)].add(row);
        if (before && before->first != column)
            canvas.line(left_margin + before->first, before->second, left_margin + column, row, line_colour);
        before = {column, row};
    }
    for (int c = 0; c < p.width; ++c)
        if (const Rows& rows = columns[std::size_t(c)]; !rows.empty())
            canvas.line(left_margin + c, rows.top, left_margin + c, rows.bottom, line_colour);
}

void draw_levels(Canvas& canvas, const SpectrumPicture& p) {
    const Ticks marks = ticks(p.low, p.high, std::max(2, p.height / 50));
    for (const double value : marks.at) {
        const int y = row_of(p, value);
        canvas.line(left_margin, y, left_margin + p.width - 1, y, grid);
        canvas.line(left_margin - 1 - tick_length, y, left_margin - 1, y, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        canvas.text(left_margin - tick_length - 4 - Canvas::width_of(words), y - Canvas::line_height() / 2, words);
    }
    const std::string words = fmt::format("Level ({})", p.level_unit);
    canvas.text_up(4, top_margin + (p.height + Canvas::width_of(words)) / 2, words);
}

}  // namespace

void choose_range(SpectrumPicture& p) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const float level : p.db) {
        if (!std::isfinite(level)) continue;
        low = std::min(low, double(level));
        high = std::max(high, double(level));
    }
    p.low = low > high ? -100 : 10 * std::floor(low / 10);
    p.high = low > high ? 0 : std::max(10 * std::ceil(high / 10), p.low + 10);
}

std::string spectrum_png(const SpectrumPicture& p) {
    Canvas canvas(left_margin + p.width + right_margin, top_margin + p.height + bottom_margin);
    draw_levels(canvas, p);
    draw_line(canvas, p);
    canvas.rectangle(left_margin - 1, top_margin - 1, left_margin + p.width, top_margin + p.height, ink);
    const double first = p.frequency_first - p.frequency_step / 2,
                 last = first + p.frequency_step * double(std::max<std::size_t>(p.db.size(), 1));
    draw_axis_below(canvas, {left_margin, top_margin, p.width, p.height}, "Frequency", first, last, p.frequency_unit);
    canvas.title(left_margin, 8, p.title);
    return canvas.png();
}

}  // namespace flowspan::io

#include "io/products/spectrum_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace flowspan::io {
namespace {

constexpr int grid = 0xd8d8d8, line_colour = 0x145496;

/// Around the plot.
struct Margins {
    explicit Margins(const Letters& letters)
        : left(letters.scaled(78)), right(letters.scaled(30)), top(letters.scaled(30)), bottom(letters.scaled(48)) {}
    int left, right, top, bottom;
};

int row_of(const SpectrumPicture& p, double level, const Margins& m) {
    const double part = std::clamp((p.high - level) / (p.high - p.low), 0.0, 1.0);
    return m.top + int(std::lround(part * (p.height - 1)));
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

void draw_line(Canvas& canvas, const SpectrumPicture& p, const Margins& m) {
    std::optional<std::pair<int, int>> before;  // column and row of the level before
    std::vector<Rows> columns(std::size_t(p.width));
    for (std::size_t k = 0; k < p.db.size(); ++k) {
        if (std::isnan(p.db[k])) {
            before.reset();
            continue;
        }
        const int column = int((2 * k + 1) * std::size_t(p.width) / (2 * p.db.size())), row = row_of(p, double(p.db[k]), m);
        columns[std::size_t(column)].add(row);
        if (before && before->first != column)
            canvas.line(m.left + before->first, before->second, m.left + column, row, line_colour);
        before = {column, row};
    }
    for (int c = 0; c < p.width; ++c)
        if (const Rows& rows = columns[std::size_t(c)]; !rows.empty())
            canvas.line(m.left + c, rows.top, m.left + c, rows.bottom, line_colour);
}

void draw_levels(Canvas& canvas, const SpectrumPicture& p, const Margins& m) {
    const Ticks marks = ticks(p.low, p.high, std::max(2, p.height / canvas.letters().scaled(50)));
    for (const double value : marks.at) {
        const int y = row_of(p, value, m);
        canvas.line(m.left, y, m.left + p.width - 1, y, grid);
        canvas.line(m.left - 1 - tick_length, y, m.left - 1, y, ink);
        const std::string words = fmt::format("{:.{}f}", value, marks.decimals);
        canvas.text(m.left - tick_length - 4 - canvas.letters().width_of(words), y - canvas.letters().line_height() / 2, words);
    }
    const std::string words = fmt::format("Level ({})", p.level_unit);
    canvas.text_up(4, m.top + (p.height + canvas.letters().width_of(words)) / 2, words);
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
    Letters letters(p.text_size);
    const Margins m(letters);
    Canvas canvas(m.left + p.width + m.right, m.top + p.height + m.bottom, std::move(letters));
    draw_levels(canvas, p, m);
    draw_line(canvas, p, m);
    canvas.rectangle(m.left - 1, m.top - 1, m.left + p.width, m.top + p.height, ink);
    const double first = p.frequency_first - p.frequency_step / 2,
                 last = first + p.frequency_step * double(std::max<std::size_t>(p.db.size(), 1));
    draw_axis_below(canvas, {m.left, m.top, p.width, p.height}, "Frequency", first, last, p.frequency_unit);
    canvas.title(m.left, 8, p.title);
    return canvas.png();
}

}  // namespace flowspan::io

// Timeline and rates: everything falls into a grid first, so that their size is that of the grid.
#include "batch/report/page.hpp"

#include "io/products/waterfall.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_rows = 64, columns = 400, shades = 8;

struct Span {
    double from = 0, to = 0;
    double column(double t) const { return (t - from) / (to - from) * double(columns); }
};

Span span_of(const std::vector<PartLedger>& parts) {
    Span span{1e300, 0};
    for (const PartLedger& part : parts)
        for (const Bar& bar : part.bars) {
            span.from = std::min(span.from, bar.began);
            span.to = std::max(span.to, bar.began + double(bar.seconds));
        }
    if (span.to <= span.from) span.to = span.from + 1e-3;
    return span;
}

bool is_empty(const std::vector<PartLedger>& parts) {
    return std::all_of(parts.begin(), parts.end(), [](const PartLedger& p) { return p.bars.empty(); });
}

/// Busy time in each field, of the time that its ranks had; and whether an attempt failed there.
struct Grid {
    std::vector<std::vector<double>> busy;
    std::vector<std::vector<bool>> failed;
    std::vector<std::string> names;
};

std::map<std::pair<int, int>, std::size_t> ranks_of(const std::vector<PartLedger>& parts) {
    std::map<std::pair<int, int>, std::size_t> ranks;
    for (const PartLedger& part : parts)
        for (const Bar& bar : part.bars) ranks.try_emplace({part.seen.part.k, bar.rank}, 0);
    std::size_t number = 0;
    for (auto& [rank, n] : ranks) n = number++;
    return ranks;
}

std::string row_name(const std::vector<std::pair<int, int>>& ranks, std::size_t first, std::size_t last) {
    const auto one = [&](std::size_t k) {
        return ranks[k].first == 0 ? fmt::format("{}", ranks[k].second) : fmt::format("{}:{}", ranks[k].first, ranks[k].second);
    };
    return first == last ? "rank " + one(first) : fmt::format("ranks {}–{}", one(first), one(last));
}

void add(Grid& grid, std::size_t row, const Span& span, const Bar& bar, double share) {
    const double from = span.column(bar.began), to = span.column(bar.began + double(bar.seconds));
    const auto first = std::min(std::size_t(std::max(from, 0.0)), columns - 1),
               last = std::min(std::size_t(std::max(to, 0.0)), columns - 1);
    for (std::size_t c = first; c <= last; ++c)
        grid.busy[row][c] += share * std::max(0.0, std::min(to, double(c + 1)) - std::max(from, double(c)));
    if (bar.failed) grid.failed[row][last] = true;
}

Grid grid_of(const std::vector<PartLedger>& parts, const Span& span) {
    const auto ranks = ranks_of(parts);
    std::vector<std::pair<int, int>> ordered;
    for (const auto& [rank, n] : ranks) ordered.push_back(rank);
    const std::size_t together = (ordered.size() + most_rows - 1) / most_rows,
                      rows = (ordered.size() + together - 1) / together;
    Grid grid{std::vector(rows, std::vector<double>(columns)), std::vector(rows, std::vector<bool>(columns)), {}};
    for (std::size_t row = 0; row < rows; ++row)
        grid.names.push_back(row_name(ordered, row * together, std::min(ordered.size(), (row + 1) * together) - 1));
    for (const PartLedger& part : parts)
        for (const Bar& bar : part.bars)
            add(grid, ranks.at({part.seen.part.k, bar.rank}) / together, span, bar, 1.0 / double(together));
    return grid;
}

/// One row, as wide as its columns are many; whoever shows it stretches it. Neighbours that look alike are one rectangle.
std::string row_svg(const Grid& grid, std::size_t row) {
    std::string svg = fmt::format("<svg viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\">", columns);
    const auto look = [&](std::size_t c) {
        const auto shade = std::size_t(std::ceil(std::min(1.0, grid.busy[row][c]) * double(shades)));
        return std::pair(shade, bool(grid.failed[row][c]));
    };
    for (std::size_t c = 0; c < columns;) {
        std::size_t end = c + 1;
        while (end < columns && look(end) == look(c)) ++end;
        const auto [shade, failed] = look(c);
        if (shade > 0 || failed)
            svg += fmt::format("<rect x=\"{}\" width=\"{}\" height=\"1\" class=\"{}\" opacity=\"{:g}\"/>", c, end - c,
                               failed ? "f" : "b", failed ? 1.0 : double(shade) / double(shades));
        c = end;
    }
    return svg + "</svg>";
}

/// Times below a picture of that length, in round steps of a unit that suits it.
std::string axis(const Span& span) {
    constexpr std::array<std::pair<double, const char*>, 4> units{{{1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}}};
    constexpr int wanted = 4;
    constexpr double last_label = 0.94;  // what is later would stand out on the right
    const double length = span.to - span.from;
    auto unit = units.front();
    for (const auto& u : units)
        if (length >= 3 * u.first) unit = u;
    std::string text = "<span></span><div class=\"x\">";
    const io::Ticks ticks = io::ticks(0, length / unit.first, wanted);
    for (const double at : ticks.at)
        if (const double share = at * unit.first / length; share <= last_label)
            text += fmt::format("<i style=\"left:{:.2f}%\">{:.{}f} {}</i>", 100 * share, at, ticks.decimals, unit.second);
    return text + "</div>";
}

std::string framed(const char* label, const std::string& rows) {
    return fmt::format("<div class=\"g\" role=\"img\" aria-label=\"{}\">", label) + rows + "</div>";
}

}  // namespace

std::string timeline(const std::vector<PartLedger>& parts) {
    if (is_empty(parts)) return {};
    const Span span = span_of(parts);
    const Grid grid = grid_of(parts, span);
    std::string rows;
    for (std::size_t row = 0; row < grid.names.size(); ++row)
        rows += fmt::format("<span>{}</span>", html(grid.names[row])) + row_svg(grid, row);
    return framed("timeline", rows + axis(span));
}

// As many bars as leave some units in each.
std::string rates(const std::vector<PartLedger>& parts) {
    if (is_empty(parts)) return {};
    constexpr double fewest = 2, most_bars = 100;
    const Span span = span_of(parts);
    std::size_t units = 0;
    for (const PartLedger& part : parts)
        units += std::size_t(std::count_if(part.bars.begin(), part.bars.end(), [](const Bar& bar) { return !bar.failed; }));
    const auto bins = std::size_t(std::clamp(2 * std::sqrt(double(units)), fewest, most_bars));
    std::vector<double> made(bins);
    for (const PartLedger& part : parts)
        for (const Bar& bar : part.bars)
            if (!bar.failed)
                made[std::min(bins - 1, std::size_t((bar.began + double(bar.seconds) - span.from) / (span.to - span.from) *
                                                    double(bins)))] += 1;
    const double bin_s = (span.to - span.from) / double(bins),
                 most = std::max(1.0, *std::max_element(made.begin(), made.end()));
    std::string rows = fmt::format(
        "<span>{:.3g} units/s</span><svg class=\"h\" viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\">", most / bin_s, bins);
    for (std::size_t k = 0; k < bins; ++k)
        if (made[k] > 0)
            rows += fmt::format("<rect x=\"{:g}\" y=\"{:.4g}\" width=\"0.9\" height=\"{:.4g}\" class=\"b\"/>", double(k) + 0.05,
                                1 - made[k] / most, made[k] / most);
    return framed("rates", rows + "</svg>" + axis(span));
}

}  // namespace flowspan::batch

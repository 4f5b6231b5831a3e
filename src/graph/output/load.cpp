#include "graph/output/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace flowspan::graph {
namespace {

/// Two digits and more: "0.038 %", "3.8 %", "38 %".
std::string percent(double share) {
    const double value = 100 * share;
    if (value >= 10 || value == 0) return fmt::format("{:.0f} %", value);
    return value >= 0.001 ? fmt::format("{:.2g} %", value) : "< 0.001 %";
}

/// Three digits with a prefix: "3.2 M" of 3.2e6, in steps of `thousand`.
std::string scaled(double value, double thousand, const std::vector<std::string>& prefixes) {
    std::size_t k = 0;
    while (k + 1 < prefixes.size() && value >= 0.9995 * thousand) value /= thousand, ++k;
    return value >= 100 ? fmt::format("{:.0f} {}", value, prefixes[k]) : fmt::format("{:.3g} {}", value, prefixes[k]);
}

}  // namespace

Load::Load(const Picture& picture, const Profile& profile) : picture_(picture), profile_(profile) {
    for (const Box& box : picture.boxes) largest_ = std::max(largest_, share_of(box));
}

double Load::share_of(const Box& box) const {
    double work_s = 0;
    for (const std::string& block : box.blocks) work_s += profile_.blocks.at(block).work_s;
    return work_s / profile_.seconds;
}

std::size_t Load::level_of(const Box& box) const {
    if (largest_ <= 0) return 0;
    const double steps = std::ceil(share_of(box) / largest_ * double(load_colours.size()));
    return std::clamp(std::size_t(steps), std::size_t(1), load_colours.size()) - 1;
}

std::vector<std::string> Load::words_of(const Box& box) const {
    double items = 0;
    for (const std::string& block : box.blocks) items += profile_.blocks.at(block).items;
    std::vector<std::string> words{percent(share_of(box)) + " of the time"};
    if (items > 0) words.push_back(scaled(items / profile_.seconds, 1000, {"S/s", "kS/s", "MS/s", "GS/s"}));
    return words;
}

bool Load::crosses_with_another(const Line& line) const {
    const auto rank = [&](int box) { return picture_.boxes[std::size_t(box)].rank; };
    return std::any_of(picture_.lines.begin(), picture_.lines.end(), [&](const Line& other) {
        const bool same_way = &other != &line && other.message == line.message && rank(other.to) == rank(line.to);
        return same_way && std::any_of(other.edges.begin(), other.edges.end(),
                                       [&](const std::string& edge) { return line.edges.contains(edge); });
    });
}

std::string Load::words_of(const Line& line) const {
    const int from = picture_.boxes[std::size_t(line.from)].rank, to = picture_.boxes[std::size_t(line.to)].rank;
    if (from == to) return "";
    double bytes = 0;
    for (const std::string& edge : line.edges)
        if (const auto crossed = profile_.crossed.find({edge, to}); crossed != profile_.crossed.end()) bytes += crossed->second;
    return scaled(bytes / profile_.seconds, 1024, {"B/s", "KiB/s", "MiB/s", "GiB/s"}) +
           (crosses_with_another(line) ? " shared" : "");
}

std::vector<std::string> Load::scale() const {
    std::vector<std::string> steps;
    const double step = largest_ / double(load_colours.size());
    for (std::size_t k = 0; k < load_colours.size(); ++k)
        steps.push_back(k == 0 ? "up to " + percent(step) : fmt::format("to {}", percent(step * double(k + 1))));
    return steps;
}

std::string Load::ranks() const {
    constexpr std::size_t most = 16;
    std::map<int, double> work_s;
    for (const auto& [name, load] : profile_.blocks) work_s[load.rank] += load.work_s;
    if (work_s.size() < 2) return "";
    std::string text;
    std::size_t shown = 0;
    for (const auto& [rank, work] : work_s)
        if (shown++ < most)
            text += fmt::format("{}rank {} {}", text.empty() ? "" : ", ", rank, percent(work / profile_.seconds));
    return work_s.size() > most ? text + fmt::format(" and {} more", work_s.size() - most) : text;
}

}  // namespace flowspan::graph

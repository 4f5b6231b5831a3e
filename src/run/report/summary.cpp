#include "run/report/summary.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"

#include <flowspan/units.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::size_t most_products = 20, most_lines = 10;

/// Counts in results that say what did not go on, and those that say how much a product holds.
constexpr std::array<std::string_view, 10> losses{"clipped", "cut_short", "not_finite",       "missing", "dropped",
                                                  "retuned", "left_over", "left_over_frames", "lost",    "without_place"};
constexpr std::array<std::string_view, 5> sizes{"items", "samples", "bytes", "seconds", "peak"};

bool among(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

struct Counted {
    std::int64_t count = 0;
    std::size_t blocks = 0;
};
using Counts = std::map<std::pair<std::string, std::string>, Counted>;  // block without indices, what

void add(Counts& to, const std::string& block, const std::string& what, std::int64_t count) {
    Counted& all = to[{graph::without_indices(block), what}];
    all.count += count;
    ++all.blocks;
}

void count_results(const std::string& block, const Value& results, Counts& found, Counts& lost) {
    if (!results.is<Value::Map>()) return;
    for (const auto& [what, value] : results.map()) {
        if (!value.is<std::int64_t>() || among(sizes, what)) continue;
        const std::int64_t count = value.integer();
        if (!among(losses, what))
            add(found, block, what, count);
        else if (count > 0)
            add(lost, block, what, count);
    }
}

Value list_of(const Counts& counts) {
    Value::List list;
    for (const auto& [name, counted] : counts) {
        Value::Map one{{"block", name.first}, {"what", name.second}, {"count", counted.count}};
        if (counted.blocks > 1) one["blocks"] = std::int64_t(counted.blocks);
        list.emplace_back(std::move(one));
    }
    return list;
}

/// 1234567 is "1,234,567".
std::string grouped(std::int64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t at = text.size(); at > 3; at -= 3)
        if (at - 3 > (n < 0 ? 1U : 0U)) text.insert(at - 3, ",");
    return text;
}

std::string size_text(double bytes) {
    constexpr std::array<std::string_view, 4> units{"B", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    for (; unit + 1 < units.size() && bytes >= 1024; ++unit) bytes /= 1024;
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

/// "960,000 samples"; "1 row"; nothing where its sink has not said it.
std::string length_text(std::int64_t items, std::string what) {
    if (items == 1 && what == "spectra") what = "spectrum";
    if (items == 1 && what.ends_with('s')) what.pop_back();
    return grouped(items) + " " + what;
}

/// "45,000 samples, 12 messages, 20 s": of all together, each kind of item for itself.
std::string total_text(const Value::List& products) {
    std::map<std::string, std::int64_t> items;
    double bytes = 0, seconds = 0;
    for (const Value& p : products) {
        bytes += p.at("bytes").real();
        if (const Value* n = p.find("items")) items[p.at("what").string()] += n->integer();
        if (const Value* s = p.find("seconds")) seconds += s->real();
    }
    std::string text = size_text(bytes);
    for (const auto& [what, n] : items) text += ", " + length_text(n, what);
    if (seconds > 0) text += ", " + format_quantity(seconds, second);
    return text;
}

void add_products(std::string& text, const Value::List& products) {
    if (products.size() > most_products) {
        text += fmt::format("{} products, {} in all; the report lists them\n", grouped(std::int64_t(products.size())),
                            total_text(products));
        return;
    }
    std::vector<std::string> lengths;
    std::size_t width = 0, length_width = 0;
    for (const Value& p : products) {
        const Value* items = p.find("items");
        lengths.push_back(items == nullptr ? "" : length_text(items->integer(), p.at("what").string()));
        width = std::max(width, p.at("path").string().size());
        length_width = std::max(length_width, lengths.back().size());
    }
    for (std::size_t k = 0; k < products.size(); ++k) {
        const Value& p = products[k];
        std::string line = fmt::format("{:<{}}  {:>10}", p.at("path").string(), width, size_text(p.at("bytes").real()));
        const Value* seconds = p.find("seconds");
        if (!lengths[k].empty() && seconds == nullptr) line += "  " + lengths[k];
        if (seconds != nullptr)
            line += fmt::format("  {:<{}}  {}", lengths[k], length_width, format_quantity(seconds->real(), second));
        text += line + "\n";
    }
}

void add_counts(std::string& text, std::string_view title, const Value::List& counts) {
    std::size_t shown = 0;
    for (const Value& one : counts) {
        if (shown++ == most_lines && counts.size() > most_lines + 1) {
            text += fmt::format("{}: {} more in the report\n", title, counts.size() - most_lines);
            return;
        }
        std::string what = one.at("what").string();
        std::replace(what.begin(), what.end(), '_', ' ');
        text += fmt::format("{}: {}: {} {}", title, one.at("block").string(), grouped(one.at("count").integer()), what);
        if (const Value* blocks = one.find("blocks")) text += fmt::format(" in {} copies", blocks->integer());
        text += "\n";
    }
}

}  // namespace

Value summary_of(const Value& report) {
    Counts found, lost;
    double samples = 0, stream_s = 0;
    std::set<std::string> warnings;
    for (const Value& rank : report.at("ranks").list()) {
        for (const Value& block : rank.at("blocks").list()) {
            const std::string& name = block.at("block").string();
            if (const Value* results = block.find("results")) count_results(name, *results, found, lost);
            if (const Value* left = block.find("left_over")) add(lost, name, "left_over", left->integer());
            if (const Value* dropped = block.find("tags_dropped")) add(lost, name, "tags dropped", dropped->integer());
            if (const Value* list = block.find("warnings"))
                for (const Value& w : list->list()) warnings.insert(w.at("text").string());
            if (block.find("ended_at") == nullptr) continue;
            const double items = block.at("items_out").real();
            samples += items;
            if (const Value* rate = block.find("sample_rate")) stream_s = std::max(stream_s, items / rate->real());
        }
    }
    for (const Value& recording : report.at("recordings").list())
        if (const Value* list = recording.find("warnings"))
            for (const Value& w : list->list()) warnings.insert(recording.at("path").string() + ": " + w.string());
    const double seconds = report.at("seconds").real();
    Value::Map summary{{"samples", std::int64_t(samples)},
                       {"samples_per_s", seconds > 0 ? samples / seconds : 0.0},
                       {"found", list_of(found)},
                       {"lost", list_of(lost)},
                       {"warnings", std::int64_t(warnings.size())}};
    if (stream_s > 0 && seconds > 0) summary["times_real_time"] = stream_s / seconds;
    return summary;
}

std::string screen(const Value& report) {
    const Value& summary = report.at("summary");
    std::string text;
    add_products(text, report.at("products").list());
    add_counts(text, "found", summary.at("found").list());
    add_counts(text, "lost", summary.at("lost").list());
    if (const std::int64_t warnings = summary.at("warnings").integer(); warnings > 0)
        text += fmt::format("{} warning{}\n", grouped(warnings), warnings == 1 ? "" : "s");
    text += fmt::format("{} samples in {:.3g} s: {:.3g} MS/s", grouped(summary.at("samples").integer()),
                        report.at("seconds").real(), 1e-6 * summary.at("samples_per_s").real());
    if (const Value* times = summary.find("times_real_time")) text += fmt::format(", {:.3g} times real time", times->real());
    return text + "\n";
}

}  // namespace flowspan::run

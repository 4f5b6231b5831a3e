#include "cli/control/ctl_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

constexpr std::size_t columns = 100, widest_block = 32;
constexpr double longest_counted_s = 1e15;

const Value* given(const Value& map, std::string_view key) {
    const Value* v = map.find(key);
    return v == nullptr || v->is_null() ? nullptr : v;
}

std::string duration(double seconds) {
    if (seconds < 10 || !(seconds < longest_counted_s)) return fmt::format("{:.1f} s", seconds);
    const auto s = std::llround(seconds);
    if (s < 120) return fmt::format("{} s", s);
    if (s < 7200) return fmt::format("{} min {:02} s", s / 60, s % 60);
    return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

std::string percent(const Value* fraction) {
    return fraction == nullptr ? "" : fmt::format("{:.0f} %", 100 * fraction->real());
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

/// Characters, not bytes: what a terminal shows.
std::size_t width(std::string_view text) { return std::size_t(std::count_if(text.begin(), text.end(), begins_character)); }

/// Where character `n` of `text` begins.
std::size_t place_of(std::string_view text, std::size_t n) {
    std::size_t at = 0;
    for (++n; at < text.size(); ++at)
        if (begins_character(text[at]) && --n == 0) break;
    return at;
}

/// At most `most` characters: the first ones and the last `kept` ones, with … between them.
std::string cut(const std::string& text, std::size_t most, std::size_t kept) {
    const std::size_t all = width(text);
    if (all <= most) return text;
    return text.substr(0, place_of(text, most - 1 - kept)) + "…" + text.substr(place_of(text, all - kept));
}

std::string waits(const Value& block) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> words{{{"input", "samples"},
                                                                                         {"output", "room"},
                                                                                         {"message_room", "room for messages"},
                                                                                         {"pending", "files or devices"},
                                                                                         {"held", "a hold"}}};
    const Value* waiting = given(block, "waiting");
    std::string state = waiting == nullptr ? "" : waiting->string();
    if (state == "running" || state == "done") return state;
    std::string text;
    if (const Value* all = given(block, "waits_for"))
        for (const Value& one : all->list()) text += (text.empty() ? "" : ", ") + one.string();
    if (!text.empty()) return text;
    for (const auto& [state_word, word] : words)
        if (state == state_word) return std::string(word);
    return state;
}

std::string first_line(const Value& status) {
    std::string line = status.at("state").string();
    if (const Value* v = given(status, "seconds")) line += " for " + duration(v->real());
    if (const Value* v = given(status, "fraction")) line += ", " + percent(v);
    if (const Value* v = given(status, "eta_s")) line += ", " + duration(v->real()) + " left";
    if (const Value* v = given(status, "samples_per_s")) line += fmt::format(", {}S/s", with_prefix(v->real()));
    if (const Value* v = given(status, "times_real_time")) line += fmt::format(", {:.1f} x real time", v->real());
    if (const Value* v = given(status, "changes"); v != nullptr && v->integer() > 0)
        line += fmt::format(", {} change{}", v->integer(), v->integer() == 1 ? "" : "s");
    return line + "\n";
}

}  // namespace

std::string with_prefix(double value) {
    static constexpr std::array<std::string_view, 6> prefixes{"", "k", "M", "G", "T", "P"};
    std::size_t p = 0;
    while (std::abs(value) >= 999.5 && p + 1 < prefixes.size()) {
        value /= 1000;
        ++p;
    }
    if (p == 0) return fmt::format("{:.4g} ", value);
    return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, prefixes[p]);
}

std::string status_text(const Value& status) {
    std::string text = first_line(status);
    const Value* blocks = given(status, "blocks");
    if (blocks == nullptr || blocks->list().empty()) return text;
    std::size_t names = 5;
    for (const Value& b : blocks->list()) names = std::max(names, std::min(widest_block, width(b.at("block").string())));
    const auto row = [&](const std::string& block, const std::string& rank, const std::string& in, const std::string& out,
                         const std::string& done, const std::string& rate, const std::string& wait) {
        const std::string shown = cut(block, names, names / 2);  // both ends tell blocks apart
        std::string line = shown + std::string(names - width(shown), ' ') +
                           fmt::format(" {:>4} {:>7} {:>7} {:>5} {:>10}  ", rank, in, out, done, rate);
        line += cut(wait, columns - width(line), 0);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    const auto count = [](const Value& b, std::string_view key) {
        const Value* v = given(b, key);
        if (v == nullptr) return std::string("-");
        std::string number = with_prefix(v->real());
        if (number.back() == ' ') number.pop_back();
        return number;
    };
    row("block", "rank", "in", "out", "done", "rate", "waits for");
    for (const Value& b : blocks->list()) {
        const Value *rank = given(b, "rank"), *rate = given(b, "samples_per_s");
        row(b.at("block").string(), rank == nullptr ? "" : rank->json(), count(b, "items_in"), count(b, "items_out"),
            percent(given(b, "fraction")), rate == nullptr ? "" : with_prefix(rate->real()) + "S/s", waits(b));
    }
    if (const Value* more = given(status, "blocks_left_out"))
        text += fmt::format("and {} more block{}\n", more->integer(), more->integer() == 1 ? "" : "s");
    return text;
}

}  // namespace flowspan::cli

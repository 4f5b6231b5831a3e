#include "cli/progress.hpp"

#include "cli/launch/words.hpp"
#include "core/say.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

constexpr int bar_width = 30;
constexpr auto line_every = std::chrono::seconds(10);

std::string text(const run::Progress& p) {
    std::string t;
    if (p.fraction >= 0) t += fmt::format("{:3.0f} %  ", 100 * p.fraction);
    t += fmt::format("{:.1f} MS/s", p.samples_per_s / 1e6);
    if (p.times_real_time > 0) t += fmt::format("  {:.1f} x real time", p.times_real_time);
    if (p.fraction > 0.01 && p.fraction < 1) t += fmt::format("  {:.0f} s left", p.seconds / p.fraction * (1 - p.fraction));
    if (!p.slowest_block.empty()) t += fmt::format("  busiest: {}", p.slowest_block);
    return t;
}

}  // namespace

ProgressDisplay::ProgressDisplay(const std::string& mode) {
    const bool terminal = stderr_is_terminal();
    bar_ = mode != "off" && terminal;
    lines_ = mode == "on" || (mode == "auto" && !terminal);
}

void ProgressDisplay::show(const run::Progress& p) {
    if (bar_) {
        const int full = p.fraction < 0 ? 0 : std::clamp(int(std::lround(p.fraction * bar_width)), 0, bar_width);
        say(fmt::format("\r[{:#<{}}{:.<{}}] {}\033[K", "", full, "", bar_width - full, text(p)));
        shown_ = true;
    } else if (lines_ && std::chrono::steady_clock::now() - last_line_ >= line_every) {
        last_line_ = std::chrono::steady_clock::now();
        say_line(text(p));
    }
}

void ProgressDisplay::end() {
    if (shown_) say("\r\033[K");
    shown_ = false;
}

}  // namespace flowspan::cli

// How BasicCallClock counts. For who makes one of it.
#pragma once

#include "runtime/clock/call_clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace flowspan::runtime {

inline constexpr double long_call_s = 200e-6;         // the CPU time is looked at
inline constexpr double cpu_is_seen_s = 500e-6;       // it is known so long before
inline constexpr double all_timed_from_s = 5e-6;      // a call, on the average
inline constexpr double tail_timed_from_s = 1.25e-6;  // where a quarter of it is in long ones
inline constexpr double ticks_seen_long = 3;          // of a call that surely was

template <class Clocks>
std::uint64_t BasicCallClock<Clocks>::timed_ahead(const BlockStatistics& statistics) {
    if (statistics.all_timed) return UINT64_MAX;
    const std::uint64_t step = statistics.steps;
    std::uint64_t ahead = 0;
    for (std::uint64_t k = 0; k < 64;) {
        const std::uint64_t stratum = stratum_of(step + k), first = (step + k) & ~(stratum - 1);
        const std::uint64_t sampled = first + (mixed(first / stratum) & (stratum - 1));
        if (sampled >= step + k && sampled - step < 64) ahead |= std::uint64_t(1) << (sampled - step);
        k = first + stratum - step;
    }
    return ahead;
}

template <class Clocks>
void BasicCallClock<Clocks>::look(std::int64_t tick_ns) {
    last_tick_ns_ = tick_ns;
    seen_ns_ = Clocks::now_ns();
    seen_cpu_s_ = tick_cpu_s_ = Clocks::cpu_s();
    others_ = false;
}

template <class Clocks>
void BasicCallClock<Clocks>::ticked(BlockStatistics& statistics, bool alone, std::int64_t tick_ns) {
    const std::int64_t tick_before_ns = last_tick_ns_, seen_before_ns = seen_ns_;
    const double cpu_before_s = tick_cpu_s_;
    const bool others = others_;
    look(tick_ns);
    const double ticks_s = 1e-9 * double(tick_ns - tick_before_ns), used_s = tick_cpu_s_ - cpu_before_s;
    const double behind_s = 1e-9 * double(seen_ns_ - tick_ns);  // the last tick
    if (ticks_s > (ticks_seen_long - 0.5) * tick_s_) statistics.longest_step_s = std::max(statistics.longest_step_s, ticks_s);
    if (!alone) return;
    statistics.ticked_s += used_s;
    // Without CPU time it was another process's time.
    if (ticks_s > 1.5 * tick_s_ && used_s >= tick_s_) {
        const double since_s = 1e-9 * double(seen_ns_ - seen_before_ns);
        const double took_s = others ? std::min(ticks_s - tick_s_ + 2 * behind_s, since_s) : since_s;
        statistics.work_s += timed_ ? -beyond_itself_s_ : std::min(took_s, used_s);
    }
    judge(statistics, statistics.steps + 1);
}

// Most of the time the thread has run all the while. Where it has not, what ran before the call is not known apart.
template <class Clocks>
double BasicCallClock<Clocks>::cpu_of(double wall_s, std::int64_t begun_ns) {
    const double before_s = std::max(0.0, 1e-9 * double(begun_ns - seen_ns_));
    const double used_s = std::exchange(seen_cpu_s_, Clocks::cpu_s());
    const double since_s = seen_cpu_s_ - used_s;
    seen_ns_ = Clocks::now_ns();
    others_ = false;
    if (since_s >= wall_s) return wall_s;
    return (std::max(0.0, since_s - before_s) + since_s) / 2;
}

template <class Clocks>
Step BasicCallClock<Clocks>::timed(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t number) {
    const std::int64_t begun = Clocks::now_ns();
    if (1e-9 * double(begun - seen_ns_) > cpu_is_seen_s) {
        seen_ns_ = begun;
        seen_cpu_s_ = Clocks::cpu_s();
    }
    Step step = block.step(n);
    const std::int64_t over = Clocks::now_ns();
    const auto at = [](std::int64_t ns) { return Observer::Clock::time_point(std::chrono::nanoseconds(ns)); };
    if (observer != nullptr) observer->call(block.name(), n, at(begun), at(over));
    const bool sampled = is_sampled(number);
    if (!statistics.all_timed && !sampled) return step;
    const double wall_s = std::max(0.0, 1e-9 * double(over - begun) - look_s_);
    const bool is_long = wall_s >= long_call_s;
    const double used_s = is_long ? cpu_of(wall_s, begun) : wall_s;
    const double counted_s = used_s * (statistics.all_timed ? 1 : double(stratum_of(number)));
    statistics.work_s += counted_s;
    if (!is_long) statistics.short_s += counted_s;
    statistics.longest_step_s = std::max(statistics.longest_step_s, wall_s);
    timed_ = true;
    beyond_itself_s_ += counted_s - used_s;
    judge(statistics, number + 1);
    return step;
}

template <class Clocks>
void BasicCallClock<Clocks>::judge(BlockStatistics& statistics, std::uint64_t calls) const {
    const double known_s = std::max(statistics.work_s, statistics.ticked_s);
    const bool long_ones = known_s > 4 * statistics.short_s / 3 + 4 * tick_s_;
    statistics.all_timed = known_s >= double(calls) * (long_ones ? tail_timed_from_s : all_timed_from_s);
}

}  // namespace flowspan::runtime

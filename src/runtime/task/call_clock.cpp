#include "runtime/task/call_clock.hpp"

#include <time.h>

#include <algorithm>
#include <utility>

namespace flowspan::runtime {
namespace {

constexpr double surely_long_s = 0.012;  // three ticks of the coarse clock
constexpr double surely_busy_s = 0.008;  // of CPU time, up to a tick of which may be that of calls before

std::string_view name_of(Wait wait) {
    switch (wait) {
        case Wait::input:
            return "input";
        case Wait::messages:
            return "messages";
        case Wait::output:
            return "output";
        case Wait::message_room:
            return "room for messages";
        case Wait::pending:
            return "its own steps";
        case Wait::held:
            return "its release";
        default:
            return "nothing";
    }
}

}  // namespace

std::int64_t coarse_clock_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

double thread_cpu_s() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return double(used.tv_sec) + 1e-9 * double(used.tv_nsec);
}

void CallClock::begin() {
    measured_ = long_ = false;
    if (const std::int64_t now = coarse_clock_ns(); now != last_ns_) last_ns_ = now, last_cpu_s_ = thread_cpu_s();
}

void CallClock::ended(BlockStatistics& statistics, bool alone) {
    const bool measured = std::exchange(measured_, false), is_long = std::exchange(long_, false);
    const std::int64_t ns = coarse_clock_ns();
    if (ns == last_ns_) return;
    const double s = 1e-9 * double(ns - last_ns_), cpu_s = thread_cpu_s(), used_s = cpu_s - last_cpu_s_;
    last_ns_ = ns;
    last_cpu_s_ = cpu_s;
    if (s < surely_long_s) return;
    statistics.longest_step_s = std::max(statistics.longest_step_s, s);
    if (!alone) return;
    if (measured)
        statistics.work_s -= is_long ? beyond_itself_ : 0;
    else if (used_s >= surely_busy_s)  // else it was another process's time
        statistics.work_s += used_s;
}

std::uint64_t CallClock::measured_ahead(std::uint64_t step) {
    std::uint64_t ahead = 0;
    for (std::uint64_t k = 0; k < 64;) {
        const std::uint64_t stratum = stratum_of(step + k), first = (step + k) & ~(stratum - 1);
        const std::uint64_t measured = first + (mixed(first / stratum) & (stratum - 1));
        if (measured >= step + k && measured - step < 64) ahead |= std::uint64_t(1) << (measured - step);
        k = first + stratum - step;
    }
    return ahead;
}

Step CallClock::measured(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t number) {
    const double cpu_s = is_measured(number) ? thread_cpu_s() : 0;
    const auto begun = Observer::Clock::now();
    Step step = block.step(n);
    const auto over = Observer::Clock::now();
    if (observer != nullptr) observer->call(block.name(), n, begun, over);
    if (!is_measured(number)) return step;
    const double used_s = thread_cpu_s() - cpu_s, counted_s = used_s * double(stratum_of(number));
    statistics.work_s += counted_s;
    statistics.longest_step_s = std::max(statistics.longest_step_s, std::chrono::duration<double>(over - begun).count());
    measured_ = true;
    long_ = used_s >= surely_busy_s;
    beyond_itself_ = counted_s - used_s;
    return step;
}

void CallClock::waited(const Block& block, BlockStatistics& statistics, Wait wait, double seconds) const {
    switch (wait) {
        case Wait::input:
        case Wait::messages:
            statistics.input_wait_s += seconds;
            break;
        case Wait::output:
        case Wait::message_room:
        case Wait::pending:
            statistics.output_wait_s += seconds;
            break;
        default:
            return;
    }
    if (observer != nullptr) observer->wait(block.name(), name_of(wait), seconds);
}

}  // namespace flowspan::runtime

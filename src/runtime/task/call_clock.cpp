#include "runtime/task/call_clock.hpp"

#include <time.h>

#include <algorithm>
#include <utility>

namespace flowspan::runtime {
namespace {

constexpr double surely_long_s = 0.012;  // three ticks of the coarse clock

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

void CallClock::ended(BlockStatistics& statistics, bool alone) {
    const std::int64_t ns = coarse_clock_ns();
    const double s = 1e-9 * double(ns - last_ns_);
    last_ns_ = ns;
    const bool known = std::exchange(long_, false);
    if (s < surely_long_s) return;
    statistics.longest_step_s = std::max(statistics.longest_step_s, s);
    if (alone) statistics.work_s += known ? -beyond_itself_ : s;
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
    const auto begun = Observer::Clock::now();
    Step step = block.step(n);
    const auto over = Observer::Clock::now();
    if (observer != nullptr) observer->call(block.name(), n, begun, over);
    if (!is_measured(number)) return step;
    const double s = std::chrono::duration<double>(over - begun).count(), counted = s * double(stratum_of(number));
    statistics.work_s += counted;
    statistics.longest_step_s = std::max(statistics.longest_step_s, s);
    long_ = s >= surely_long_s;
    beyond_itself_ = counted - s;
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

#include "runtime/task/call_clock.hpp"

#include <time.h>

#include <algorithm>

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

void CallClock::ended(BlockStatistics& statistics) {
    const std::int64_t ns = coarse_clock_ns();
    const double s = 1e-9 * double(ns - last_ns_);
    last_ns_ = ns;
    if (s >= surely_long_s) statistics.longest_step_s = std::max(statistics.longest_step_s, s);
}

Step CallClock::measured(Block& block, std::size_t n, BlockStatistics& statistics, bool estimates) {
    const auto begun = Observer::Clock::now();
    Step step = block.step(n);
    const auto over = Observer::Clock::now();
    if (observer != nullptr) observer->call(block.name(), n, begun, over);
    if (!estimates) return step;
    const double s = std::chrono::duration<double>(over - begun).count();
    statistics.work_s += s * double(measured_every);
    statistics.longest_step_s = std::max(statistics.longest_step_s, s);
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

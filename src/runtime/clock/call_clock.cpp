#include "runtime/clock/call_clock.hpp"

#include "runtime/clock/call_clock_timing.hpp"

#include <time.h>

namespace flowspan::runtime {
namespace {

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

std::int64_t nanoseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::int64_t SystemClocks::coarse_ns() { return nanoseconds(CLOCK_MONOTONIC_COARSE); }
std::int64_t SystemClocks::now_ns() { return nanoseconds(CLOCK_MONOTONIC); }
double SystemClocks::cpu_s() { return 1e-9 * double(nanoseconds(CLOCK_THREAD_CPUTIME_ID)); }

double SystemClocks::tick_s() {
    timespec tick{};
    clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
    return double(tick.tv_sec) + 1e-9 * double(tick.tv_nsec);
}

template <class Clocks>
void BasicCallClock<Clocks>::waited(const Block& block, BlockStatistics& statistics, Wait wait, double seconds) const {
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

template class BasicCallClock<SystemClocks>;

}  // namespace flowspan::runtime

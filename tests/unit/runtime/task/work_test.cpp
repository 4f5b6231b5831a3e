// How true the CPU time of calls is, by clocks that a test turns: no machine has a say.
#include "runtime/clock/call_clock_timing.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace flowspan::runtime {
namespace {

/// What a machine with 250 ticks a second shows.
struct FakeClocks {
    static inline std::int64_t now = 0, cpu = 0;
    static constexpr std::int64_t tick = 4'000'000;
    static std::int64_t coarse_ns() { return now / tick * tick; }
    static double tick_s() { return 1e-9 * double(tick); }
    /// To look takes a while by itself.
    static std::int64_t now_ns() { return cpu += 40, now += 40; }
    static double cpu_s() { return 1e-9 * double(cpu); }
};
using FakeCallClock = BasicCallClock<FakeClocks>;

/// One block of a rank: how long its calls take, in µs.
using Calls = std::function<double(std::uint64_t step, std::mt19937_64& random)>;

double uniform(std::mt19937_64& random) { return double(random() >> 11) * 0x1p-53; }

/// Calls of `most` and less, one in `period` of them, among those of `typical`.
Calls rare(double typical, double most, double period) {
    return [=](std::uint64_t, std::mt19937_64& random) {
        return uniform(random) * period < 1 ? most : typical * (0.5 + uniform(random));
    };
}
Calls always(double microseconds) {
    return [=](std::uint64_t, std::mt19937_64&) { return microseconds; };
}

struct Machine {
    double preempted = 0;  // how often in a second of CPU time the thread is taken off it, for 4 ms on the average
    double outside = 0.2;  // µs between two calls
    double naps = 0;       // µs at the end of a turn, without CPU time
};

/// Runs blocks by turns for so many seconds of CPU time; returns what is known of the first, in parts of what is true.
double shown(const std::vector<Calls>& blocks, double seconds, const Machine& machine, unsigned seed) {
    std::mt19937_64 random(seed);
    FakeClocks::now = std::int64_t(uniform(random) * 1e9), FakeClocks::cpu = 0;
    tests::Probe block{tests::Given{}};
    FakeCallClock clock;
    std::vector<BlockStatistics> statistics(blocks.size());
    double truth = 0, until_taken = machine.preempted > 0 ? -std::log(1 - uniform(random)) / machine.preempted : 1e9;
    const auto pass = [&](double microseconds) {
        const double s = 1e-6 * microseconds;
        FakeClocks::now += std::int64_t(1e9 * s), FakeClocks::cpu += std::int64_t(1e9 * s);
        for (until_taken -= s; until_taken < 0; until_taken += -std::log(1 - uniform(random)) / machine.preempted)
            FakeClocks::now += std::int64_t(-4e6 * std::log(1 - uniform(random)));
    };
    while (FakeClocks::cpu < std::int64_t(1e9 * seconds)) {
        clock.begin();
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            const double takes = blocks[b](statistics[b].steps, random);
            block.on_work = [&](std::size_t) { pass(takes); };
            (void)clock.call(block, 1, statistics[b]);
            ++statistics[b].steps;
            clock.ended(statistics[b]);
            if (b == 0) truth += 1e-6 * takes;
            pass(machine.outside);
        }
        FakeClocks::now += std::int64_t(1e3 * machine.naps);
    }
    return statistics[0].work_s / truth;
}

/// Over some seeds: how far the mean is from the truth, and the worst.
void expect_true(const std::string& what, const std::vector<Calls>& blocks, double seconds, double mean_off, double worst_off,
                 const Machine& machine = {}) {
    constexpr int seeds = 12;
    double sum = 0, worst = 0;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        const double part = shown(blocks, seconds, machine, seed);
        sum += part;
        worst = std::max(worst, std::abs(part - 1));
    }
    EXPECT_NEAR(sum / seeds, 1, mean_off) << what;
    EXPECT_LE(worst, worst_off) << what;
}

TEST(Work, IsTrueOfCallsOfOneLength) {
    for (const double takes : {0.3, 5.0, 20.0, 300.0, 3000.0, 6000.0, 40'000.0})
        expect_true(std::to_string(takes) + " us", {always(takes)}, 1, 0.01, 0.02);
}

TEST(Work, IsTrueOfRareCallsOfAnyLength) {
    for (const double most : {300.0, 1000.0, 2500.0, 4000.0, 5000.0, 6000.0, 8000.0, 10'000.0, 12'000.0, 30'000.0})
        for (const double typical : {1.0, 5.0, 50.0})
            for (const double period : {100.0, 1000.0, 5000.0})
                expect_true(std::to_string(most) + " us, one in " + std::to_string(period) + " of " + std::to_string(typical),
                            {rare(typical, most, period)}, 2, 0.05, 0.15);
}

TEST(Work, IsTrueOfLengthsOfAllSizes) {
    const Calls lognormal = [](std::uint64_t, std::mt19937_64& random) {
        const double gauss = std::sqrt(-2 * std::log(1 - uniform(random))) * std::cos(2 * M_PI * uniform(random));
        return std::min(3 * std::exp(2 * gauss), 50'000.0);
    };
    expect_true("lognormal", {lognormal}, 2, 0.05, 0.15);
    expect_true("by turns", {[](std::uint64_t step, std::mt19937_64&) { return step % 2 == 0 ? 2.0 : 9.0; }}, 1, 0.02, 0.05);
    expect_true("first short, then long", {[](std::uint64_t step, std::mt19937_64&) { return step < 20'000 ? 2.0 : 400.0; }}, 2,
                0.02, 0.05);
}

TEST(Work, IsEachBlocksOwn) {
    const Calls short_ones = rare(3, 3, 1), long_ones = always(7000), middle = rare(2, 6000, 800);
    expect_true("short beside long", {short_ones, always(30)}, 1, 0.02, 0.05);
    expect_true("short beside rare long", {short_ones, middle}, 2, 0.05, 0.15);
    expect_true("rare long beside short", {middle, short_ones, always(20)}, 2, 0.05, 0.15);
    expect_true("long beside short", {long_ones, short_ones}, 2, 0.01, 0.02);
}

TEST(Work, IsCpuTimeOnABusyMachine) {
    const Machine busy{.preempted = 100}, idle{.naps = 300};
    for (const double takes : {5.0, 50.0, 1000.0, 6000.0})
        expect_true(std::to_string(takes) + " us, busy", {always(takes)}, 2, 0.05, 0.1, busy);
    for (const double most : {4000.0, 6000.0, 12'000.0})
        expect_true(std::to_string(most) + " us rarely, busy", {rare(5, most, 1000)}, 2, 0.08, 0.2, busy);
    for (const double most : {1000.0, 6000.0})
        expect_true(std::to_string(most) + " us rarely, mostly idle", {rare(5, most, 1000)}, 1, 0.05, 0.2, idle);
}

}  // namespace
}  // namespace flowspan::runtime

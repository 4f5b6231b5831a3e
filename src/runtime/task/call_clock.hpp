// What calls take: estimated from a few of them, and long ones found with a clock that costs little. One for each rank.
//
// Stratified sampling (Cochran, Sampling Techniques, 5): steps are divided into strata, of each of which one step is measured
// and counts for all; which one is pseudo-random, so that blocks whose calls alternate are not measured at one phase. The first
// 32 steps are strata of their own, later ones grow to 128 steps, as a clock costs as much as a small call. A step that the
// coarse clock shows to be long counts for itself alone, measured or not: a few long ones among many short would else be
// missed, or counted 128 times. CPU time is counted, so that a busy machine does not make a block look busy.
#pragma once

#include "core/observer.hpp"
#include "runtime/task/block_ends.hpp"

#include <bit>
#include <chrono>
#include <cstdint>

namespace flowspan::runtime {

/// A clock that moves every few milliseconds and costs a few nanoseconds.
std::int64_t coarse_clock_ns();
/// CPU time of this thread. Takes about as long as a small call.
double thread_cpu_s();

class CallClock {
public:
    static constexpr std::uint64_t largest_stratum = 128;  // steps

    /// Sees every call; nullptr: nobody does.
    Observer* observer = nullptr;

    void begin();
    /// What has run since the last of these was a call of this block; `alone`: and of no other.
    void ended(BlockStatistics& statistics, bool alone = true);
    /// How many steps this one counts for if it is measured.
    static std::uint64_t stratum_of(std::uint64_t step) {
        return step < 32 ? 1 : step < 16 * largest_stratum ? std::bit_floor(step / 16) : largest_stratum;
    }
    static bool is_measured(std::uint64_t step) {
        const std::uint64_t stratum = stratum_of(step);
        return (step & (stratum - 1)) == (mixed(step / stratum) & (stratum - 1));
    }
    /// Which of the next 64 steps are measured: bit k is the one that is k steps away.
    static std::uint64_t measured_ahead(std::uint64_t step);
    /// `steps_before`: those that are not in the statistics yet.
    Step call(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t steps_before = 0) {
        const std::uint64_t step = statistics.steps + steps_before;
        if (observer == nullptr && !is_measured(step)) return block.step(n);
        return measured(block, n, statistics, step);
    }
    /// The whole rank was idle for so long while the block waited.
    void waited(const Block& block, BlockStatistics& statistics, Wait wait, double seconds) const;

private:
    static std::uint64_t mixed(std::uint64_t k) { return (k * 0x9E3779B97F4A7C15U) >> 40; }
    Step measured(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t step);
    std::int64_t last_ns_ = 0;  // and the CPU time when that was first seen
    double last_cpu_s_ = 0;
    bool measured_ = false, long_ = false;  // the present step has been measured, and took much CPU time
    double beyond_itself_ = 0;              // what it has counted for others
};

}  // namespace flowspan::runtime

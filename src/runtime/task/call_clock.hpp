// What calls take: estimated from a few of them, and long ones found with a clock that costs little. One for each rank.
#pragma once

#include "core/observer.hpp"
#include "runtime/task/block_ends.hpp"

#include <chrono>
#include <cstdint>

namespace flowspan::runtime {

/// A clock that moves every few milliseconds and costs a few nanoseconds.
std::int64_t coarse_clock_ns();

class CallClock {
public:
    static constexpr std::uint64_t measured_every = 128;  // steps: a clock costs as much as a small call

    /// Sees every call; nullptr: nobody does.
    Observer* observer = nullptr;

    void begin() { last_ns_ = coarse_clock_ns(); }
    /// What has run since the last of these was a call of this block.
    void ended(BlockStatistics& statistics);
    /// How many steps away the next one is that a clock is looked at for.
    static std::uint64_t until_measured(const BlockStatistics& statistics) { return -statistics.steps % measured_every; }
    /// `steps_before`: those that are not in the statistics yet.
    Step call(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t steps_before = 0) {
        if (observer == nullptr && (statistics.steps + steps_before) % measured_every != 0) return block.step(n);
        return measured(block, n, statistics, (statistics.steps + steps_before) % measured_every == 0);
    }
    /// The whole rank was idle for so long while the block waited.
    void waited(const Block& block, BlockStatistics& statistics, Wait wait, double seconds) const;

private:
    Step measured(Block& block, std::size_t n, BlockStatistics& statistics, bool estimates);
    std::int64_t last_ns_ = 0;
};

}  // namespace flowspan::runtime

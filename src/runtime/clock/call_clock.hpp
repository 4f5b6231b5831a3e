// What the calls of blocks take, though looking at a clock takes longer than a small call does. One for each rank.
//
// A block whose calls take 5 µs and more on the average has each of them timed (two looks at a clock, of 37 ns where it was
// measured; what they take is left out). Of others some calls are, by stratified sampling (Cochran, Sampling Techniques, 5):
// calls are divided into strata, one of each is timed and counts for all; which one is pseudo-random. The first 32 calls are
// strata of their own, later ones grow to 32.
//
// Sampling alone is true on the average, but misses a few long calls among many short ones, or counts them 32 times. They are
// found by a coarse clock, which costs a few ns and ticks every T = 4 ms:
// - What CPU time has passed since the last tick is put to the account of the block in whose call this one fell: as true on the
//   average, whatever the lengths of calls. Where this says 5 µs a call, or 1.25 µs and a quarter of it in long calls, all are
//   timed.
// - An untimed call in which k >= 2 ticks fell counts for itself and for no other. It began D before the first of them, unseen,
//   and ended V behind the last: it took (k - 1) T + D + V. As calls begin at any phase, V has the distribution of D for every
//   length, and (k - 1) T + 2 V is true on the average.
//
// CPU time is counted: where a call takes more than 0.2 ms by the clock on the wall, the time in which the thread did not run
// is left out.
#pragma once

#include "core/observer.hpp"
#include "runtime/task/block_ends.hpp"

#include <bit>
#include <chrono>
#include <cstdint>

namespace flowspan::runtime {

/// Those of the system.
struct SystemClocks {
    /// Moves every few milliseconds and costs a few nanoseconds.
    static std::int64_t coarse_ns();
    static double tick_s();  // by so much
    /// The same time, exactly.
    static std::int64_t now_ns();
    /// CPU time of this thread. Takes about as long as a call of a microsecond.
    static double cpu_s();
};

/// `Clocks`: as SystemClocks.
template <class Clocks>
class BasicCallClock {
public:
    static constexpr std::uint64_t largest_stratum = 32;  // calls

    /// Sees every call; nullptr: nobody does.
    Observer* observer = nullptr;

    /// What comes now is no call of before.
    void begin() {
        others_ = true;
        if (const std::int64_t ns = Clocks::coarse_ns(); ns != last_tick_ns_) look(ns);
    }
    /// What has run since the last of these was a call of this block; `alone`: and of no other.
    void ended(BlockStatistics& statistics, bool alone = true) {
        const std::int64_t ns = Clocks::coarse_ns();
        if (ns != last_tick_ns_) ticked(statistics, alone, ns);
        others_ = true;
        timed_ = false;
        beyond_itself_s_ = 0;
    }
    /// How many calls this one counts for if it is timed.
    static std::uint64_t stratum_of(std::uint64_t step) {
        return step < 32 ? 1 : step < 16 * largest_stratum ? std::bit_floor(step / 16) : largest_stratum;
    }
    static bool is_sampled(std::uint64_t step) {
        const std::uint64_t stratum = stratum_of(step);
        return (step & (stratum - 1)) == (mixed(step / stratum) & (stratum - 1));
    }
    /// Which of the next 64 calls are timed: bit k is the one that is k calls away.
    static std::uint64_t timed_ahead(const BlockStatistics& statistics);
    /// `steps_before`: those that are not in the statistics yet.
    Step call(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t steps_before = 0) {
        const std::uint64_t step = statistics.steps + steps_before;
        if (observer == nullptr && !statistics.all_timed && !is_sampled(step)) return block.step(n);
        return timed(block, n, statistics, step);
    }
    /// The whole rank was idle for so long while the block waited.
    void waited(const Block& block, BlockStatistics& statistics, Wait wait, double seconds) const;

private:
    static std::uint64_t mixed(std::uint64_t k) { return (k * 0x9E3779B97F4A7C15U) >> 40; }
    Step timed(Block& block, std::size_t n, BlockStatistics& statistics, std::uint64_t number);
    double cpu_of(double wall_s, std::int64_t begun_ns);
    void ticked(BlockStatistics& statistics, bool alone, std::int64_t tick_ns);
    void look(std::int64_t tick_ns);
    void judge(BlockStatistics& statistics, std::uint64_t calls) const;

    /// What looking at the clock twice takes of the time between.
    static double look_s() {
        std::int64_t least = INT64_MAX;
        for (int k = 0; k < 32; ++k) {
            const std::int64_t first = Clocks::now_ns(), second = Clocks::now_ns();
            least = second - first < least ? second - first : least;
        }
        return 1e-9 * double(least);
    }

    double tick_s_ = Clocks::tick_s(), look_s_ = look_s();
    std::int64_t last_tick_ns_ = 0;  // the coarse clock when it was last seen to have moved
    double tick_cpu_s_ = 0;          // and the CPU time then
    std::int64_t seen_ns_ = 0;       // when CPU time was last seen: then or later
    double seen_cpu_s_ = 0;
    bool others_ = false;         // other calls have ended since
    bool timed_ = false;          // the present call has been timed
    double beyond_itself_s_ = 0;  // what it has counted for others
};

using CallClock = BasicCallClock<SystemClocks>;
extern template class BasicCallClock<SystemClocks>;

}  // namespace flowspan::runtime

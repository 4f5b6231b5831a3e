// What only rank 0 does: it learns from every rank how far it is, decides on publishing, failure and leaving, and finds lost
// ranks and true deadlocks.
#pragma once

#include "io/publish/commit.hpp"
#include "run/star/control_star.hpp"
#include "run/star/needed.hpp"

#include <flowspan/diagnostic.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::run {

class Coordinator {
public:
    using Clock = std::chrono::steady_clock;
    struct Options {
        std::string out, run_id;
        std::chrono::duration<double> patience{30};
        std::vector<std::string> hosts;        // by rank
        std::vector<std::string> block_names;  // by number
        std::optional<Needed> needed = {};     // where the graph has cycles
        std::function<Clock::time_point()> now = Clock::now;
    };
    /// `submit` runs a job on the I/O thread.
    Coordinator(ControlStar& star, int ranks, Options options, std::function<Step(std::function<void()>)> submit);

    /// A message from any rank. Unknown ones are a bug.
    void handle(const ControlMessage& message);
    /// Looks at clocks and at the commit job. Returns a cause when a rank is lost: then only an abort is left.
    std::optional<Cause> turn();
    /// Rank 0 itself was stopped for a while: nobody is to blame for silence.
    void forgive();
    const std::optional<Cause>& failure() const { return failure_; }
    bool stopped() const { return stopped_; }
    /// Everything that the ranks said of their blocks when they were done, by rank.
    const std::vector<std::optional<Finished>>& finished() const { return done_; }
    /// The newest progress of each rank.
    const std::vector<std::optional<RankProgress>>& progress() const { return progress_; }
    bool stuck() const { return stuck_; }

private:
    struct RankState {
        Clock::time_point last_seen;
        bool begun = false, done = false, published = false, cleaned = false;
        std::optional<Quiet> quiet;  // what it last said where nothing moved
        int same_quiet = 0;
    };
    void alive(int rank, const RankProgress& progress);
    void quiet(RankState& rank, Quiet quiet);
    void finished(int rank, Finished finished);
    void ended(const Value& blocks);
    void published();
    void cleaned(bool stuck);
    void fail(Cause cause);
    void commit();
    void look_at_commit();
    void judge_deadlock();
    std::string deadlock_text() const;
    bool all(bool RankState::*flag) const;

    ControlStar& star_;
    Options options_;
    std::function<Step(std::function<void()>)> submit_;
    std::vector<RankState> ranks_;
    std::vector<std::optional<Finished>> done_;
    std::vector<std::optional<RankProgress>> progress_;
    std::vector<io::Publisher::Entry> entries_;
    std::optional<Step> committing_;
    std::optional<Cause> failure_;
    bool stopped_ = false, leaving_ = false, stuck_ = false, record_written_ = false;
};

}  // namespace flowspan::run

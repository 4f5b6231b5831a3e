// What only rank 0 does: it learns from every rank how far it is, decides on publishing, failure and leaving, and finds lost
// ranks and true deadlocks.
#pragma once

#include "run/star/closing.hpp"
#include "run/star/control_star.hpp"
#include "run/star/needed.hpp"

#include <flowspan/diagnostic.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::run {

class Coordinator {
public:
    using Clock = std::chrono::steady_clock;
    struct Options {
        std::string run_id;
        std::chrono::duration<double> patience{30};
        std::vector<std::string> hosts;        // by rank
        std::vector<std::string> block_names;  // by number
        std::optional<Needed> needed = {};     // where the graph has cycles
        std::function<Clock::time_point()> now = Clock::now;
        const io::Claims* claims = nullptr;  // as for io::Commit
        const io::RunLocks* locks = nullptr;
        bool overwrite = false;
    };
    /// `submit` runs a job on the I/O thread.
    Coordinator(ControlStar& star, int ranks, Options options, std::function<Step(std::function<void()>)> submit);

    /// A message from any rank. Unknown ones are a bug.
    void handle(const ControlMessage& message);
    /// Looks at clocks and at what happens to files. Returns a cause when a rank is lost: then only an abort is left.
    std::optional<Cause> turn();
    /// Rank 0 itself was stopped for a while: nobody is to blame for silence.
    void forgive();
    const std::optional<Cause>& failure() const { return failure_; }
    bool stopped() const { return stopped_; }
    /// What the ranks said of their blocks when they were done or had cleaned up after a failure, by rank.
    const std::vector<std::optional<Value>>& reports() const { return reports_; }
    /// A rank says it otherwise than in its last word, if it has not yet.
    void reported(int rank, Value report) {
        if (auto& known = reports_[std::size_t(rank)]; !known) known = std::move(report);
    }
    /// The products that have a name now, by it.
    std::map<std::string, io::Publisher::Entry> products() const { return closing_.named(failure_.has_value()); }
    /// The number of their names, where these are partial ones.
    int partial() const { return closing_.partial(); }
    /// What went wrong at the end and spoils nothing.
    const std::vector<std::string>& warnings() const { return closing_.warnings(); }
    /// Before rank 0 ends the others by force: as `Closing::settle`.
    std::string settle(std::chrono::milliseconds within) { return closing_.settle(within); }
    bool unsettled() const { return closing_.unsettled(); }
    /// A stop was asked for when there was nothing left that it could have cut short.
    bool late_stop() const { return late_stop_; }
    /// The newest progress of each rank.
    const std::vector<std::optional<RankProgress>>& progress() const { return progress_; }
    bool stuck() const { return stuck_; }

private:
    using Stage = Closing::Stage;
    struct RankState {
        Clock::time_point last_seen;
        bool begun = false, done = false, published = false, cleaned = false;
        std::optional<Quiet> quiet;  // what it last said where nothing moved
        int same_quiet = 0;
    };
    void alive(int rank, const RankProgress& progress);
    void quiet(RankState& rank, Quiet quiet);
    void ended(const Value& blocks);
    void published(const Value& left);
    void cleaned(bool stuck);
    void fail(Cause cause);
    void abort_all();
    void commit();
    void look_at_files();
    void decided(std::optional<Cause> wrong);
    void leave(std::optional<Cause> wrong);
    void judge_deadlock();
    std::string deadlock_text() const;
    bool all(bool RankState::*flag) const;

    ControlStar& star_;
    Options options_;
    std::vector<RankState> ranks_;
    std::vector<std::optional<Value>> reports_;
    std::vector<std::optional<RankProgress>> progress_;
    Closing closing_;
    std::optional<Cause> failure_;
    bool stopped_ = false, late_stop_ = false, cut_ = false, leaving_ = false, stuck_ = false;
};

}  // namespace flowspan::run

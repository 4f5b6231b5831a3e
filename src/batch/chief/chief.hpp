// What only rank 0 of a batch does: it hands out units, keeps the journal, and says what has become of them.
#pragma once

#include "batch/chief/collector.hpp"
#include "batch/crew/committed.hpp"
#include "batch/crew/teams.hpp"
#include "batch/deal/dealer.hpp"
#include "batch/keep/retry.hpp"
#include "batch/offer/offers.hpp"
#include "batch/opening/opening.hpp"
#include "io/writing/thread.hpp"
#include "run/job/log.hpp"
#include "run/star/control_star.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::batch {

struct Counts {
    std::size_t units = 0, before = 0, done = 0, unchanged = 0, failed = 0, given_up = 0, cancelled = 0, stopped = 0;
    std::size_t cached = 0;  // of those done: taken from the cache
    std::uint64_t samples = 0;
    double cpu_s = 0;
    std::size_t over() const { return before + done + unchanged + failed + given_up + cancelled; }
    Value value() const;
};

class Chief {
public:
    using Clock = std::chrono::steady_clock;
    struct Options {
        int attempts = 3;
        double grace_s = 30;                   // between a stop and dropping what is computed
        std::size_t most_failures = SIZE_MAX;  // after so many no more are begun
        double most_failures_percent = 0;      // the same, of all units; 0: any
        std::vector<std::string> hosts;        // by rank
        Teams teams;                           // their ranks, the one that speaks first
        std::set<int> apart{};                 // ranks whose products come by way of this one
        std::vector<Offered> offered{};        // by rank, where graphs require something
        bool serves = false;                   // it ends when it is stopped
        bool stages = false;                   // a rank has what it has read at hand
        std::string cache{};                   // as of Task
        std::uint64_t cache_limit = 0;
        std::function<void(const std::string& line)> say;
        std::function<void()> last;  // on the I/O thread, once all is written and before the ranks are told; throws nothing
    };
    Chief(run::ControlStar& star, io::Thread& io, const BatchRequest& request, Opened& opened, Options options);

    /// Of a rank; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    void turn(Clock::time_point now);
    /// No more hand-outs; what is computed may end within the grace, or is dropped at once.
    void stop(Clock::time_point now, bool at_once = false);
    /// Units have come, which stand behind the others of `opened`; of those that it knew, cancelled ones are to be done after
    /// all. Returns how many these are.
    std::size_t added(const std::vector<std::size_t>& known);
    /// Nobody is to do them, or any that are not over. What is being computed ends. Returns how many.
    std::size_t cancel(const std::optional<std::vector<std::string>>& folders);
    /// Units in a state ("waiting", "running", "done", "failed", "cancelled"; "left": not over; "" all): as many as `bytes` of
    /// JSON hold, each `unit`, `state` and `rank`; and how many there are.
    std::pair<Value::List, std::size_t> list(const std::string& state, std::size_t bytes) const;
    /// Nothing writes the journal now. Throws Failure where that takes too long.
    void wait_for_group();
    /// A rank is gone. Returns the folder of the unit that it was at, whose attempt that was; "": of none.
    std::string lose(int rank);
    /// The batch ends for that: it is written down at once, so that nobody suspects other units.
    void end_lost();
    /// Teams that have not answered yet to a stop that drops all.
    std::vector<int> busy_teams() const { return dealer_.busy(); }
    /// All is over and written; the ranks have been told.
    bool over() const { return over_; }
    const Counts& counts() const { return counts_; }
    std::optional<double> seconds_left() const { return dealer_.seconds_left(); }
    /// Whether the person, or too many failures, has ended it before all was done.
    bool stopped() const { return stopped_.has_value(); }
    ExitCode code() const;

private:
    enum class Now : std::uint8_t { waiting, running, done, failed, cancelled };
    struct Committed {
        std::size_t unit = 0;
        int rank = 0;
        Answer answer;
    };
    /// Lines that are being written, and what follows once they are.
    struct Group {
        Step job;
        std::map<int, Value::List> tasks, renames;  // by rank
    };
    double seconds(Clock::time_point t) const { return std::chrono::duration<double>(t - begun_).count(); }
    void take_in(std::size_t first);
    bool cancel(std::size_t unit);
    std::size_t group_of(std::size_t unit);
    std::size_t kind_of(std::size_t unit);
    void lacks(std::size_t unit, int rank, const Answer& answer);
    void add_to_dealer(std::size_t unit, int failed = 0, bool suspect = false);
    Task task_of(std::size_t unit, const std::string& run) const;
    void hand_out(double now);
    void answered(int rank, Answer answer);
    void failed(std::size_t unit, int rank, const Answer& answer);
    void named(const Renamed& renamed);
    line::Failed line_of_failure(std::size_t unit, int rank) const;
    void write(Clock::time_point now);
    void written();
    void end();
    line::Commit line_of(const Committed& c) const;
    void finish();
    void count_failure(std::size_t unit);
    void asked(const RetryAsked& request);
    void say_failure(std::size_t unit, const std::string& cause, bool again);

    run::ControlStar& star_;
    io::Thread& io_;
    const BatchRequest& request_;
    Opened& o_;
    Options options_;
    Dealer dealer_;
    Collector collector_;
    Clock::time_point begun_ = Clock::now(), last_sync_{}, last_write_{};
    std::vector<Value> lines_;          // to be written
    std::map<int, Value::List> tasks_;  // to go once their lines are written, by rank
    std::vector<Committed> commits_;    // to be committed
    std::optional<Group> group_;
    std::map<std::size_t, std::string> runs_;  // of the attempts that are under way, by unit
    std::optional<Step> last_;
    std::size_t publishing_ = 0;
    std::optional<Clock::time_point> stopped_, now_;
    Counts counts_;
    std::uint64_t next_run_ = 0;
    std::map<std::string, std::size_t> groups_;  // by recording
    std::map<std::string, std::size_t> kinds_;   // by graph
    std::set<std::string> lacking_;              // hosts of which that has been said
    std::vector<Now> is_;                        // by unit
    std::set<std::size_t> cancelled_;            // while they are computed
    std::set<std::size_t> failed_;               // for good, and before
    std::vector<std::string> answered_;          // requests, whose lines are to be written
    RetriesWhileRunning retries_;
    bool dropped_ = false, ended_ = false, over_ = false, too_many_failed_ = false;
};

}  // namespace flowspan::batch

// Which unit next, and to whom. Pure: it is told what happens and what time it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace flowspan::batch {

class Dealer {
public:
    struct Options {
        std::vector<int> host_of;  // by rank: a number for each host
        int attempts = 3;          // in all, of a unit that fails
        double group_s = 1;        // a rank has about so much work at once
        double pause_s = 2;        // before a second attempt; doubled before each further one
    };
    /// Times are seconds since whatever moment.
    explicit Dealer(Options options);

    static constexpr std::size_t no_group = SIZE_MAX;
    /// A unit to be done. `cost`: what its time is thought to grow with (bytes to read). `failed`: attempts so far. A suspect
    /// is done last, and with nothing beside it. Units of a `group` read the same recording: a rank that has begun with one is
    /// given the others, where it can be.
    void add(std::size_t unit, double cost, int failed = 0, bool suspect = false, std::size_t group = no_group,
             std::size_t kind = 0);
    /// The number of units that these ranks alone may do; 0 of those that all may.
    std::size_t kind_of(std::vector<bool> ranks);
    /// What a rank is to be given now, in this order; nothing where it has enough, or there is nothing for it.
    std::vector<std::size_t> next(int rank, double now);

    /// It has been computed, in so many seconds.
    void done(std::size_t unit, double seconds);
    /// True: it will be tried again, after a pause and elsewhere if there is an elsewhere.
    bool failed(std::size_t unit, bool may_be_tried_again, double now);
    /// What it needs is not on the host of its rank, which is no failure: it goes to another host. False: there is none left.
    bool elsewhere(std::size_t unit, double now);
    /// A rank is lost. The unit that it was at has failed once more; others that it had go back. Returns that unit.
    std::optional<std::size_t> lost(int rank, double now);
    /// Nobody is to do it. False: it is under way, or over.
    bool cancel(std::size_t unit);
    /// No more hand-outs.
    void stop() { stopped_ = true; }

    /// Waiting, handed out, given up.
    std::size_t left() const { return queued_ + again_.size() + suspects_.size(); }
    std::size_t out() const { return out_.size(); }
    bool over() const { return out_.empty() && (stopped_ || left() == 0); }
    /// Attempts that have failed so far.
    int attempts(std::size_t unit) const;
    /// When something that waits may be handed out, if nothing happens before.
    std::optional<double> wakes() const;
    /// Nothing is left but suspects.
    bool only_suspects_left() const { return queued_ == 0 && again_.empty() && !suspects_.empty(); }
    /// The unit that a rank is at.
    std::optional<std::size_t> at(int rank) const {
        const auto& own = of_rank_.at(std::size_t(rank));
        return own.empty() ? std::nullopt : std::optional(own.front());
    }
    /// Ranks that have some.
    std::vector<int> busy() const;
    /// Seconds that all that is waiting or handed out will take one rank, as far as that can be said.
    std::optional<double> seconds_left() const;

private:
    struct Task {
        double cost = 0;
        bool known = false;  // and not over
        int failed = 0;
        int rank = -1;    // that has it
        int avoids = -1;  // a rank on which it has failed
        bool suspect = false;
        double ready = 0;  // not before
        std::size_t group = no_group;
        std::size_t kind = 0;
    };
    using ByCost = std::set<std::pair<double, std::size_t>>;  // by falling cost (its negative)
    struct Kind {
        std::vector<bool> serves;      // by rank; empty: all
        std::size_t ranks = SIZE_MAX;  // that serve it
        ByCost queue{};
        std::map<std::size_t, ByCost> of_group{};  // the same by group
        ByCost groups{};                           // the first unit's, and the group
    };
    bool serves(std::size_t kind, int rank) const {
        const auto& serves = kinds_[kind].serves;
        return serves.empty() || serves[std::size_t(rank)];
    }
    bool knows(std::size_t unit) const { return unit < tasks_.size() && tasks_[unit].known; }
    bool suits(std::size_t unit, int rank) const;
    bool lacks(std::size_t unit, int rank) const;
    bool may_do(std::size_t unit, int rank) const;
    void enqueue(std::size_t unit);
    void dequeue(std::size_t unit);
    std::size_t preferred(int rank, const Kind& kind) const;
    std::optional<std::size_t> take_suspect(int rank);
    double guess(double cost) const { return *rate_ * cost; }
    std::optional<std::size_t> take(int rank, double now);
    void hand_out(std::size_t unit, int rank);
    void put_back(std::size_t unit);

    Options options_;
    std::vector<Task> tasks_;                         // by unit
    std::vector<Kind> kinds_ = std::vector<Kind>(1);  // the first: any rank
    std::size_t queued_ = 0;
    std::set<std::pair<double, std::size_t>> again_;  // by the time from which they may be tried
    std::deque<std::size_t> suspects_;
    std::set<std::size_t> out_;
    std::map<std::size_t, int> held_;               // by group: ranks whose last unit is of it
    std::map<std::size_t, std::set<int>> lacking_;  // by unit: hosts that lack what it needs
    std::vector<std::deque<std::size_t>> of_rank_;
    std::vector<double> cost_of_rank_;  // handed out
    std::vector<std::size_t> group_of_rank_;
    std::vector<bool> gone_;
    std::size_t ranks_ = 0;       // that are there
    std::optional<double> rate_;  // seconds a unit of cost
    double measured_s_ = 0, measured_cost_ = 0, cost_left_ = 0;
    bool suspect_out_ = false, stopped_ = false;
};

}  // namespace flowspan::batch

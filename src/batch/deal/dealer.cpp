#include "batch/deal/dealer.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan::batch {

Dealer::Dealer(Options options)
    : options_(std::move(options)),
      of_rank_(options_.host_of.size()),
      cost_of_rank_(options_.host_of.size()),
      group_of_rank_(options_.host_of.size(), no_group),
      gone_(options_.host_of.size()),
      ranks_(options_.host_of.size()) {}

void Dealer::add(std::size_t unit, double cost, int failed, bool suspect, std::size_t group, std::size_t kind) {
    if (unit >= tasks_.size()) tasks_.resize(std::max(unit + 1, tasks_.size() * 2));
    Task& task = tasks_[unit];
    task = {.cost = std::max(cost, 1.0), .known = true, .failed = failed, .suspect = suspect, .group = group, .kind = kind};
    lacking_.erase(unit);
    cost_left_ += task.cost;
    if (suspect)
        suspects_.push_back(unit);
    else
        enqueue(unit);
}

void Dealer::enqueue(std::size_t unit) {
    const Task& task = tasks_[unit];
    Kind& kind = kinds_[task.kind];
    queued_ += kind.queue.insert({-task.cost, unit}).second ? 1 : 0;
    if (task.group == no_group) return;
    auto& group = kind.of_group[task.group];
    if (!group.empty()) kind.groups.erase({group.begin()->first, task.group});
    group.insert({-task.cost, unit});
    kind.groups.insert({group.begin()->first, task.group});
}

void Dealer::dequeue(std::size_t unit) {
    const Task& task = tasks_[unit];
    Kind& kind = kinds_[task.kind];
    if (kind.queue.erase({-task.cost, unit}) == 0) return;
    --queued_;
    if (task.group == no_group) return;
    auto& group = kind.of_group[task.group];
    kind.groups.erase({group.begin()->first, task.group});
    group.erase({-task.cost, unit});
    if (group.empty())
        kind.of_group.erase(task.group);
    else
        kind.groups.insert({group.begin()->first, task.group});
}

// What reads the recording that the rank read last, else one that nobody reads, else the longest.
std::size_t Dealer::preferred(int rank, const Kind& kind) const {
    constexpr int looks = 64;
    if (const auto own = kind.of_group.find(group_of_rank_[std::size_t(rank)]); own != kind.of_group.end())
        return own->second.begin()->second;
    int looked = 0;
    for (auto group = kind.groups.begin(); group != kind.groups.end() && looked < looks; ++group, ++looked)
        if (!held_.contains(group->second)) return kind.of_group.at(group->second).begin()->second;
    return kind.queue.begin()->second;
}

std::size_t Dealer::kind_of(std::vector<bool> ranks) {
    const auto count = std::size_t(std::count(ranks.begin(), ranks.end(), true));
    if (count == ranks.size()) return 0;
    for (std::size_t k = 1; k < kinds_.size(); ++k)
        if (kinds_[k].serves == ranks) return k;
    kinds_.push_back({.serves = std::move(ranks), .ranks = count});
    return kinds_.size() - 1;
}

bool Dealer::lacks(std::size_t unit, int rank) const {
    const auto hosts = lacking_.find(unit);
    return hosts != lacking_.end() && hosts->second.contains(options_.host_of[std::size_t(rank)]);
}

bool Dealer::may_do(std::size_t unit, int rank) const {
    return !gone_[std::size_t(rank)] && serves(tasks_.at(unit).kind, rank) && !lacks(unit, rank);
}

// Elsewhere: another host where there is one that may do it, else another rank, else where it was.
bool Dealer::suits(std::size_t unit, int rank) const {
    if (!may_do(unit, rank)) return false;
    const Task& task = tasks_.at(unit);
    if (task.avoids < 0) return true;
    const int bad = options_.host_of[std::size_t(task.avoids)];
    bool other_host = false, other_rank = false;
    for (int r = 0; r < int(gone_.size()) && !other_host; ++r) {
        if (r == task.avoids || !may_do(unit, r)) continue;
        other_rank = true;
        other_host = options_.host_of[std::size_t(r)] != bad;
    }
    return other_host ? options_.host_of[std::size_t(rank)] != bad : !other_rank || rank != task.avoids;
}

std::optional<std::size_t> Dealer::take(int rank, double now) {
    constexpr int looks = 64;  // at those that must go elsewhere
    int looked = 0;
    for (auto it = again_.begin(); it != again_.end() && it->first <= now && looked < looks; ++it, ++looked) {
        if (!suits(it->second, rank)) continue;
        const std::size_t unit = it->second;
        again_.erase(it);
        return unit;
    }
    const Kind* best = nullptr;  // what fewer ranks may do goes first
    for (std::size_t k = 0; k < kinds_.size(); ++k)
        if (!kinds_[k].queue.empty() && serves(k, rank) && (best == nullptr || kinds_[k].ranks < best->ranks))
            best = &kinds_[k];
    if (best == nullptr) return take_suspect(rank);
    const std::size_t unit = preferred(rank, *best);
    dequeue(unit);
    return unit;
}

std::optional<std::size_t> Dealer::take_suspect(int rank) {
    if (queued_ > 0 || !again_.empty() || !out_.empty()) return std::nullopt;
    const auto it = std::find_if(suspects_.begin(), suspects_.end(), [&](std::size_t unit) { return may_do(unit, rank); });
    if (it == suspects_.end()) return std::nullopt;
    const std::size_t unit = *it;
    suspects_.erase(it);
    suspect_out_ = true;
    return unit;
}

void Dealer::hand_out(std::size_t unit, int rank) {
    Task& task = tasks_.at(unit);
    task.rank = rank;
    if (std::size_t& group = group_of_rank_[std::size_t(rank)]; group != task.group) {
        if (const auto held = held_.find(group); held != held_.end() && --held->second == 0) held_.erase(held);
        group = task.group;
        if (group != no_group) ++held_[group];
    }
    out_.insert(unit);
    of_rank_[std::size_t(rank)].push_back(unit);
    cost_of_rank_[std::size_t(rank)] += task.cost;
}

// Until something is measured a rank has two: the one that it computes, and the next. Towards the end all share what is left.
std::vector<std::size_t> Dealer::next(int rank, double now) {
    std::vector<std::size_t> units;
    if (stopped_ || suspect_out_ || gone_[std::size_t(rank)]) return units;
    auto& own = of_rank_[std::size_t(rank)];
    const double& cost = cost_of_rank_[std::size_t(rank)];
    if (rate_ && own.size() > 1 && guess(cost) > options_.group_s / 2) return units;
    const std::size_t share = (left() + 2 * ranks_ - 1) / (2 * ranks_);
    while (own.size() < 2 || (rate_ && guess(cost) < options_.group_s && units.size() < share)) {
        if (!own.empty() && left() < ranks_) break;  // others have none: it waits until it needs one
        const auto unit = take(rank, now);
        if (!unit) break;
        hand_out(*unit, rank);
        units.push_back(*unit);
        if (suspect_out_) break;
    }
    return units;
}

void Dealer::put_back(std::size_t unit) {
    Task& task = tasks_.at(unit);
    out_.erase(unit);
    if (task.rank >= 0) {
        auto& own = of_rank_[std::size_t(task.rank)];
        own.erase(std::remove(own.begin(), own.end(), unit), own.end());
        cost_of_rank_[std::size_t(task.rank)] -= task.cost;
    }
    task.rank = -1;
    if (task.suspect) suspect_out_ = false;
}

void Dealer::done(std::size_t unit, double seconds) {
    if (!knows(unit)) return;
    Task& task = tasks_[unit];
    measured_s_ += seconds;
    measured_cost_ += task.cost;
    rate_ = measured_s_ / measured_cost_;
    cost_left_ -= task.cost;
    put_back(unit);
    task.known = false;
}

bool Dealer::failed(std::size_t unit, bool may_be_tried_again, double now) {
    if (!knows(unit)) return false;
    Task& task = tasks_[unit];
    task.avoids = task.rank;
    put_back(unit);
    if (!may_be_tried_again || ++task.failed >= options_.attempts) {
        cost_left_ -= task.cost;
        task.known = false;
        return false;
    }
    if (task.suspect) {
        suspects_.push_back(unit);
    } else {
        task.ready = now + options_.pause_s * std::pow(2, task.failed - 1);
        again_.insert({task.ready, unit});
    }
    return true;
}

bool Dealer::elsewhere(std::size_t unit, double now) {
    if (!knows(unit) || tasks_[unit].rank < 0) return false;
    Task& task = tasks_[unit];
    lacking_[unit].insert(options_.host_of[std::size_t(task.rank)]);
    bool other = false;
    for (int r = 0; r < int(gone_.size()) && !other; ++r) other = may_do(unit, r);
    if (!other) return false;
    put_back(unit);
    if (task.suspect) {
        suspects_.push_back(unit);
    } else {
        task.ready = now;
        again_.insert({task.ready, unit});
    }
    return true;
}

std::optional<std::size_t> Dealer::lost(int rank, double now) {
    if (gone_[std::size_t(rank)]) return std::nullopt;
    gone_[std::size_t(rank)] = true;
    --ranks_;
    const std::deque<std::size_t> had = of_rank_[std::size_t(rank)];
    for (std::size_t k = 1; k < had.size(); ++k) {
        put_back(had[k]);
        enqueue(had[k]);
    }
    if (had.empty()) return std::nullopt;
    failed(had.front(), true, now);
    return had.front();
}

bool Dealer::cancel(std::size_t unit) {
    if (!knows(unit) || out_.contains(unit)) return false;
    Task& task = tasks_[unit];
    dequeue(unit);
    again_.erase({task.ready, unit});
    suspects_.erase(std::remove(suspects_.begin(), suspects_.end(), unit), suspects_.end());
    cost_left_ -= task.cost;
    task.known = false;
    return true;
}

std::vector<int> Dealer::busy() const {
    std::vector<int> ranks;
    for (std::size_t r = 0; r < of_rank_.size(); ++r)
        if (!of_rank_[r].empty()) ranks.push_back(int(r));
    return ranks;
}

int Dealer::attempts(std::size_t unit) const { return knows(unit) ? tasks_[unit].failed : 0; }

std::optional<double> Dealer::wakes() const {
    if (again_.empty() || stopped_) return std::nullopt;
    return again_.begin()->first;
}

std::optional<double> Dealer::seconds_left() const {
    if (!rate_) return std::nullopt;
    return std::max(0.0, guess(cost_left_));
}

}  // namespace flowspan::batch

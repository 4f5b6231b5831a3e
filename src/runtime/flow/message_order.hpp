// The queues of one receiver by what comes first in them: kept as they change, so that a message costs the logarithm of their
// number.
#pragma once

#include "runtime/flow/message_queue.hpp"

#include <cstddef>
#include <vector>

namespace flowspan::runtime {

/// The least of some queues: a tournament, of which a change plays the games of its own branch again. Of equal ones the first.
class Tournament {
public:
    using Before = bool (*)(const MessageQueue&, const MessageQueue&);
    explicit Tournament(Before before) : before_(before) {}
    void add(const MessageQueue& queue) { queues_.push_back(&queue); }
    /// After all have been added.
    void play();
    /// The queue of this number, in the order of `add`, has changed.
    void changed(std::size_t number);
    /// The number of the least; there must be one.
    std::size_t least() const { return winners_[1]; }
    std::size_t size() const { return queues_.size(); }

private:
    std::size_t winner_of(std::size_t game) const;
    Before before_;
    std::vector<const MessageQueue*> queues_;
    std::vector<std::size_t> winners_;  // by game: 1 is the last, the players are the games from `first_` on
    std::size_t first_ = 1;
};

class MessageOrder {
public:
    MessageOrder();
    /// Of a block's queues in the order of their connections; they tell of their changes from now on.
    explicit MessageOrder(const std::vector<MessageQueue*>& queues);
    MessageOrder(const MessageOrder&) = delete;
    MessageOrder& operator=(const MessageOrder&) = delete;

    /// The number of the queue whose first message comes first, of those with messages; none: `nobody`.
    std::size_t first() const;
    /// The first with messages of those in the order of arrival; none: `nobody`.
    std::size_t first_arrived() const;
    static constexpr std::size_t nobody = SIZE_MAX;
    /// Of all queues but those in the order of arrival: the least watermark, and the earliest stamp that can come next. Latest
    /// where there are none.
    Time least_watermark() const;
    Time earliest() const;
    /// Of all.
    Time earliest_of_all() const;
    /// Of those that are no feedback: how many go on, and the last promise of all that have ended.
    std::size_t open() const { return open_; }
    const Time& final_watermark() const { return final_; }
    /// Whether there are others than those in the order of arrival.
    bool has_sorted() const { return !sorted_.empty(); }
    /// Lets those grow that are at least half full.
    void grow_filling();
    const std::vector<const MessageQueue*>& feedback() const { return feedback_; }

    // For its queues.
    void changed(std::size_t slot);
    void ended(std::size_t slot);
    void fills(std::size_t slot);

private:
    std::vector<MessageQueue*> queues_;
    std::vector<const MessageQueue*> feedback_;
    std::vector<std::size_t> number_;            // by slot: within the tournaments that it takes part in
    std::vector<std::size_t> sorted_, arrival_;  // slots, by that number
    Tournament front_, watermark_, earliest_, earliest_arrival_, arrived_;
    std::vector<std::size_t> filling_;
    std::vector<bool> is_filling_;
    std::size_t open_ = 0;
    Time final_ = Time::earliest();
};

}  // namespace flowspan::runtime

// The messages of one connection on one rank, in the order (stamp, sequence), and the promise of what is still to come.
#pragma once

#include "runtime/task/task.hpp"

#include <flowspan/port.hpp>

#include <cstdint>
#include <deque>

namespace flowspan::runtime {

class MessageOrder;

class MessageQueue {
public:
    static constexpr std::size_t initial_capacity = 1024;

    Task* sender = nullptr;    // woken when there is room again
    Task* receiver = nullptr;  // woken by messages and by a higher watermark
    Time delay;                // of a feedback edge: added to stamps and watermarks
    bool feedback = false;     // on the receiver's side: `delay` is added
    bool arrival_order = false;
    int number = -1;  // of the connection in the graph file

    /// Puts a message in. Not below the watermark.
    void push(const Time& stamp, Value value);
    /// The first promise of a feedback edge: nothing comes before the cycle's own beginning plus its delay.
    void begin_at(const Time& watermark) { watermark_ = watermark; }
    /// Who is told of what changes at its front, or nobody: it is the one of this number there.
    void tell(MessageOrder* order, std::size_t slot) {
        order_ = order;
        slot_ = slot;
    }
    /// No later message will have a smaller stamp.
    void raise(const Time& watermark);
    void end();
    bool ended() const { return ended_; }
    /// The last promise before the end: up to where its sender has gone.
    const Time& final_watermark() const { return final_; }
    /// The receiver wants no more; what still comes is counted and dropped.
    void cancel();
    bool cancelled() const { return cancelled_; }

    bool empty() const { return messages_.empty(); }
    const Message& front() const { return messages_.front(); }
    Message take();
    /// The first one comes too late for its receiver: counted and dropped.
    void drop();
    const Time& watermark() const { return watermark_; }
    /// The earliest stamp that the next message can have.
    const Time& earliest() const { return messages_.empty() ? watermark_ : messages_.front().stamp; }
    bool full() const { return !cancelled_ && messages_.size() >= capacity_; }
    /// Lets it grow: its receiver waits for another sender, which may wait for this one.
    void grow();
    std::uint64_t taken() const { return taken_; }
    std::uint64_t dropped() const { return dropped_; }
    std::size_t capacity() const { return capacity_; }
    std::size_t size() const { return messages_.size(); }

private:
    void changed();
    MessageOrder* order_ = nullptr;
    std::size_t slot_ = 0;
    std::deque<Message> messages_;
    Time watermark_ = Time::earliest(), final_ = Time::earliest();
    std::size_t capacity_ = initial_capacity;
    std::uint64_t taken_ = 0, dropped_ = 0;
    bool ended_ = false, cancelled_ = false;
};

}  // namespace flowspan::runtime

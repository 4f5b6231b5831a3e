#include "runtime/flow/message_queue.hpp"

#include "runtime/flow/message_order.hpp"

#include <algorithm>

namespace flowspan::runtime {

void MessageQueue::changed() {
    if (order_ != nullptr) order_->changed(slot_);
}

void MessageQueue::push(const Time& stamp, Value value) {
    if (cancelled_) {
        ++dropped_;
        return;
    }
    const Time at = feedback ? stamp + delay : stamp;
    // A block may send out of order within one call; ties keep the order of sending.
    auto place = messages_.end();
    while (place != messages_.begin() && std::prev(place)->stamp > at) --place;
    const bool first = place == messages_.begin();
    messages_.insert(place, Message{at, std::move(value)});
    if (first) changed();
    if (order_ != nullptr && 2 * messages_.size() >= capacity_) order_->fills(slot_);
    if (receiver != nullptr) receiver->wake();
}

void MessageQueue::raise(const Time& watermark) {
    const bool finite = watermark != Time::latest() && watermark != Time::earliest();
    const Time at = feedback && finite ? watermark + delay : watermark;
    if (at <= watermark_) return;
    watermark_ = at;
    changed();
    if (receiver != nullptr) receiver->wake();
}

void MessageQueue::end() {
    if (!ended_) {
        final_ = watermark_;
        ended_ = true;
        if (order_ != nullptr) order_->ended(slot_);
    }
    raise(Time::latest());
    if (receiver != nullptr) receiver->wake();
}

void MessageQueue::cancel() {
    cancelled_ = true;
    dropped_ += messages_.size();
    messages_.clear();
    changed();
    if (sender != nullptr) sender->wake();
}

Message MessageQueue::take() {
    const bool was_full = full();
    Message m = std::move(messages_.front());
    messages_.pop_front();
    changed();
    ++taken_;
    if (sender != nullptr && (was_full || messages_.size() * 2 == capacity_ || messages_.empty())) sender->wake();
    return m;
}

void MessageQueue::drop() {
    take();
    --taken_;
    ++dropped_;
}

void MessageQueue::grow() {
    do capacity_ *= 2;
    while (messages_.size() >= capacity_);  // one call may have sent more than twice as many as fit
    if (sender != nullptr) sender->wake();
}

}  // namespace flowspan::runtime

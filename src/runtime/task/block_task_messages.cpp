// Messages that a block handles, between its samples or without any.
#include "runtime/task/block_task.hpp"

#include "runtime/task/access.hpp"

#include <algorithm>

namespace flowspan::runtime {
namespace {

constexpr int messages_at_once = 256;

}  // namespace

bool BlockTask::deliver_messages() {
    int delivered = 0;
    while (delivered < messages_at_once && books_.calm() && messages_.has_room()) {
        if (fed_ && (total_reached() || dependent_->lacks_room())) break;
        MessageIn* m = messages_.next();
        if (m == nullptr) break;
        if (m->queue->feedback && comes_too_late(m->queue->front().stamp)) {
            m->queue->drop();
            ++delivered;
            continue;
        }
        std::uint64_t at = statistics_.messages_in;
        if (!ins.empty()) {
            // Before the first sample at or after its stamp, and not before the samples ahead of that.
            const std::uint64_t here = next_input(), last = at_end_of_stretch_ ? std::max(here, boundary_) : here;
            if (!messages_.is_due(*m, last, at_end_of_stretch_)) {
                messages_.grow_full();  // the samples that they wait for may wait for their sender
                break;
            }
            at = messages_.place_of(*m, here, last);
        }
        if (changes_ != nullptr && !make_changes_at(at)) break;
        receive(*m);
        message_at_ = at;
        ++statistics_.messages_in;
        ++delivered;
    }
    promise();  // also what the senders have promised
    return delivered > 0;
}

// Answers of a cycle of messages go on for as long as what they answer: so many of them are handled on any cut.
bool BlockTask::comes_too_late(const Time& stamp) const {
    if (!ins.empty() || !(outs.empty() || fed_)) return false;
    const auto end = messages_.end_of_messages();
    return end && stamp >= *end;
}

void BlockTask::receive(MessageIn& from) {
    const Message message = from.queue->take();
    Access::handling(*block_, message.stamp);
    if (fed_) dependent_->place({});
    if (!ins.empty()) messages_.begin_call(cell_of(next_input()), ins[0].anchor);
    if (!set_by_message(from, message)) block_->receive(*from.port, message);
    if (fed_) {
        const auto& [taken, made] = dependent_->came_of_message();
        places_.state(made, message.stamp);
        entered(books_.enter(taken, made, places_, Step::done()));
    }
    for (Step& begun : Access::begun(*block_)) books_.enter_begun(std::move(begun));
    Access::begun(*block_).clear();
}

// A block without stream inputs whose work is its messages: it ends with them. (Answers to its own end with it.)
bool BlockTask::message_block() {
    const auto end = messages_.end_of_messages();
    const bool over =
        books_.calm() && (total_reached() || (end && messages_.has_handled_all() && !messages_.awaits_answers(*end)));
    if (over) {
        books_.complete_held();
        phase_ = Phase::finishing;
        return true;
    }
    wait_ = books_.calm() ? Wait::messages : Wait::pending;
    if (fed_ && dependent_->lacks_room()) {
        lack_room();
        wait_ = Wait::output;
    } else if (!messages_.has_room()) {
        wait_ = Wait::message_room;
    }
    return false;
}

}  // namespace flowspan::runtime

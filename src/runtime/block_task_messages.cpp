// Messages of a block, in the order of the delivery rule, and what it promises itself.
#include "runtime/block_task.hpp"

#include "runtime/access.hpp"
#include "runtime/counts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr int messages_at_once = 256;

}  // namespace

// Messages go to the queues of all receivers, and to who watches.
void BlockTask::deliver_to_queues(MessageOut& out) {
    Access::deliver(*out.port) = [this, &out](std::optional<std::uint64_t> index, Value value) {
        const StreamDescription& d = ins.empty() ? outs.at(0).port->description() : ins[0].port->description();
        const Time stamp =
            index ? d.origin + Time::of(std::int64_t(*index), d.stamp_rate()) : Access::handled(*block_);
        ++statistics_.messages_out;
        if (out.tap) out.tap(stamp, value);
        for (MessageQueue* q : out.queues) {
            if (!q->feedback && stamp < q->watermark())
                throw Failure(ExitCode::block,
                              fmt::format("sends a message about {} s, before {} s", stamp.text(), q->watermark().text()));
            if (q != out.queues.back()) q->push(stamp, value);
        }
        if (!out.queues.empty()) out.queues.back()->push(stamp, std::move(value));
    };
}

void BlockTask::watch_port(MessageOutput& port, const MessageTap& tap) {
    for (MessageOut& out : message_outs) {
        if (out.port != &port || out.tap) continue;
        out.tap = tap;
        deliver_to_queues(out);
    }
}

// The next message in the order (stamp, connection, sequence), if nothing earlier can still come.
BlockTask::MessageIn* BlockTask::next_message() {
    MessageIn* first = nullptr;
    for (MessageIn& m : message_ins) {
        if (m.queue->empty()) continue;
        if (m.queue->arrival_order) return &m;
        if (first == nullptr || m.queue->front().stamp < first->queue->front().stamp) first = &m;
    }
    if (first == nullptr) return nullptr;
    for (const MessageIn& m : message_ins) {
        if (m.queue->arrival_order || m.queue->watermark() > first->queue->front().stamp) continue;
        for (MessageIn& full : message_ins) {
            if (full.queue->full()) full.queue->grow();  // its sender may be what the other one waits for
        }
        return nullptr;
    }
    return first;
}

bool BlockTask::deliver_messages() {
    int delivered = 0;
    while (delivered < messages_at_once && pending_.empty() && message_room()) {
        MessageIn* m = next_message();
        if (m == nullptr) break;
        std::uint64_t at = statistics_.messages_in;
        if (!ins.empty()) {
            // Before the first sample at or after its stamp, and not before the samples ahead of that.
            const StreamDescription& d = ins[0].port->description();
            std::uint64_t next = next_input();
            if (at_end_of_stretch_) next = std::max(next, boundary_);
            const std::int64_t index =
                m->queue->arrival_order ? INT64_MIN : (m->queue->front().stamp - d.origin).ceil_index(d.ticks);
            if (index > std::int64_t(next)) break;
            at = index > std::int64_t(next_input()) ? std::uint64_t(index) : next_input();
        }
        if (changes_ != nullptr && !make_changes_at(at)) break;
        if (!room_for_message(*m)) break;
        const Message message = m->queue->take();
        Access::handling(*block_, message.stamp);
        if (!set_by_message(*m, message)) block_->receive(*m->port, message);
        for (Step& begun : Access::begun(*block_)) pending_.push_back({std::move(begun.token), 0, next_input()});
        Access::begun(*block_).clear();
        message_at_ = at;
        ++statistics_.messages_in;
        ++delivered;
    }
    if (!message_outs.empty()) raise_watermarks();
    return delivered > 0;
}

// The index of input 0 up to which samples may be given, as far as messages are known.
std::uint64_t BlockTask::message_limit() const {
    std::uint64_t limit = UINT64_MAX;
    const StreamDescription& d = ins[0].port->description();
    for (const MessageIn& m : message_ins) {
        const Time& earliest = m.queue->earliest();
        if (m.queue->arrival_order || earliest == Time::latest()) continue;
        if (earliest == Time::earliest()) return 0;
        limit = std::min(limit, std::uint64_t(std::max<std::int64_t>(0, (earliest - d.origin).ceil_index(d.ticks))));
    }
    return limit;
}

bool BlockTask::is_heard() const {
    return std::any_of(message_outs.begin(), message_outs.end(), [](const MessageOut& m) { return !m.queues.empty(); });
}

bool BlockTask::message_room() {
    for (const MessageOut& m : message_outs) {
        for (const MessageQueue* q : m.queues) {
            if (q->full()) return false;
        }
    }
    return true;
}

void BlockTask::raise_watermarks() {
    if (message_outs.empty() || phase_ != Phase::running) return;
    Time w = Time::latest();
    if (!ins.empty() || !outs.empty()) {
        const bool source = ins.empty();
        const StreamDescription& d = source ? outs[0].port->description() : ins[0].port->description();
        const std::uint64_t next = source ? next_output() : next_input();
        w = d.origin + Time::of(std::int64_t(next), d.ticks);
    }
    for (const MessageIn& m : message_ins) w = std::min(w, m.queue->earliest());
    for (MessageOut& m : message_outs) {
        for (MessageQueue* q : m.queues) q->raise(w);
    }
}

}  // namespace flowspan::runtime

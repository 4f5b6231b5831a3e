#include "runtime/flow/message_flow.hpp"

#include "runtime/count/books.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>

namespace flowspan::runtime {

void MessageFlow::connect() {
    for (MessageOut& out : ends_.message_outs)
        if (!out.queues.empty()) deliver_to_queues(out);
}

void MessageFlow::watch(MessageOutput& port, const MessageTap& tap) {
    for (MessageOut& out : ends_.message_outs) {
        if (out.port != &port || out.tap) continue;
        out.tap = tap;
        deliver_to_queues(out);
    }
}

void MessageFlow::leave_stretch(std::uint64_t boundary) {
    const In& in = ends_.ins[0];
    left_before_ = boundary;
    if (in.port->description().places != Rational(0) && boundary > in.reader->stretch().anchor)
        left_ = times().of(boundary - 1);
}

void MessageFlow::enter_stretch(std::uint64_t boundary) {
    const StreamDescription& stream = ends_.ins[0].port->description();
    if (stream.places == Rational(0)) return;
    const Time nominal = time_of(stream, std::int64_t(boundary));
    beginning_ = {boundary, left_ ? std::max(*left_, nominal) : nominal};
}

Time MessageFlow::time_of_item(std::uint64_t index) const {
    if (index < left_before_) return Access::left(*ends_.ins[0].port)(index, 0);
    if (beginning_ && index >= beginning_->first) return beginning_->second;
    if (ends_.ins.empty()) return time_of(ends_.outs.at(0).port->description(), std::int64_t(index));
    const memory::Reader& reader = *ends_.ins[0].reader;
    const Time time = times().of(index);
    // A stretch without items begins no earlier than the one before has ended.
    return left_ && reader.readable_end() <= reader.stretch().anchor ? std::max(*left_, time) : time;
}

void MessageFlow::deliver_to_queues(MessageOut& out) {
    Access::deliver(*out.port) = [this, &out](std::optional<std::uint64_t> index, Value value) {
        if (!index) return send(out, Access::handled(block_), std::move(value));
        const std::uint64_t reach = out.port->reach(), from = std::max(cell_ - std::min(cell_, reach), anchor_);
        if (*index < from)
            throw Failure(ExitCode::block, fmt::format("sends a message on `{}` about item {}: expected one from {} on, {}",
                                                       out.port->name(), *index, from,
                                                       from == anchor_ ? "where its stretch begins"
                                                                       : fmt::format("`reach` ({}) before {}", reach, cell_)));
        send(out, time_of_item(*index), std::move(value));
    };
}

void MessageFlow::send(MessageOut& out, const Time& stamp, Value value) {
    ++statistics_.messages_out;
    if (out.tap) out.tap(stamp, value);
    for (MessageQueue* q : out.queues) {
        if (!q->feedback && stamp < q->watermark())
            throw Failure(ExitCode::bug, fmt::format("sends a message about {} s, before {} s, which were promised",
                                                     stamp.text(), q->watermark().text()));
        if (q != out.queues.back()) q->push(stamp, value);
    }
    if (!out.queues.empty()) out.queues.back()->push(stamp, std::move(value));
}

MessageOrder& MessageFlow::order() const {
    if (order_ == nullptr || ordered_ != ends_.message_ins.size()) {
        std::vector<MessageQueue*> queues;
        for (const MessageIn& m : ends_.message_ins) queues.push_back(m.queue);
        order_ = std::make_unique<MessageOrder>(queues);
        ordered_ = queues.size();
    }
    return *order_;
}

MessageIn* MessageFlow::next() {
    if (const std::size_t arrived = order().first_arrived(); arrived != MessageOrder::nobody)
        return &ends_.message_ins[arrived];
    const std::size_t first = order().first();
    if (first == MessageOrder::nobody) return nullptr;
    MessageIn& message = ends_.message_ins[first];
    if (order().least_watermark() > message.queue->front().stamp) return &message;
    grow_full();  // their senders may be what the other one waits for
    return nullptr;
}

// A sender on another rank gets credit in halves of a queue: it may be at its end with a queue that is more than half full.
void MessageFlow::grow_full() { order().grow_filling(); }

bool MessageFlow::is_due(const MessageIn& message, std::uint64_t next, bool over) const {
    if (message.queue->arrival_order) return true;
    const Time& stamp = message.queue->front().stamp;
    const In& in = ends_.ins[0];
    // Where places are marked, that of an item is known when it is there; it is none before that of the item ahead of it.
    if (in.port->description().places != Rational(0) && next >= in.reader->readable_end() && !over)
        return next > in.reader->stretch().anchor && stamp <= times().of(next - 1);
    return stamp <= times().of(next);
}

std::uint64_t MessageFlow::place_of(const MessageIn& message, std::uint64_t next, std::uint64_t last) const {
    if (message.queue->arrival_order) return next;
    const std::int64_t index = times().first_at(message.queue->front().stamp);
    return index <= std::int64_t(next) ? next : std::min(std::uint64_t(index), last);
}

bool MessageFlow::is_known_up_to(std::uint64_t boundary) const {
    return !order().has_sorted() || order().earliest() > times().of(boundary);
}

std::optional<Time> MessageFlow::end_of_messages() const {
    if (order().open() > 0) return {};
    return order().final_watermark();
}

bool MessageFlow::has_handled_all() const {
    if (order().feedback().empty())
        return order().first() == MessageOrder::nobody && order().first_arrived() == MessageOrder::nobody;
    return std::all_of(ends_.message_ins.begin(), ends_.message_ins.end(),
                       [](const MessageIn& m) { return m.queue->feedback || m.queue->empty(); });
}

bool MessageFlow::awaits_answers(const Time& end) const {
    const auto& feedback = order().feedback();
    return std::any_of(feedback.begin(), feedback.end(), [&](const MessageQueue* queue) {
        return !queue->ended() && !queue->arrival_order && queue->earliest() < end;
    });
}

std::uint64_t MessageFlow::limit() const {
    const Time earliest = order().earliest();
    if (earliest == Time::latest()) return UINT64_MAX;
    if (earliest == Time::earliest()) return 0;
    return std::uint64_t(std::max<std::int64_t>(0, times().first_at(earliest)));
}

bool MessageFlow::has_room() const {
    for (const MessageOut& m : ends_.message_outs) {
        for (const MessageQueue* q : m.queues) {
            if (q->full()) return false;
        }
    }
    return true;
}

// Where the stretch ends if it ends now: a block that takes several items for one stands beyond it, but may speak of it.
std::uint64_t MessageFlow::possible_end() const {
    std::uint64_t end = UINT64_MAX;
    for (const In& in : ends_.ins) end = std::min(end, in.reader->readable_end());
    return end;
}

void MessageFlow::promise(std::uint64_t next, std::uint64_t cell, std::uint64_t anchor) {
    Time by_messages = ends_.message_ins.empty() ? Time::latest() : order().earliest_of_all();
    const bool of_messages = ends_.ins.empty() && (ends_.outs.empty() || ends_.is_fed_by_messages(block_));
    if (const auto end = of_messages ? end_of_messages() : std::nullopt) by_messages = std::min(by_messages, *end);
    for (MessageOut& out : ends_.message_outs) {
        Time w = by_messages;
        if (!of_messages) {
            const std::uint64_t end = possible_end(), looks_from = std::min(cell, end);  // at the end from there, and no cell
            const std::uint64_t from = std::max(looks_from - std::min(looks_from, out.port->reach()), anchor);
            const Time ahead = ends_.ins.empty() ? time_of_item(next) : times().promise(std::min(next, end));
            w = std::min({w, ahead, from < next ? time_of_item(from) : ahead});
        }
        for (MessageQueue* q : out.queues) Books::raise(*q, w);
    }
}

void MessageFlow::end(std::uint64_t next, std::uint64_t anchor) {
    promise(next, next, anchor);
    for (MessageOut& m : ends_.message_outs) {
        for (MessageQueue* q : m.queues) q->end();
    }
}

}  // namespace flowspan::runtime

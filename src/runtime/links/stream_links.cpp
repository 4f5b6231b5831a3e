// The two ends of a stream's crossing.
#include "runtime/links/links.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::size_t many_tags = 64;  // so many are kept before those that have passed are forgotten

}  // namespace

bool StreamSender::pump(bool idle) {
    if (state_ != State::open) return false;
    if (cancelled_) {
        if (in_flight_ > 0) return false;
        reader_.cancel();
        wire_.let_go();
        send_end(memory::EndKind::cancelled);
        return true;
    }
    bool any = false;
    if (!std::exchange(begun_, true)) next_ = reader_.stretch().anchor;
    if (reader_.index() != next_) {
        next_ = reader_.index();
        channels_.post(peer, {.kind = RecordKind::begin, .edge = edge, .first = next_});
        any = true;
    }
    while (send_items(idle)) any = true;
    if (boundary()) {
        any = true;
        wake();
    }
    return any;
}

bool StreamSender::send_items(bool idle) {
    const std::uint64_t first = reader_.index();
    const std::uint64_t end = std::min(reader_.readable_end(), credit_);
    if (end <= first) return false;
    std::uint64_t n = end - first;
    // Held back until there is a quantum, or no more can be sent before something comes back, or nothing else is to be done.
    const bool last = reader_.stretch_complete() && end == reader_.readable_end();
    if (n < quantum_ && !last && !idle && (end < credit_ || in_flight_ > 0)) return false;
    n = std::min(n, quantum_);
    send_tags(first + n);
    if (wire_.buffer.has_marks()) send_places(first + n);
    if (wire_.buffer.has_retunings()) send_retunings(first + n);
    next_ = first + n;
    const std::byte* data = reader_.item(first);
    reader_.advance(first + n);
    ++in_flight_;
    channels_.post_data(*this, {.kind = RecordKind::data, .edge = edge, .first = first, .count = n}, data,
                        n * wire_.buffer.item_size(), first + n);
    return true;
}

void StreamSender::send_tags(std::uint64_t end) {
    reader_.took_tags(end);
    if (!wire_.buffer.has_tags()) {
        tags_sent_ = end;
        return;
    }
    std::vector<Tag> tags;
    wire_.buffer.tags_between(tags_sent_, end, tags);
    tags_sent_ = end;
    if (wire_.buffer.tag_count() > many_tags) wire_.buffer.forget_passed();
    for (Tag& t : tags) {
        channels_.post(peer, {.kind = RecordKind::tag, .edge = edge, .first = t.index},
                       Value(Value::List{t.key, std::move(t.value)}).encode());
    }
}

void StreamSender::send_places(std::uint64_t end) {
    std::vector<memory::Mark> marks;
    wire_.buffer.marks_between(places_sent_, end, marks);
    places_sent_ = end;
    if (marks.size() > many_tags) wire_.buffer.forget_passed();
    constexpr std::size_t at_once = most_inline / sizeof(Place);
    for (std::size_t from = 0; from < marks.size(); from += at_once) {
        const std::size_t n = std::min(at_once, marks.size() - from);
        Bytes extra(n * sizeof(Place));
        for (std::size_t k = 0; k < n; ++k) {
            const memory::Mark& m = marks[from + k];
            const Place place{m.index, std::int64_t(m.deviation >> 32), std::uint64_t(m.deviation & 0xffffffff)};
            std::memcpy(extra.data() + k * sizeof place, &place, sizeof place);
        }
        channels_.post(peer, {.kind = RecordKind::places, .edge = edge}, std::move(extra));
    }
}

void StreamSender::send_retunings(std::uint64_t end) {
    for (const memory::Retuning* r = reader_.next_retuning(); r != nullptr && r->index < end; r = reader_.next_retuning()) {
        channels_.post(peer, {.kind = RecordKind::retuning, .edge = edge, .first = r->index},
                       Value(r->center_frequency ? Value(*r->center_frequency) : Value()).encode());
        reader_.took_retunings(r->index);
    }
    wire_.buffer.forget_passed();
}

// A new stretch, or the end.
bool StreamSender::boundary() {
    if (!reader_.stretch_complete() || reader_.index() != reader_.readable_end() || in_flight_ > 0) return false;
    if (reader_.has_next_stretch()) {
        if (stretches_sent_ == stretch_credit_) return false;
        const memory::Stretch& next = reader_.next();
        Bytes bytes = Value(Value::List{int(next.what.kind), next.what.missing, next.description->value()}).encode();
        // A payload would be overtaken by the samples behind it.
        if (bytes.size() > most_inline) throw Failure(ExitCode::bug, "the description of a stretch is too large to cross");
        channels_.post(peer, {.kind = RecordKind::stretch, .edge = edge, .first = next.anchor}, std::move(bytes));
        ++stretches_sent_;
        next_ = next.anchor;
        reader_.next_stretch();
        wire_.freed();
        return true;
    }
    if (!reader_.stream_ended()) return false;
    send_end(wire_.buffer.end_kind());
    reader_.cancel();
    wire_.let_go();
    return true;
}

void StreamSender::send_end(memory::EndKind kind) {
    channels_.post(peer, {.kind = RecordKind::end, .flags = std::uint8_t(kind), .edge = edge, .first = reader_.index()});
    state_ = State::ended;
}

void StreamSender::abort() {
    if (state_ == State::open) send_end(memory::EndKind::aborted);
}

void StreamSender::record(const Record& r, std::span<const std::byte>) {
    switch (r.kind) {
        case RecordKind::credit:
            credit_ = std::max(credit_, r.first);
            stretch_credit_ = std::max(stretch_credit_, r.count);
            break;
        case RecordKind::cancel:
            cancelled_ = true;
            break;
        case RecordKind::closed:
            state_ = State::closed;
            break;
        default:
            break;
    }
    wake();
}

void StreamSender::payload_sent(std::uint64_t index) {
    --in_flight_;
    if (state_ != State::open) return;
    reader_.release(index);
    wire_.freed();
    wake();
}

void StreamReceiver::open() {
    granted_ = wire_.buffer.issued();
    grant();
}

void StreamReceiver::grant() {
    if (end_ || cancel_sent_ || aborted_) return;
    const std::uint64_t credit = wire_.buffer.credit();
    const bool stretch = stretches_granted_ == stretches_ && wire_.buffer.can_grant_break(granted_);
    const std::uint64_t step = std::min<std::uint64_t>(wire_.quantum, std::max<std::size_t>(1, wire_.buffer.capacity() / 4));
    if (!stretch && credit < granted_ + std::max<std::uint64_t>(1, step)) return;
    granted_ = std::max(granted_, credit);
    if (stretch) ++stretches_granted_;
    if (Record* waiting = credit_record_ ? channels_.amend(peer, *credit_record_) : nullptr; waiting != nullptr) {
        waiting->first = granted_;
        waiting->count = stretches_granted_;
    } else {
        credit_record_ =
            channels_.post(peer, {.kind = RecordKind::credit, .edge = edge, .first = granted_, .count = stretches_granted_});
    }
}

bool StreamReceiver::run() {
    if (!wire_.buffer.wanted() && !cancel_sent_ && !end_ && !aborted_) {
        channels_.post(peer, {.kind = RecordKind::cancel, .edge = edge});
        cancel_sent_ = true;
        return true;
    }
    if (end_ && wire_.buffer.issued() == wire_.buffer.completed()) {
        bool any = false;
        if (!closed_sent_) {
            channels_.post(peer, {.kind = RecordKind::closed, .edge = edge});
            closed_sent_ = any = true;
        }
        if (!buffer_ended_ && (aborted_ || !wire_.buffer.wanted() || wire_.buffer.can_break())) {
            if (!aborted_) {
                wire_.buffer.end(memory::EndKind(end_->flags));
                wire_.written();
            }
            buffer_ended_ = any = true;
        }
        return any;
    }
    grant();
    return false;
}

void StreamReceiver::abort() {
    aborted_ = true;
    wake();
}

void StreamReceiver::record(const Record& r, std::span<const std::byte> extra) {
    memory::StreamBuffer& buffer = wire_.buffer;
    switch (r.kind) {
        case RecordKind::data:
            if (r.first != buffer.issued() || r.first + r.count > granted_) {
                throw Failure(ExitCode::bug, fmt::format("edge {}: items {} to {} came where {} were expected and {} granted",
                                                         r.edge, r.first, r.first + r.count, buffer.issued(), granted_));
            }
            break;
        case RecordKind::tag: {
            Value v = Value::decode(extra);
            buffer.add_tag({r.first, v.list()[0].string(), std::move(v.list()[1])});
            break;
        }
        case RecordKind::stretch: {
            const Value v = Value::decode(extra);
            ++stretches_;
            if (!aborted_) {
                buffer.begin_stretch({Break(v.list()[0].integer()), std::uint64_t(v.list()[1].integer())},
                                     StreamDescription::from(v.list()[2]));
                wire_.written();
            }
            break;
        }
        case RecordKind::places:
            for (std::size_t at = 0; at + sizeof(Place) <= extra.size(); at += sizeof(Place)) {
                Place place;
                std::memcpy(&place, extra.data() + at, sizeof place);
                buffer.add_mark({place.index, memory::Deviation(place.whole) * (memory::Deviation(1) << 32) +
                                                  memory::Deviation(place.fraction)});
            }
            break;
        case RecordKind::retuning: {
            const Value v = Value::decode(extra);
            buffer.add_retuning({r.first, v.is_null() ? std::nullopt : std::optional(v.real())});
            break;
        }
        case RecordKind::begin:
            if (!aborted_) buffer.begin_within(r.first);
            granted_ = std::max(granted_, r.first);
            if (!aborted_) wire_.written();
            break;
        case RecordKind::end:
            end_ = r;
            wake();
            break;
        default:
            break;
    }
    wake();
}

std::byte* StreamReceiver::payload_place(const Record& r) {
    std::byte* place = wire_.buffer.write_place();
    wire_.buffer.issue(r.count);
    return place;
}

void StreamReceiver::payload_arrived(const Record& r) {
    wire_.buffer.complete(r.count);
    if (!aborted_) wire_.written();
    wake();
}

}  // namespace flowspan::runtime

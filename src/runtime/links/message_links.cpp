// The two ends of a message edge's crossing.
#include "core/numbers/exact.hpp"
#include "runtime/links/links.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {

bool MessageSender::run() {
    if (state_ != State::open) return false;
    bool any = false;
    while (!queue_.empty() && sent_ < credit_) {
        const Message m = queue_.take();
        channels_.post(peer, {.kind = RecordKind::message, .edge = edge, .first = sent_},
                       Value(Value::List{exact_value(m.stamp), m.value}).encode());
        ++sent_;
        watermark_record_.reset();  // a later promise must not overtake this message
        any = true;
    }
    if (queue_.ended() && queue_.empty()) {
        // How far the sender has come says which messages of a cycle its receivers still handle.
        if (queue_.final_watermark() > watermark_sent_ && queue_.final_watermark() != Time::latest())
            channels_.post(peer, {.kind = RecordKind::watermark, .edge = edge}, exact_value(queue_.final_watermark()).encode());
        channels_.post(peer, {.kind = RecordKind::end, .edge = edge, .first = sent_});
        state_ = State::ended;
        return true;
    }
    const Time promise = queue_.earliest();
    if (promise > watermark_sent_ && !queue_.cancelled() && promise != Time::latest()) {
        watermark_sent_ = promise;
        Bytes* waiting = nullptr;
        if (watermark_record_ && channels_.amend(peer, *watermark_record_, &waiting) != nullptr) {
            Bytes fresh = exact_value(promise).encode();
            if (fresh.size() == waiting->size()) {
                *waiting = std::move(fresh);
                return any;
            }
        }
        watermark_record_ = channels_.post(peer, {.kind = RecordKind::watermark, .edge = edge}, exact_value(promise).encode());
        any = true;
    }
    return any;
}

void MessageSender::abort() {
    if (state_ != State::open) return;
    channels_.post(peer,
                   {.kind = RecordKind::end, .flags = std::uint8_t(memory::EndKind::aborted), .edge = edge, .first = sent_});
    state_ = State::ended;
}

void MessageSender::record(const Record& r, std::span<const std::byte>) {
    if (r.kind == RecordKind::credit) credit_ = std::max(credit_, r.first);
    if (r.kind == RecordKind::closed) state_ = State::closed;
    if (r.kind == RecordKind::cancel) {
        queue_.cancel();
        credit_ = std::numeric_limits<std::uint64_t>::max();
    }
    wake();
}

bool MessageReceiver::run() {
    if (closed_sent_) return false;
    if (queue_.cancelled() && !cancel_sent_) {
        channels_.post(peer, {.kind = RecordKind::cancel, .edge = edge});
        cancel_sent_ = true;
        return true;
    }
    const std::uint64_t credit = queue_.taken() + queue_.capacity();
    if (!cancel_sent_ && credit >= granted_ + queue_.capacity() / 2) {
        granted_ = credit;
        channels_.post(peer, {.kind = RecordKind::credit, .edge = edge, .first = granted_});
        return true;
    }
    return false;
}

void MessageReceiver::abort() {
    if (!queue_.cancelled()) queue_.cancel();
}

void MessageReceiver::record(const Record& r, std::span<const std::byte> extra) {
    switch (r.kind) {
        case RecordKind::message: {
            Value v = Value::decode(extra);
            queue_.push(time_from(v.list()[0]), std::move(v.list()[1]));
            ++received_;
            break;
        }
        case RecordKind::watermark:
            queue_.raise(time_from(Value::decode(extra)));
            break;
        case RecordKind::end:
            if (r.first != received_ && r.flags == std::uint8_t(memory::EndKind::ok))
                throw Failure(ExitCode::bug, fmt::format("edge {}: {} of {} messages came", r.edge, received_, r.first));
            queue_.end();
            channels_.post(peer, {.kind = RecordKind::closed, .edge = edge});
            closed_sent_ = true;
            break;
        default:
            break;
    }
    wake();
}

}  // namespace flowspan::runtime

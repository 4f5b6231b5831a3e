#include "runtime/links/channels.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

bool may_overtake(RecordKind kind) {
    // Samples find their place at once, so that payloads are received in the order of their records.
    return kind == RecordKind::data || kind == RecordKind::stretch || kind == RecordKind::begin || kind == RecordKind::credit ||
           kind == RecordKind::cancel || kind == RecordKind::closed;
}

bool goes_to_sender(RecordKind kind) {
    return kind == RecordKind::credit || kind == RecordKind::cancel || kind == RecordKind::closed;
}

}  // namespace

Channels::Channels(comm::Communicator& communicator, std::uint32_t epoch)
    : communicator_(communicator), epoch_(epoch), peers_(std::size_t(communicator.size())) {}

Channels::~Channels() = default;

void Channels::add(LinkEnd& end, int peer, std::uint32_t edge, bool sends) {
    end.peer = peer;
    end.edge = edge;
    auto& ends = sends ? senders_ : receivers_;
    if (ends.size() <= edge) ends.resize(edge + 1);
    ends[edge] = &end;
    Peer& p = peers_[std::size_t(peer)];
    if (!p.used) used_.push_back(peer);
    p.used = true;
    p.edges.push_back(edge);
}

void Channels::open() {
    if (used_.empty()) return;
    for (Batch& b : receives_)
        b.request = communicator_.receive(comm::any_rank, comm::Lane::records, b.bytes.data(), batch_bytes);
    open_ = true;
}

bool Channels::used() const { return !used_.empty(); }

std::uint64_t Channels::post(int to, const Record& record, Bytes extra) {
    Peer& p = peers_[std::size_t(to)];
    if (record.kind != RecordKind::bye && record.edge < senders_.size() && senders_[record.edge] != nullptr) {
        EdgeStatistics& moved = senders_[record.edge]->moved;
        ++moved.records;
        moved.bytes += extra.size();
        moved.items += record.kind == RecordKind::message ? 1 : 0;
    }
    Outgoing out{.record = record, .extra = std::move(extra)};
    if (out.extra.size() > most_inline) {
        out.record.flags |= extra_as_payload;
        out.record.count = out.extra.size();
    } else {
        out.record.extra = std::uint16_t(out.extra.size());
    }
    p.queue.push_back(std::move(out));
    return p.first_number + p.queue.size() - 1;
}

void Channels::post_data(LinkEnd& end, const Record& record, const std::byte* data, std::size_t bytes, std::uint64_t index) {
    ++end.moved.records;
    end.moved.bytes += bytes;
    end.moved.items += record.count;
    if (observer_ != nullptr) observer_->link(end.edge, end.peer, true, bytes);
    peers_[std::size_t(end.peer)].queue.push_back(
        {.record = record, .extra = {}, .end = &end, .data = data, .bytes = bytes, .index = index});
}

Record* Channels::amend(int to, std::uint64_t number, Bytes** extra) {
    Peer& p = peers_[std::size_t(to)];
    if (number < p.first_number || number >= p.first_number + p.queue.size()) return nullptr;
    Outgoing& o = p.queue[number - p.first_number];
    if (extra != nullptr) *extra = &o.extra;
    return &o.record;
}

bool Channels::progress() {
    if (used_.empty()) return false;
    bool any = receive_records();
    for (const int rank : used_) {
        Peer& p = peers_[std::size_t(rank)];
        any |= receive_payloads(p);
        any |= finish_sends(p);
        if (p.bye_sent) {  // the last batches: nothing else would ask whether they have gone
            for (Batch& b : p.batches) any |= b.request && communicator_.test(b.request);
        }
    }
    say_bye();
    for (const int rank : used_) any |= flush(rank);
    return any;
}

bool Channels::flush(int rank) {
    Peer& p = peers_[std::size_t(rank)];
    bool any = false;
    while (!p.queue.empty()) {
        Batch* batch = nullptr;
        for (Batch& b : p.batches) {
            if (communicator_.test(b.request)) {
                batch = &b;
                break;
            }
        }
        if (batch == nullptr) return any;
        std::size_t used = sizeof(BatchHeader);
        std::size_t records = 0;
        while (records < p.queue.size()) {
            const Outgoing& o = p.queue[records];
            const std::size_t needs = sizeof(Record) + padded(o.record.extra);
            if (used + needs > batch_bytes) break;
            std::memcpy(batch->bytes.data() + used, &o.record, sizeof(Record));
            if (o.record.extra != 0) std::memcpy(batch->bytes.data() + used + sizeof(Record), o.extra.data(), o.record.extra);
            used += needs;
            ++records;
        }
        const BatchHeader header{epoch_, std::uint32_t(records)};
        std::memcpy(batch->bytes.data(), &header, sizeof header);
        batch->request = communicator_.send_synchronous(rank, comm::Lane::records, batch->bytes.data(), used);
        ++p.statistics.batches;
        p.statistics.records += records;
        for (; records > 0; --records) {
            Outgoing& o = p.queue.front();
            const bool large = (o.record.flags & extra_as_payload) != 0;
            if (o.end != nullptr || large) {
                Sent& s = p.sent.emplace_back();
                s.end = o.end;
                s.index = o.index;
                s.blob = std::move(o.extra);
                const std::byte* data = large ? s.blob.data() : o.data;
                const std::size_t bytes = large ? s.blob.size() : o.bytes;
                s.request = communicator_.send(rank, comm::Lane::payload, data, bytes);
                ++p.statistics.payloads;
                p.statistics.bytes += bytes;
            }
            p.queue.pop_front();
            ++p.first_number;
        }
        any = true;
    }
    return any;
}

bool Channels::receive_records() {
    bool any = false;
    while (open_) {
        Batch& b = receives_[next_receive_];
        comm::Arrived arrived;
        if (!b.request || !communicator_.test(b.request, &arrived)) return any;
        ++received_;
        dispatch(arrived.from, {b.bytes.data(), arrived.bytes});
        b.request = communicator_.receive(comm::any_rank, comm::Lane::records, b.bytes.data(), batch_bytes);
        next_receive_ = (next_receive_ + 1) % receives_.size();
        any = true;
    }
    return any;
}

void Channels::dispatch(int from, std::span<const std::byte> batch) {
    BatchHeader header;
    std::memcpy(&header, batch.data(), sizeof header);
    if (header.epoch != epoch_)
        throw Failure(ExitCode::bug,
                      fmt::format("a record of epoch {} from rank {} came in epoch {}", header.epoch, from, epoch_));
    std::size_t at = sizeof header;
    for (std::uint32_t k = 0; k < header.records; ++k) {
        Record r;
        std::memcpy(&r, batch.data() + at, sizeof r);
        handle(from, r, batch.subspan(at + sizeof r, r.extra));
        at += sizeof r + padded(r.extra);
    }
}

LinkEnd& Channels::end_of(int from, const Record& r) {
    const auto& ends = goes_to_sender(r.kind) ? senders_ : receivers_;
    LinkEnd* end = r.edge < ends.size() ? ends[r.edge] : nullptr;
    if (end == nullptr || end->peer != from)
        throw Failure(ExitCode::bug, fmt::format("a record for edge {} came from rank {}, which has none", r.edge, from));
    return *end;
}

void Channels::handle(int from, const Record& r, std::span<const std::byte> extra) {
    Peer& p = peers_[std::size_t(from)];
    if (r.kind == RecordKind::bye) {
        p.bye_received = true;
        return;
    }
    LinkEnd& end = end_of(from, r);
    if ((r.flags & extra_as_payload) != 0) {
        Incoming& in = p.incoming.emplace_back();
        in.end = &end;
        in.record = r;
        in.blob.resize(r.count);
        in.request = communicator_.receive(from, comm::Lane::payload, in.blob.data(), in.blob.size());
        end.held.push_back({r, {}, true});
        return;
    }
    if (r.kind == RecordKind::data) {
        end.record(r, extra);
        Incoming& in = p.incoming.emplace_back();
        in.end = &end;
        in.record = r;
        in.request = communicator_.receive(from, comm::Lane::payload, end.payload_place(r), end.payload_bytes(r));
        return;
    }
    if (!end.held.empty() && !may_overtake(r.kind)) {
        end.held.push_back({r, Bytes(extra.begin(), extra.end())});
        return;
    }
    end.record(r, extra);
}

bool Channels::receive_payloads(Peer& p) {
    bool any = false;
    while (!p.incoming.empty() && communicator_.test(p.incoming.front().request)) {
        Incoming in = std::move(p.incoming.front());
        p.incoming.pop_front();
        ++received_;
        any = true;
        if (in.record.kind == RecordKind::data) {
            if (observer_ != nullptr) observer_->link(in.end->edge, in.end->peer, false, in.end->payload_bytes(in.record));
            in.end->payload_arrived(in.record);
            continue;
        }
        // Payloads come in the order of their records, so this is the first one that is under way, and it stands in front.
        auto& held = in.end->held;
        held.front().under_way = false;
        held.front().extra = std::move(in.blob);
        while (!held.empty() && !held.front().under_way) {
            const LinkEnd::Held first = std::move(held.front());
            held.pop_front();
            in.end->record(first.record, first.extra);
        }
    }
    return any;
}

bool Channels::finish_sends(Peer& p) {
    bool any = false;
    while (!p.sent.empty() && communicator_.test(p.sent.front().request)) {
        const Sent s = std::move(p.sent.front());
        p.sent.pop_front();
        if (s.end != nullptr) s.end->payload_sent(s.index);
        any = true;
    }
    return any;
}

// After its last edge with a peer is closed on this side, a rank's last record to it is BYE.
void Channels::say_bye() {
    for (const int rank : used_) {
        Peer& p = peers_[std::size_t(rank)];
        if (p.bye_sent) continue;
        const bool all_closed = std::all_of(p.edges.begin(), p.edges.end(), [&](std::uint32_t e) {
            const LinkEnd* s = e < senders_.size() ? senders_[e] : nullptr;
            const LinkEnd* r = e < receivers_.size() ? receivers_[e] : nullptr;
            return (s == nullptr || s->peer != rank || s->closed()) && (r == nullptr || r->peer != rank || r->closed());
        });
        if (!all_closed) continue;
        post(rank, {.kind = RecordKind::bye});
        p.bye_sent = true;
    }
}

std::pair<std::uint64_t, std::uint64_t> Channels::totals() const {
    std::uint64_t sent = 0;
    for (const int rank : used_)
        sent += peers_[std::size_t(rank)].statistics.batches + peers_[std::size_t(rank)].statistics.payloads;
    return {sent, received_};
}

bool Channels::closed() const {
    return std::all_of(used_.begin(), used_.end(), [&](int rank) {
        const Peer& p = peers_[std::size_t(rank)];
        const bool batches_sent = std::all_of(p.batches.begin(), p.batches.end(), [](const Batch& b) { return !b.request; });
        return p.bye_sent && p.bye_received && p.queue.empty() && p.sent.empty() && p.incoming.empty() && batches_sent;
    });
}

void Channels::close() {
    if (!open_) return;
    open_ = false;
    for (Batch& b : receives_) communicator_.cancel(b.request);
}

}  // namespace flowspan::runtime

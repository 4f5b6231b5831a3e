// The two ends of a crossing: of a stream and of a message edge.
//
// Header first, payload second: the receive for a payload is posted when its record is there, at the exact place in the
// reader's ring. Credit is an absolute index granted by the receiver. Both directions close: the sender's last record is END,
// the receiver's is CLOSED, after its last credit or CANCEL.
#pragma once

#include "runtime/flow/message_queue.hpp"
#include "runtime/links/channels.hpp"
#include "runtime/task/task.hpp"

#include <cstdint>
#include <optional>

namespace flowspan::runtime {

/// Reads a local buffer and sends it.
class StreamSender final : public Task, public LinkEnd {
public:
    StreamSender(Channels& channels, Wire& wire, memory::Reader& reader, std::uint64_t quantum)
        : channels_(channels), wire_(wire), reader_(reader), quantum_(quantum), credit_(reader.index()) {}
    bool run() override { return pump(false); }
    /// `idle`: the rank has nothing else to do, so that nothing is held back.
    bool pump(bool idle);
    bool finished() const override { return state_ == State::closed; }
    bool closed() const override { return state_ == State::closed; }
    /// Ends the link now, whatever is left.
    void abort();
    void record(const Record& r, std::span<const std::byte> extra) override;
    void payload_sent(std::uint64_t index) override;
    const Wire& wire() const { return wire_; }

private:
    enum class State : std::uint8_t { open, ended, closed };
    bool send_items(bool idle);
    bool boundary();
    void send_tags(std::uint64_t end);
    void send_places(std::uint64_t end);
    void send_retunings(std::uint64_t end);
    void send_end(memory::EndKind kind);

    Channels& channels_;
    Wire& wire_;
    memory::Reader& reader_;
    std::uint64_t quantum_, credit_, tags_sent_ = 0, places_sent_ = 0;
    std::uint64_t next_ = 0;  // where the next item to send is expected; the reader is ahead where a stretch begins within
    bool begun_ = false;
    std::uint64_t stretches_sent_ = 0, stretch_credit_ = 1;
    int in_flight_ = 0;
    State state_ = State::open;
    bool cancelled_ = false;
};

/// Receives into a local buffer.
class StreamReceiver final : public Task, public LinkEnd {
public:
    StreamReceiver(Channels& channels, Wire& wire) : channels_(channels), wire_(wire) {}
    /// Grants the first credit; after the readers are known.
    void open();
    bool run() override;
    bool finished() const override { return buffer_ended_; }
    bool closed() const override { return closed_sent_; }
    void abort();
    void record(const Record& r, std::span<const std::byte> extra) override;
    std::byte* payload_place(const Record& r) override;
    std::size_t payload_bytes(const Record& r) const override { return r.count * wire_.buffer.item_size(); }
    void payload_arrived(const Record& r) override;
    const Wire& wire() const { return wire_; }

private:
    void grant();
    Channels& channels_;
    Wire& wire_;
    std::uint64_t granted_ = 0, stretches_ = 0, stretches_granted_ = 1;
    std::optional<std::uint64_t> credit_record_;
    std::optional<Record> end_;
    bool cancel_sent_ = false, closed_sent_ = false, buffer_ended_ = false, aborted_ = false;
};

/// Takes messages out of a local queue and sends them.
class MessageSender final : public Task, public LinkEnd {
public:
    MessageSender(Channels& channels, MessageQueue& queue)
        : channels_(channels), queue_(queue), credit_(MessageQueue::initial_capacity) {}
    bool run() override;
    bool finished() const override { return state_ == State::closed; }
    bool closed() const override { return state_ == State::closed; }
    void abort();
    void record(const Record& r, std::span<const std::byte> extra) override;

private:
    enum class State : std::uint8_t { open, ended, closed };
    Channels& channels_;
    MessageQueue& queue_;
    std::uint64_t sent_ = 0, credit_;
    Time watermark_sent_ = Time::earliest();
    std::optional<std::uint64_t> watermark_record_;
    State state_ = State::open;
};

/// Receives messages into a local queue.
class MessageReceiver final : public Task, public LinkEnd {
public:
    MessageReceiver(Channels& channels, MessageQueue& queue) : channels_(channels), queue_(queue) {}
    bool run() override;
    bool finished() const override { return closed_sent_; }
    bool closed() const override { return closed_sent_; }
    void abort();
    void record(const Record& r, std::span<const std::byte> extra) override;

private:
    Channels& channels_;
    MessageQueue& queue_;
    std::uint64_t received_ = 0, granted_ = MessageQueue::initial_capacity;
    bool cancel_sent_ = false, closed_sent_ = false;
};

}  // namespace flowspan::runtime

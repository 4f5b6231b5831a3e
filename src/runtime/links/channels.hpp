// The channels of one rank: to every other rank batches of records, and payloads in the order of their records.
#pragma once

#include "comm/communicator.hpp"
#include "core/observer.hpp"
#include "runtime/links/records.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace flowspan::runtime {

/// What the sending end of an edge has given to its channel. Bytes are those of samples, messages and tags; records are
/// headers.
struct EdgeStatistics {
    std::uint64_t bytes = 0, items = 0, records = 0;
};

/// One end of an edge between two ranks. Gets the records and payloads of its edge, in order.
class LinkEnd {
public:
    virtual ~LinkEnd() = default;
    virtual void record(const Record& r, std::span<const std::byte> extra) = 0;
    /// Where the payload that `r` announces goes; called once, in record order.
    virtual std::byte* payload_place(const Record& r) {
        (void)r;
        return nullptr;
    }
    virtual std::size_t payload_bytes(const Record& r) const { return r.count; }
    virtual void payload_arrived(const Record& r) { (void)r; }
    /// The items before `index` have left; their memory is free.
    virtual void payload_sent(std::uint64_t index) { (void)index; }
    virtual bool closed() const = 0;
    int peer = -1;
    std::uint32_t edge = 0;
    /// Records whose large extra is still on its way, and those that wait behind them: they are handled in the order in which
    /// they were sent.
    struct Held {
        Record record;
        Bytes extra;
        bool under_way = false;
    };
    std::deque<Held> held;
    EdgeStatistics moved;  // where it sends
};

struct CrossingStatistics {
    std::uint64_t batches = 0, records = 0, payloads = 0, bytes = 0;
};

class Channels {
public:
    Channels(comm::Communicator& communicator, std::uint32_t epoch);
    ~Channels();
    Channels(const Channels&) = delete;
    Channels& operator=(const Channels&) = delete;

    /// Sees what is given to links and what comes from them.
    void watch(Observer* observer) { observer_ = observer; }
    /// Registers an end; ids of edges are the same on both ranks.
    void add(LinkEnd& end, int peer, std::uint32_t edge, bool sends);
    /// Posts the receives. After all ends are added.
    void open();

    /// Queues a record. Returns its number, for `amend`.
    std::uint64_t post(int to, const Record& record, Bytes extra = {});
    /// Queues a data record and its payload of `bytes` at `data`; `end.payload_sent(index)` follows.
    void post_data(LinkEnd& end, const Record& record, const std::byte* data, std::size_t bytes, std::uint64_t index);
    /// The record with this number if it still waits, for bringing it up to date; else nullptr.
    Record* amend(int to, std::uint64_t number, Bytes** extra = nullptr);

    /// Sends what waits, receives what has come. True when something moved.
    bool progress();
    /// Whether every end is closed, every peer has said BYE and everything has been sent.
    bool closed() const;
    /// Takes the posted receives back, after closed().
    void close();
    const CrossingStatistics& statistics(int peer) const { return peers_[std::size_t(peer)].statistics; }
    /// The sending ends, by edge; nullptr where this rank does not send.
    const std::vector<LinkEnd*>& senders() const { return senders_; }
    bool used() const;
    /// Batches and payloads sent and received so far: equal sums over all ranks mean that nothing is under way.
    std::pair<std::uint64_t, std::uint64_t> totals() const;

private:
    struct Outgoing {
        Record record;
        Bytes extra;
        LinkEnd* end = nullptr;
        const std::byte* data = nullptr;
        std::size_t bytes = 0;
        std::uint64_t index = 0;
    };
    struct Batch {
        alignas(64) std::array<std::byte, batch_bytes> bytes;
        comm::Request request;
    };
    struct Sent {
        comm::Request request;
        LinkEnd* end = nullptr;
        std::uint64_t index = 0;
        Bytes blob;
    };
    struct Incoming {
        comm::Request request;
        LinkEnd* end = nullptr;
        Record record;
        Bytes blob;  // a large extra
    };
    struct Peer {
        bool used = false, bye_sent = false, bye_received = false;
        std::deque<Outgoing> queue;
        std::uint64_t first_number = 0;  // of queue.front()
        std::array<Batch, 4> batches;
        std::deque<Sent> sent;
        std::deque<Incoming> incoming;  // in the order of their records
        std::vector<std::uint32_t> edges;
        CrossingStatistics statistics;
    };

    bool flush(int rank);
    bool receive_records();
    bool receive_payloads(Peer& peer);
    bool finish_sends(Peer& peer);
    void say_bye();
    void dispatch(int from, std::span<const std::byte> batch);
    void handle(int from, const Record& r, std::span<const std::byte> extra);
    LinkEnd& end_of(int from, const Record& r);

    comm::Communicator& communicator_;
    Observer* observer_ = nullptr;
    std::uint32_t epoch_;
    std::vector<Peer> peers_;
    std::vector<int> used_;
    std::vector<LinkEnd*> senders_, receivers_;  // by edge
    std::array<Batch, 8> receives_;
    std::size_t next_receive_ = 0;
    bool open_ = false;
    std::uint64_t received_ = 0;
};

}  // namespace flowspan::runtime

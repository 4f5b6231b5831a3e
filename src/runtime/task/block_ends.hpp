// What the parts of a block's task share: the ends of its edges, where it stands, what it has done.
#pragma once

#include "runtime/flow/message_queue.hpp"
#include "runtime/task/task.hpp"

#include <flowspan/block.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace flowspan::runtime {

class BlockTask;

/// Why a block does not run at the moment.
enum class Wait : std::uint8_t { nothing, input, output, messages, message_room, pending, held, done };

struct BlockStatistics {
    std::uint64_t steps = 0, items_in = 0, items_out = 0, messages_in = 0, messages_out = 0;
    std::uint64_t left_over = 0, tags_dropped = 0;
    double work_s = 0, longest_step_s = 0;  // of calls, as CallClock knows them, which needs these:
    double short_s = 0, ticked_s = 0;       // in calls that are not long; what it would be by ticks alone
    bool all_timed = false;
    double input_wait_s = 0, output_wait_s = 0;  // while the whole rank was idle
};

/// Limits the size of calls, for tests of promise 1. Returns how many of `possible` items to make.
using ChunkLimit = std::function<std::size_t(std::size_t possible)>;

/// Sees every message of a port, beside its receivers.
using MessageTap = std::function<void(const Time& stamp, const Value& value)>;

struct In {
    InputPort* port = nullptr;
    memory::Reader* reader = nullptr;
    Wire* wire = nullptr;
    std::uint64_t anchor = 0;  // where the stretch of the block began on this input
    bool by_queue = false;     // its writer comes later in the same queue of a device: what is issued is as good as complete
};

struct Out {
    OutputPort* port = nullptr;
    Wire* wire = nullptr;       // nullptr: nobody reads it
    BlockTask* next = nullptr;  // its only reader, where that may be run at once
    std::uint64_t anchor = 0;   // first item of the present stretch
    std::uint64_t made = 0;     // of a data-dependent block: items of the present stretch
    bool by_queue = false;      // readers come later in the same queue of a device, or wait for it
};

struct MessageOut {
    MessageOutput* port = nullptr;
    std::vector<MessageQueue*> queues;
    MessageTap tap;  // empty: nobody watches
};

struct MessageIn {
    MessageInput* port = nullptr;
    MessageQueue* queue = nullptr;
};

struct BlockEnds {
    std::vector<In> ins;
    std::vector<Out> outs;
    std::vector<MessageOut> message_outs;
    std::vector<MessageIn> message_ins;  // one entry a connection, in the order of the graph file

    /// Somebody receives its messages.
    bool is_heard() const;
    /// Its stream items are what messages bring.
    bool is_fed_by_messages(const Block& block) const {
        return ins.empty() && !message_ins.empty() && block.declared().data_dependent;
    }
    /// Somebody is by the order of a device's queue.
    bool is_by_queue() const;
    /// All are: a call is over when it is issued.
    bool is_all_by_queue() const;
    /// Another writer waits here than where the ring is full: all are told.
    void lack_room();
    /// Whether every output has room for the zeros between two stretches.
    bool room_to_break() const;
};

/// Where a block stands. Items of blocks with a fixed ratio are counted here, alike for all their outputs; those of others at
/// each end.
struct Standing {
    std::uint64_t input_anchor = 0, output_anchor = 0;  // of the present stretch: of input 0, and of all outputs
    std::uint64_t made = 0, total_made = 0;             // of the present stretch, of all (of output 0, where it counts)
};

/// What one call is to be.
struct Call {
    std::size_t items = 0;  // of every output; where data-dependent: at its inputs, see DependentCount
    bool last = false;      // of its stretch: tags that lie behind its items belong to the last of them
};

}  // namespace flowspan::runtime

// Messages of one block: which comes next, how far samples may go before it, what it sends, and what it promises.
//
// A watermark promises only what still holds if the stretch ends now and whatever of the present call is not complete: see
// InputTimes::promise. A block's messages may look back as far as it declares, from where its grid block begins (a block
// without a grid: its cell, an aligned run of items that no call crosses), so that one which is too late is too late for any
// calls.
#pragma once

#include "runtime/flow/message_order.hpp"
#include "runtime/flow/times.hpp"
#include "runtime/task/block_ends.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace flowspan::runtime {

class MessageFlow {
public:
    MessageFlow(Block& block, BlockEnds& ends, BlockStatistics& statistics)
        : block_(block), ends_(ends), statistics_(statistics) {}

    /// Messages of the block go to the queues of its receivers, and to who watches.
    void connect();
    void watch(MessageOutput& port, const MessageTap& tap);

    /// The next message in the order (stamp, connection, sequence), if nothing earlier can still come.
    MessageIn* next();
    /// Whether it is to be handled before item `next` of input 0, which all before it are past. `over`: the stretch ends there.
    bool is_due(const MessageIn& message, std::uint64_t next, bool over) const;
    /// The item of input 0 at its stamp, if it is one from `next` to `last`; else the nearer of these.
    std::uint64_t place_of(const MessageIn& message, std::uint64_t next, std::uint64_t last) const;
    /// Whether all messages are known that are to be handled before the stretch ends at `boundary`.
    bool is_known_up_to(std::uint64_t boundary) const;
    /// Of a block whose work is its messages: how far those have gone that do not answer its own, once they have all ended.
    /// What answers it from there on comes too late, however soon it came. Nothing: some go on.
    std::optional<Time> end_of_messages() const;
    /// Whether no message waits, but for answers.
    bool has_handled_all() const;
    /// Whether an answer that comes before this time can still come.
    bool awaits_answers(const Time& end) const;
    /// The index of input 0 up to which samples may be given, as far as messages are known.
    std::uint64_t limit() const;
    /// Queues of messages that cannot be handled yet hold more of them.
    void grow_full();
    /// Whether all its receivers have room for more.
    bool has_room() const;

    /// Where the call, or what is done between calls, begins that messages look back from: index of input 0 (a source: output
    /// 0).
    void begin_call(std::uint64_t cell, std::uint64_t anchor) {
        cell_ = cell;
        anchor_ = anchor;
    }
    /// Between two stretches: the present one of input 0 is over at this item, the next begins there (before and after the
    /// descriptions change). A message about that item is at the stretch's nominal beginning, but not before what was there
    /// last: where the item itself is, nobody knows yet.
    void leave_stretch(std::uint64_t boundary);
    void enter_stretch(std::uint64_t boundary);
    void within_stretch() {
        beginning_.reset();
        left_before_ = 0;
    }
    /// Promises receivers what can be promised. `next`: index of input 0 (a source: output 0) up to which everything is
    /// complete; `cell`: where the cell begins in which that lies.
    void promise(std::uint64_t next, std::uint64_t cell, std::uint64_t anchor);
    /// Says up to where the block has come, and that it has ended.
    void end(std::uint64_t next, std::uint64_t anchor);

private:
    InputTimes times() const { return {ends_.ins[0].port->description(), *ends_.ins[0].reader}; }
    std::uint64_t possible_end() const;
    void deliver_to_queues(MessageOut& out);
    Time time_of_item(std::uint64_t index) const;
    void send(MessageOut& out, const Time& stamp, Value value);

    MessageOrder& order() const;

    Block& block_;
    BlockEnds& ends_;
    mutable std::unique_ptr<MessageOrder> order_;  // of the queues of its inputs, once these are connected
    mutable std::size_t ordered_ = 0;              // how many
    BlockStatistics& statistics_;
    std::uint64_t cell_ = 0, anchor_ = 0;
    std::uint64_t left_before_ = 0;                            // between two stretches: where the one before has ended
    std::optional<Time> left_;                                 // time of the last item of the stretches before
    std::optional<std::pair<std::uint64_t, Time>> beginning_;  // of the stretch that begins
};

}  // namespace flowspan::runtime

// One block on the loop: decides how many items the next call makes, places the ports, and keeps stretches, tags, messages
// and ends in order.
#pragma once

#include "runtime/changes.hpp"
#include "runtime/message_queue.hpp"
#include "runtime/task.hpp"

#include <flowspan/block.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace flowspan::runtime {

/// Why a block does not run at the moment.
enum class Wait : std::uint8_t { nothing, input, output, messages, message_room, pending, held, done };

struct BlockStatistics {
    std::uint64_t steps = 0, items_in = 0, items_out = 0, messages_in = 0, messages_out = 0;
    std::uint64_t left_over = 0, tags_dropped = 0;
    double work_s = 0;                           // estimated from every 128th step
    double longest_step_s = 0;                   // of the measured ones
    double input_wait_s = 0, output_wait_s = 0;  // while the whole rank was idle
};

/// A clock that moves every few milliseconds and costs a few nanoseconds.
std::int64_t coarse_clock_ns();

/// Finds calls that take long, with a clock that costs little. One on each thread, as each rank has one loop.
class LongCalls {
public:
    static void begin();
    /// What has run since the last of these was a call of this block.
    static void ended(BlockStatistics& statistics);
};

/// A failure and whose it is.
struct BlockFailure : Failure {
    BlockFailure(ExitCode code, std::string block_name, const std::string& cause)
        : Failure(code, cause), block(std::move(block_name)) {}
    std::string block;
};

/// Limits the size of calls, for tests of promise 1. Returns how many of `possible` items to make.
using ChunkLimit = std::function<std::size_t(std::size_t possible)>;

/// Sees every message of a port, beside its receivers.
using MessageTap = std::function<void(const Time& stamp, const Value& value)>;

class BlockTask final : public Task {
public:
    struct In {
        InputPort* port = nullptr;
        memory::Reader* reader = nullptr;
        Wire* wire = nullptr;
        std::uint64_t tags_seen = 0;  // tags before this index have been taken
    };
    struct Out {
        OutputPort* port = nullptr;
        Wire* wire = nullptr;       // nullptr: nobody reads it
        BlockTask* next = nullptr;  // its only reader, where that may be run at once
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

    BlockTask(std::unique_ptr<Block> block, int number) : block_(std::move(block)), number_(number) {}
    std::vector<In> ins;
    std::vector<Out> outs;
    std::vector<MessageOut> message_outs;
    std::vector<MessageIn> message_ins;  // one entry a connection, in the order of the graph file

    /// After the ends are filled in: looks at the declaration and places the first anchors. Calls prepare().
    void prepare(std::uint64_t first_index, std::uint64_t quantum, const ChunkLimit& limit);
    /// After all tasks of the partition are prepared: who may run at once when this one has made something.
    void find_followers();
    /// After that: whether the calls behind it can be told apart, and the series that it can begin.
    void look_at_chain();
    bool run() override;
    /// Runs `f`; what it throws goes on as a BlockFailure that names this block.
    template <class F>
    void named(F f) const {
        try {
            f();
        } catch (const Refused&) { throw; } catch (const BlockFailure&) {
            throw;
        } catch (const Failure& e) { throw BlockFailure(e.code(), block_->name(), e.what()); } catch (const std::exception& e) {
            throw BlockFailure(ExitCode::block, block_->name(), e.what());
        }
    }
    bool finished() const override { return phase_ == Phase::done; }
    /// Work that has begun and is not finished: the loop polls it.
    bool has_pending() const { return !pending_.empty() || closing_.token != nullptr; }
    /// Where it stands: the next index of its input 0 (a source: of its output 0); without streams, messages received.
    std::uint64_t position() const;
    /// Answers at once, or when the change has been made or can be made no more. Between calls of `run`.
    void ask(const Ask& ask, Answered answered);
    /// A change that stands in the graph file. Returns why it cannot be; "" when it waits for its index.
    std::string schedule(const Ask& ask);
    /// Nothing holds it any more.
    void release();
    /// nullptr: it was never asked for any.
    const Changes* changes() const { return changes_.get(); }
    /// Calls the function with every change of a parameter, or every update of a reading, or every message of a port.
    void watch_parameters(std::function<void(const std::string& name, std::uint64_t index, const Value&)> f);
    void watch_port(MessageOutput& port, const MessageTap& tap);
    /// Sources end at their current index.
    void stop();
    bool is_source() const { return ins.empty() && message_ins.empty(); }
    Block& block() { return *block_; }
    const Block& block() const { return *block_; }
    int number() const { return number_; }
    Wait waiting() const { return wait_; }
    BlockStatistics& statistics() { return statistics_; }
    const BlockStatistics& statistics() const { return statistics_; }
    std::uint64_t next_output() const { return output_anchor_ + made_; }
    bool cancelled() const { return was_cancelled_; }
    /// A source: what it makes is a segment of a longer stream, and ends as one.
    void end_by_cut() { end_kind_ = memory::EndKind::cut; }
    /// Fraction of its work that is done, if the total is known; else negative.
    double progress() const;

private:
    enum class Phase : std::uint8_t { running, breaking, ending, finishing, done };
    struct Unfinished {
        std::shared_ptr<Pending> token;
        std::size_t made;
        std::uint64_t release;  // input index before which nothing is needed any more
    };

    /// What a step of a plain block touches: one input, one output or none, item k of the one makes item k of the other.
    struct Plain {
        Block* block = nullptr;
        InputPort* in = nullptr;
        OutputPort* out = nullptr;
        memory::Reader* reader = nullptr;
        Wire *from = nullptr, *to = nullptr;
        BlockTask* next = nullptr;
    };

    /// A block of a series of steps: what a step touches besides ports and work.
    struct alignas(64) Stage {
        Block* block = nullptr;
        InputPort* in = nullptr;     // nullptr: the source that begins the series
        OutputPort* out = nullptr;   // nullptr: a sink
        std::byte* place = nullptr;  // of the next item that it makes
        const std::byte* wrap = nullptr;
        std::size_t ring_bytes = 0;
        std::uint32_t item_bytes = 0;
        bool emptied = false;  // what it makes has left its ring, and all that share it, when the whole chain has made a step
        bool looks_back = false;  // at history, or it is the first: its reader says where its items are
        BlockTask* task = nullptr;
    };
    /// What a series may do: items in all, items a step, and at which of its steps a clock is looked at (a bit each).
    struct Series {
        std::uint64_t items = 0;
        std::size_t step = 0;
        std::uint64_t measured = 0;
    };

    struct Supply {
        std::uint64_t count;  // outputs of the present stretch
        bool over, cut;
    };

    bool complete_pending();
    bool running();
    Supply supply();
    static bool is_cut(const In& in);
    Changes& own_changes();
    std::string place(const Ask& ask, std::uint64_t& index) const;
    void wait_for(const Ask& ask, std::uint64_t index, Answered answered);
    bool make_changes();
    bool make_changes_at(std::uint64_t position);
    void find_setting_tags();
    bool set_by_message(const MessageIn& from, const Message& message);
    bool room_for_message(const MessageIn& from);
    void retune_outputs();
    bool is_in_parts() const;
    bool make_part();
    void deliver_to_queues(MessageOut& out);
    bool is_plain() const;
    bool is_plain_source() const;
    void find_stages();
    Series series();
    bool run_series();
    bool says_more() const;
    bool pass_on();
    bool passed(std::size_t n, std::uint64_t steps, Step step);
    static void pass_down(BlockTask* first, bool watched);
    void lack_room();
    std::size_t possible(bool& final_call);
    std::size_t possible_dynamic(bool& final_call);
    std::size_t regroup(std::size_t n, bool final_call) const;
    void call(std::size_t n);
    void call_dynamic(std::size_t n);
    void place_ports(std::size_t n);
    void take_tags(std::size_t n, bool final_call);
    void put_tags(std::size_t n, bool final_call);
    void account(std::size_t n, std::uint64_t next_input, Step step);
    void publish(std::size_t n, std::uint64_t release);
    bool at_boundary();
    bool everything_said();
    bool room_to_break();
    std::uint64_t next_input() const;
    bool begin_stretch();
    bool begin_source_stretch();
    bool end_outputs();
    bool finish();
    void cancel_inputs();
    bool deliver_messages();
    MessageIn* next_message();
    std::uint64_t message_limit() const;
    void raise_watermarks();
    bool is_heard() const;  // somebody receives its messages
    bool message_room();
    bool nobody_wants();
    Step timed(std::size_t n, std::uint64_t steps_before = 0);
    std::uint64_t until_measured() const;

    // What a plain step touches stands together.
    Phase phase_ = Phase::running;
    Wait wait_ = Wait::nothing;
    bool plain_ = false, limited_ = false;
    bool calm_ = true;  // no step is under way
    Plain plain_ends_;
    std::uint64_t input_anchor_ = 0, output_anchor_ = 0, made_ = 0, total_made_ = 0;
    std::uint64_t barrier_ = UINT64_MAX;  // it stops before this index, for a change or a hold
    std::size_t quantum_ = 1;
    BlockStatistics statistics_;
    std::unique_ptr<Block> block_;
    int number_;
    Ratio ratio_;
    bool dynamic_ = false, holds_last_ = false, sink_ = false, gappy_ = false;
    bool stopping_ = false, was_cancelled_ = false, finish_called_ = false, at_end_of_stretch_ = false;
    std::uint64_t consumed_ = 0;
    std::uint64_t boundary_ = 0;  // input index at which the present stretch ends, in phase breaking
    std::uint64_t total_ = UINT64_MAX;
    std::size_t piece_ = 0;
    bool splits_ = false;       // a change within a grid block is made where it is
    bool set_by_tags_ = false;  // tags set parameters
    std::uint64_t setting_tags_seen_ = 0;
    std::uint64_t message_at_ = UINT64_MAX;  // where the last message was handled
    std::unique_ptr<Changes> changes_;       // nullptr: none so far
    std::vector<std::vector<std::byte>> parts_;
    bool within_chain_ = false;  // it goes on where a source or a plain block before it does
    bool watched_ = true;        // the chain behind it is short: its calls are told apart
    std::vector<Stage> stages_;  // of the series that it begins
    ChunkLimit limit_;
    std::deque<Unfinished> pending_;
    std::deque<std::pair<Tag, std::size_t>> waiting_tags_;  // output index, input port
    memory::EndKind end_kind_ = memory::EndKind::ok;
    Step closing_;
};

}  // namespace flowspan::runtime

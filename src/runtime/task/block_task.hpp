// One block on the loop. What it does is divided by duty: who counts (counting.hpp), who calls (here: a step, a part around a
// change; chain.hpp: a series), the books (books.hpp), tags (tag_flow.hpp), places (places.hpp), messages (message_flow.hpp),
// changes (changes.hpp). The task itself is the block's life: stretches, ends, and what comes next.
#pragma once

#include "core/process/alive.hpp"
#include "runtime/block/changes.hpp"
#include "runtime/clock/call_clock.hpp"
#include "runtime/count/books.hpp"
#include "runtime/count/counting.hpp"
#include "runtime/flow/message_flow.hpp"
#include "runtime/flow/places.hpp"
#include "runtime/flow/retuning_flow.hpp"
#include "runtime/flow/tag_flow.hpp"
#include "runtime/task/chain.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::runtime {

class RankDevice;

/// A failure and whose it is.
struct BlockFailure : Failure {
    BlockFailure(ExitCode code, std::string block_name, const std::string& cause)
        : Failure(code, cause), block(std::move(block_name)) {}
    std::string block;
};

/// How a task begins.
struct Beginning {
    std::uint64_t first_index = 0;  // of its inputs' streams; a source: of its outputs'
    std::uint64_t quantum = 1;      // items that a call makes at most
    ChunkLimit limit;
    CallClock* clock = nullptr;
    RankDevice* device = nullptr;  // that it runs on
    bool alone = false;            // it copies to a device or from there, and is part of no chain
    /// The run is a segment: its sources begin at this index of their streams, and end by SEAM.
    std::optional<std::uint64_t> within;
};

class BlockTask final : public Task, public BlockEnds {
public:
    BlockTask(std::unique_ptr<Block> block, int number);

    /// After the ends are filled in: looks at the declaration and places the first anchors. Calls prepare().
    void prepare(const Beginning& beginning);
    /// After all tasks of the partition are prepared: who may run at once when this one has made something.
    void find_followers();
    /// After that: whether the calls behind it can be told apart, and the series that it can begin.
    void look_at_chain() { chain_.look(); }
    bool run() override;
    /// Runs `f`, a call of the block; what it throws goes on as a BlockFailure that names this block.
    template <class F>
    void named(F f) const {
        const InCall in_call(block().name());
        try {
            f();
        } catch (const std::exception& e) { throw_named(e); }
    }
    bool finished() const override { return phase_ == Phase::done; }
    /// Work that has begun and is not finished: the loop polls it.
    bool has_pending() const {
        return !books_.calm() || reading_.has_value() || closing_.token != nullptr || ahead_.step.token != nullptr;
    }
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
    void watch_port(MessageOutput& port, const MessageTap& tap) { messages_.watch(port, tap); }
    /// Sources end at their current index.
    void stop();
    /// It ended there although it had more.
    bool stopped_short() const { return stopped_short_; }
    /// Nothing that it makes can be seen any more: it is cancelled.
    void let_go();
    /// What its turn takes is its own: the calls of the chain behind it are told apart.
    bool is_watched() const { return chain_.is_watched(); }
    bool is_on_device() const { return device_ != nullptr; }
    bool is_source() const { return ins.empty() && message_ins.empty(); }
    Block& block() { return *block_; }
    const Block& block() const { return *block_; }
    int number() const { return number_; }
    Wait waiting() const { return wait_; }
    BlockStatistics& statistics() { return statistics_; }
    const BlockStatistics& statistics() const { return statistics_; }
    std::uint64_t next_output() const { return at_.output_anchor + at_.made; }
    bool cancelled() const { return was_cancelled_; }
    /// A source: what it makes is a segment of a longer stream, and ends as one.
    void end_by_seam() { end_kind_ = memory::EndKind::seam; }
    /// Fraction of its work that is done, if the total is known; else negative.
    double progress() const;
    /// How many input items it waits for, where it waits for input: what it has and what its next call needs.
    std::string wanted_of(const In& in) const;

private:
    [[noreturn]] void throw_named(const std::exception& e) const;
    friend class Chain;
    enum class Phase : std::uint8_t { running, breaking, ending, finishing, done };

    // Calls.
    bool running();
    Step call(std::size_t n);
    Step issue(std::size_t n, bool timed, double calls);
    bool asks_ahead() const;
    bool ask_ahead(const Bounds& bounds);
    bool answered();
    bool call_fixed(Bounds bounds);
    bool call_dependent(const Bounds& bounds);
    bool call_open(const Bounds& bounds);
    bool enter_reading();
    bool is_in_parts() const;
    bool make_part(const Bounds& bounds);
    bool entered(bool complete);
    void promise();

    // Stretches and ends.
    void open_ends(const Beginning& beginning);
    void choose_count(const Beginning& beginning);
    bool at_boundary();
    bool everything_said();
    bool has_room_to_break();
    bool begin_stretch();
    void move_anchors();
    void leave_stretch(In& in);
    bool begin_source_stretch();
    bool begin_source_within();
    bool begin_within();
    bool begin_dependent_within();
    void begin_outputs(std::uint64_t made);
    bool make_lead(const Bounds& bounds);
    bool end_outputs();
    bool finish();
    void cancel_inputs();
    void warn_of_nothing();
    bool nobody_wants() const;
    bool total_reached() const { return at_.total_made >= total_; }
    std::uint64_t next_input() const;
    std::uint64_t end_of_last_window() const;
    std::uint64_t cell_of(std::uint64_t index) const;
    Anchors anchors() const;

    // Messages and changes.
    bool deliver_messages();
    void receive(MessageIn& from);
    bool message_block();
    bool comes_too_late(const Time& stamp) const;
    Changes& own_changes();
    std::string place(const Ask& ask, std::uint64_t& index) const;
    void wait_for(const Ask& ask, std::uint64_t index, Answered answered);
    bool make_changes();
    bool make_changes_at(std::uint64_t position);
    void find_setting_tags();
    bool set_by_message(const MessageIn& from, const Message& message);
    bool take_retunings();
    template <class Due>
    bool describe_retuning(Due is_due);
    void describe_passed(const std::vector<std::size_t>& taken);
    void retune(memory::Deviation place);
    void retune_output(std::size_t output, std::uint64_t index);
    std::uint64_t next_of(std::size_t output) const;
    bool is_due(const In& in, const memory::Retuning& retuning) const;
    std::uint64_t output_of(std::uint64_t index) const;

    // What a plain step touches stands together.
    Phase phase_ = Phase::running;
    Wait wait_ = Wait::nothing;
    bool stopping_ = false, stopped_short_ = false;
    Standing at_;
    std::uint64_t barrier_ = UINT64_MAX;   // it stops before this index, for a change or a hold
    std::uint64_t retuning_ = UINT64_MAX;  // and at this one, where an input's centre frequency changes
    bool tell_retuned_ = false;            // descriptions say so, the block has not been told
    BlockStatistics statistics_;
    Chain chain_;
    Books books_;
    CallClock* clock_ = nullptr;
    RankDevice* device_ = nullptr;  // that it runs on; nullptr: the CPU
    std::unique_ptr<Block> block_;
    int number_;
    TagFlow tags_;
    Places places_;
    RetuningFlow retunings_;
    MessageFlow messages_;
    std::optional<FixedCount> fixed_;          // one of the two counts
    std::optional<DependentCount> dependent_;  // (neither: a pure message block)
    std::unique_ptr<Changes> changes_;         // nullptr: none so far

    std::uint64_t total_ = UINT64_MAX;
    std::uint64_t boundary_ = 0;  // input index at which the present stretch ends, in phase breaking
    std::uint64_t setting_tags_seen_ = 0;
    std::uint64_t message_at_ = UINT64_MAX;  // where the last message was handled
    std::uint64_t published_from_ = 0;       // outputs of the stretch before this one are made and thrown away
    bool sink_ = false, unneeded_ = false, fed_ = false, set_by_tags_ = false, was_cancelled_ = false, finish_called_ = false;
    bool at_end_of_stretch_ = false;
    std::optional<std::uint64_t> within_;       // the run is a segment that begins at this index of its sources
    std::optional<std::uint64_t> within_from_;  // first input item of the present stretch that is there
    bool begins_within_ = false,
         outputs_begun_ = false;  // the present stretch has not been looked at for that; its outputs have
    std::vector<std::vector<std::byte>> parts_;
    /// The call of a source with an open end, until it is known what it came to.
    struct Reading {
        std::size_t asked = 0;
        Step step;
    };
    std::optional<Reading> reading_;
    /// What a block that sends messages has asked its device for: of input items before `end`.
    struct Ahead {
        Step step;
        std::uint64_t end = 0;
    };
    Ahead ahead_;
    memory::EndKind end_kind_ = memory::EndKind::ok;
    Step closing_;
};

}  // namespace flowspan::runtime

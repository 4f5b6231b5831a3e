// The books of one block: the only place that issues and completes items, advances and releases inputs, moves tags over a call
// and raises watermarks, and so lets others know what there is. Nothing is released, and so nothing promised, before the step
// that it depends on is complete; steps complete in the order in which they began. Ends that are by the order of a device's
// queue count when a step is issued: what they are read and written by is issued later (docs/decisions/026).
#pragma once

#include "core/fifo.hpp"
#include "runtime/task/access.hpp"
#include "runtime/task/block_ends.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace flowspan::runtime {

class MessageQueue;
class Places;
class TagFlow;

/// The ends of a plain block: one input, one output or none, item k of the one makes item k of the other. Or of a source with
/// one output. What a step of it touches stands together.
struct Plain {
    Block* block = nullptr;
    InputPort* in = nullptr;
    OutputPort* out = nullptr;
    memory::Reader* reader = nullptr;
    Wire *from = nullptr, *to = nullptr;
    BlockTask* next = nullptr;
};

class Books {
public:
    static constexpr std::size_t most_outstanding = 4;  // steps of one block that may be unfinished

    Books(BlockEnds& ends, Standing& at, BlockStatistics& statistics, TagFlow& tags)
        : ends_(ends), at_(at), statistics_(statistics), tags_(tags) {}
    /// Of a data-dependent block whose tags may wait: an output's newest item is complete when the next one is, or the stretch
    /// has ended.
    void hold_last() { holds_last_ = true; }

    // Each is true when all is complete: readers may go on.
    /// A call with a fixed ratio: n items of every output; the next one begins with input item `next_input`. `last`: of the
    /// stretch.
    bool enter(std::size_t n, bool last, std::uint64_t next_input, Step step);
    /// A call with a data-dependent rate: items taken of each input and made of each output, which stand where `places` says.
    bool enter(const std::vector<std::size_t>& taken, const std::vector<std::size_t>& made, const Places& places, Step step);
    /// Of a plain block: n items, in so many steps.
    bool enter(const Plain& ends, std::size_t n, std::uint64_t steps, Step step);

    /// The first item of an input that is anything to the block is `index`.
    static void begin_at(In& in, std::uint64_t index) { in.reader->advance(index); }
    /// Items of an input that were passed, and are not needed: before any call that would say so.
    static void let_go(In& in) {
        in.reader->release(in.reader->index());
        in.wire->freed();
    }
    /// Items of an input before `index` are not needed, and nothing is made of them.
    static void pass_over(In& in, std::uint64_t index) {
        in.reader->advance(index);
        in.reader->release(index);
        in.wire->freed();
    }
    /// No later message will have a smaller stamp: of what is complete.
    static void raise(MessageQueue& queue, const Time& watermark);
    /// Something that a message has begun: no items.
    void enter_begun(Step step);
    /// Enters what has become complete. True when something has.
    bool complete_pending();
    /// The stretch is over: what was held back is complete.
    void complete_held();
    /// Counts what follows from the beginning of the stretch; from these items of each output on, where it begins within.
    void begin_stretch(std::vector<std::uint64_t> made = {});

    bool calm() const { return calm_; }
    bool full() const { return pending_.size() >= most_outstanding; }
    /// The index of input 0 (a source: of output 0) up to which everything is complete; `next`: where the next call begins.
    std::uint64_t complete_up_to(std::uint64_t next) const { return pending_.empty() ? next : pending_.front().begins; }

private:
    struct Unfinished {
        std::shared_ptr<Pending> token;
        std::uint64_t begins = 0;               // index of input 0 (a source: of output 0)
        std::size_t made = 0;                   // of every output, or, where data-dependent,
        std::vector<std::size_t> made_of;       // of each
        std::uint64_t release = 0;              // input index before which nothing is needed any more, or
        std::vector<std::uint64_t> release_of;  // of each
    };
    std::uint64_t next_item() const;
    bool enter(Unfinished step);
    void put_tags(std::size_t n);
    /// Which ends: those by the order of a queue when a step is issued, the others when it is complete.
    enum class Whose : std::uint8_t { all, by_queue, by_completion };
    void publish(const Unfinished& step, Whose whose);
    void complete(std::size_t output, std::size_t made);

    bool calm_ = true;  // no step is under way
    bool holds_last_ = false;
    BlockEnds& ends_;
    Standing& at_;
    BlockStatistics& statistics_;
    TagFlow& tags_;
    Fifo<Unfinished> pending_;
    std::vector<std::uint64_t> complete_;  // data-dependent: by output, items of this stretch that are complete
    std::vector<std::uint64_t> known_;     // and that are, or are held back
};

inline bool Books::enter(const Plain& ends, std::size_t n, std::uint64_t steps, Step step) {
    if (ends.out != nullptr && !Access::tags(*ends.out).empty()) put_tags(n);
    at_.made += n;
    at_.total_made += n;
    statistics_.steps += steps;
    statistics_.items_out += n;
    if (ends.to != nullptr) ends.to->buffer.issue(n);
    std::uint64_t index = 0;
    if (ends.reader != nullptr) {
        statistics_.items_in += n;
        index = ends.reader->index() + n;
        ends.reader->advance(index);
    }
    if (step.token != nullptr) {
        const std::uint64_t begins = ends.reader != nullptr ? index - n : at_.output_anchor + at_.made - n;
        pending_.push_back(
            {.token = std::move(step.token), .begins = begins, .made = n, .made_of = {}, .release = index, .release_of = {}});
        return calm_ = false;
    }
    if (ends.to != nullptr) ends.to->buffer.complete(n);
    if (ends.reader != nullptr) {
        ends.reader->release(index);
        ends.from->freed();
    }
    return true;
}

}  // namespace flowspan::runtime

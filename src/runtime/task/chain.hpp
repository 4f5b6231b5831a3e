// Chains of plain blocks: items go down them while they are in the cache, step by step or several quanta at once (a series),
// with the same books as everywhere (Books::enter of a plain block).
#pragma once

#include "runtime/count/books.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::runtime {

class BlockTask;

/// What one task knows of the chain it stands in.
class Chain {
public:
    explicit Chain(BlockTask& task) : task_(task) {}
    /// After the ends, count and anchors are known.
    void prepare(std::size_t quantum, const ChunkLimit& limit, bool plain);
    bool is_plain() const { return plain_; }
    Plain& ends() { return ends_; }
    /// The reader of its one output goes on where this one does.
    void follow(BlockTask* next);
    /// After all have followed: whether the calls behind this one can be told apart, and the series that it can begin.
    void look();
    /// Several steps of the whole chain. False, with nothing done: not from here.
    bool run_series();
    /// What the task has just made goes down the chains behind it.
    void pass_down();

    bool is_watched() const { return watched_; }

private:
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
        std::uint64_t timed = 0, first = 0;
    };
    struct Progress;
    bool pass_on();
    bool enter(std::size_t n, std::uint64_t steps, Step step);
    void find_stages();
    Series series();
    bool run_step(const Series& ahead, Progress& now);
    void enter_all(const Progress& now);
    bool says_more() const;
    static void pass_down(BlockTask* first, bool watched);

    BlockTask& task_;
    Plain ends_;
    std::size_t quantum_ = 1;
    bool plain_ = false, limited_ = false;
    bool within_ = false;        // it goes on where a source or a plain block before it does
    bool watched_ = true;        // the chain behind it is short: its calls are told apart
    std::vector<Stage> stages_;  // of the series that it begins
    ChunkLimit limit_;
};

}  // namespace flowspan::runtime

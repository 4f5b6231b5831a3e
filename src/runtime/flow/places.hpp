// Which place of the input an output stands for, as marks that travel with the items (see times.hpp).
//
// A block with a data-dependent rate states places; without statements its nominal ratio holds. A block with a fixed ratio
// hands the marks of its input 0 on: a mark at i moves to ceil((i + delay) I / D), as a tag does, and its deviation is scaled.
// Places never go back: where a mark would make them, items stand where the one before does until they have come up with it.
#pragma once

#include "runtime/flow/times.hpp"
#include "runtime/task/block_ends.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace flowspan::runtime {

class Places {
public:
    using Deviation = memory::Deviation;
    Places(const Block& block, BlockEnds& ends, Standing& at) : block_(block), ends_(ends), at_(at) {}
    /// The stretch is over: what comes next is never earlier than its last items. Before descriptions and anchors change.
    void end_stretch();
    /// Before n items of a block with a fixed ratio are issued.
    void pass(const Ratio& ratio, std::size_t n);
    /// After a call of one with a data-dependent rate, before its items are issued; throws Failure for what cannot be.
    void state(const std::vector<std::size_t>& made);
    /// All items that a message has brought are at its stamp.
    void state(const std::vector<std::size_t>& made, const Time& stamp);
    /// Of item k of the last call of a block with a data-dependent rate: its place from the anchor of input 0, in units of
    /// 2^-32.
    Deviation place(std::size_t output, std::size_t k) const;

private:
    /// The marks of one output.
    struct Line {
        std::uint64_t next = 0;          // item after the last one that was looked at
        Deviation present = 0;           // of the item before it
        Deviation target = 0;            // what it comes back to
        Deviation stated = 0;            // what the block said last, its input's own marks left out
        Deviation last_place = 0;        // of the item before this call
        bool begun = false;              // there was an item in this stretch
        std::optional<Time> not_before;  // what the first item of the stretch cannot be ahead of
        std::vector<Deviation> places;   // of the last call; empty: they lie as the ratio says, `shift` behind
        std::uint64_t first = 0;         // item of the last call
        Deviation shift = 0;
    };
    void place_items(Line& line, std::size_t output, std::size_t made);
    /// Items before `end` are looked at, those from `end` on deviate by `target`.
    void advance(Line& line, std::size_t output, std::uint64_t end);
    Deviation nominal(std::size_t output, std::uint64_t item) const;
    Line& line_of(std::size_t output);

    const Block& block_;
    BlockEnds& ends_;
    Standing& at_;
    std::vector<Line> lines_;
    std::vector<memory::Mark> waiting_;  // with a fixed ratio: by output index
    std::uint64_t seen_ = 0;             // marks of input 0 before this index have been taken
};

}  // namespace flowspan::runtime

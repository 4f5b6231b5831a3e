// Who counts: what the next call of a block may be, and what it takes of its inputs.
//
// A block with a fixed ratio follows the one rule of counts (counts.hpp). One with a data-dependent rate says itself, after
// each call, what it took and made; so that this never follows from how much it was given, it gets exactly what it needs at
// least wherever something lies among the items: a change, a message, a tag.
#pragma once

#include "runtime/count/counts.hpp"
#include "runtime/task/block_ends.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace flowspan::runtime {

/// What bounds the next call beside the samples that are there.
struct Bounds {
    std::uint64_t barrier = UINT64_MAX;   // index of input 0 (a source: output 0) where something changes
    std::uint64_t messages = UINT64_MAX;  // index of input 0 up to which messages are known
    std::uint64_t retuning = UINT64_MAX;  // index of the inputs where a centre frequency changes
    bool calm = true;                     // no step is under way
    bool across_cells = false;            // it sends nothing
    bool stopping = false;                // a source: it ends where it is
};

/// What does not change while the block runs.
struct CountOptions {
    Ratio ratio = {};
    std::uint64_t total = UINT64_MAX;
    std::size_t quantum = 1, piece = 0;
    bool splits = false;      // a change within a grid block is made where it is
    bool any_number = false;  // a call may make any number of items: the grid is only where messages take effect
    bool holds_last = false;  // the newest item waits until the next is known or the stretch has ended: tags may come to it
    bool gappy = false;       // there are input items that nobody needs
    bool by_chunks = false;   // data-dependent: a call is as large as its input moves, and its output has room for
    std::uint64_t cell =
        0;  // not 0: no call crosses a multiple of so many outputs, since its messages may look back from there
    ChunkLimit limit = {};
};

/// Whether an input has ended by SEAM: its segment is over, its stretch is not.
bool at_seam(const In& in);

class FixedCount {
public:
    FixedCount(BlockEnds& ends, Standing& at, CountOptions options) : ends_(ends), at_(at), o_(std::move(options)) {}
    /// Nothing: `wait` says why; where that is Wait::nothing, no more can be made of the present stretch.
    std::optional<Call> next(const Bounds& bounds, Wait& wait);
    /// The input item that the call after `items` more outputs begins with.
    std::uint64_t input_after(std::size_t items) const { return at_.input_anchor + input_of(o_.ratio, at_.made + items); }
    void place(const Call& call);
    /// A source: nothing follows behind so many items.
    void end_at(std::uint64_t total) { o_.total = total; }

    struct Supply {
        std::uint64_t count;  // outputs of the present stretch
        bool over, seam;      // the input that ends first is known to end there
    };
    Supply supply(bool calm);
    /// Outputs that belong to input items before `index`.
    std::uint64_t outputs_before_index(std::uint64_t index) const {
        return outputs_before(o_.ratio, index > at_.input_anchor ? index - at_.input_anchor : 0);
    }
    const CountOptions& options() const { return o_; }

private:
    std::optional<Call> next_of_source(const Bounds& bounds, Wait& wait);
    std::optional<Call> fit(std::uint64_t n, bool last, std::uint64_t cell, Wait& wait);
    std::size_t regroup(std::size_t n, bool last) const;

    BlockEnds& ends_;
    Standing& at_;
    CountOptions o_;
};

class DependentCount {
public:
    /// `exact`: every call gets what it needs and no more, since what it sends is placed by where it began.
    /// So it is where the places of its input are marked: what is known of them then does not depend on how much was given.
    DependentCount(BlockEnds& ends, const Block& block, const Standing& at, CountOptions options, bool exact);
    std::optional<Call> next(const Bounds& bounds, Wait& wait);
    void place(const Call& call);
    /// What the call came to, as the ports say; throws Failure for what cannot be.
    struct Came {
        std::vector<std::size_t> taken, made;
    };
    const Came& came(const Call& call);
    /// From a message that a block without inputs handles.
    const Came& came_of_message();
    void begin_stretch();
    /// Whether all inputs have ever had as much as the block needs.
    bool had_enough() const { return had_enough_; }
    /// Whether an output lacks room for what a call can make.
    bool lacks_room() const;
    /// Items of an output that a call may make: what the block has declared; by chunks, what there is room for.
    std::uint64_t room_for(std::size_t output) const;
    /// Whether the present stretch is over for this input.
    bool is_over(const In& in) const;

private:
    std::size_t need(const In& in) const { return std::max<std::size_t>(1, need_of(in)); }
    static std::size_t need_of(const In& in);
    bool just_the_least(const Bounds& bounds) const;
    std::size_t given(std::size_t input, const Bounds& bounds, bool just_least) const;
    std::uint64_t at_most(const In& in) const;
    void check_fits() const;
    static void check_said(const Out& out, std::size_t made);

    std::uint64_t left() const { return o_.total - at_.total_made; }

    BlockEnds& ends_;
    const Standing& at_;
    CountOptions o_;
    bool exact_;
    bool short_ = false, short_done_ = false;  // the present call is given fewer than it needs; the stretch's last has been
    bool had_enough_ = false;
    std::uint64_t without_taking_ = 0;               // calls in a row
    std::vector<std::size_t> given_, rooms_, most_;  // most_: by input, what a call may come to need
    std::vector<Rational> nominal_;                  // by output
    Came came_;
};

}  // namespace flowspan::runtime

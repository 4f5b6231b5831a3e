// Tags through a block: seen with the items of a call, moved to the outputs that they belong to.
//
// A tag at input index i moves to the first output that stands at or behind i: ceil((i + delay) I / D) from the anchors, in
// exact integers, where the ratio is fixed; where items say themselves which place of the input they stand for, the first that
// is there. It waits until that output exists. Behind the end of a stretch it sits on the last output; without one it is
// dropped and counted.
#pragma once

#include "runtime/flow/places.hpp"
#include "runtime/task/block_ends.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace flowspan::runtime {

class TagFlow {
public:
    TagFlow(const Block& block, BlockEnds& ends, Standing& at, BlockStatistics& statistics);

    /// A stretch begins; tags before item `first` of its inputs have been seen.
    void begin_stretch(std::uint64_t first);
    void begin_stretch();  // where inputs count by themselves
    /// What waits will find no output. At a seam it belongs to the next segment.
    void end_stretch(bool seam);

    // With a fixed ratio:
    /// Before a call: tags of the items that its outputs can depend on. The last call of a stretch takes all up to where the
    /// stretch ends for this block.
    void take(const Ratio& ratio, std::size_t n, bool last, bool total_reached);
    /// Before the items of a call are issued: those that came in first, then the block's own.
    void put(std::size_t n, bool last);

    // With a data-dependent rate:
    /// Before a call: tags of the items that are given.
    void show();
    /// After it: tags of what was taken go to the items that were made, or wait.
    void move(const std::vector<std::size_t>& taken, const std::vector<std::size_t>& made, const Places& places);
    /// The items of this input that nobody took are left over: their tags are there all the same.
    void take_left(std::size_t input);
    /// The last items of the stretch are made: what waits sits on the last one.
    void settle();
    /// Items of an output before `end` are about to be complete: their tags go into the buffer.
    void hand_over(std::size_t output, std::uint64_t end);

private:
    struct Line {
        /// Those that wait for an item to reach their place: by that, from the anchor in units of 2^-32 input items, and input.
        std::multimap<std::pair<memory::Deviation, std::size_t>, Tag> waiting;
        std::vector<Tag> came, own;  // of items that are not complete, moved to their index
    };
    bool passes(std::size_t input, std::size_t output) const;
    /// With a data-dependent rate: tags that have found an item at no output.
    std::uint64_t waiting_everywhere() const;
    void enter(std::size_t input, const Tag& tag);
    void see(In& in, std::uint64_t end);
    void wait_for_output(const Ratio& ratio, std::size_t input, const Tag& tag);

    const Block& block_;
    BlockEnds& ends_;
    Standing& at_;
    BlockStatistics& statistics_;
    std::vector<std::uint64_t> seen_;  // by input: tags before this index have been taken
    /// With a fixed ratio: by output index and input.
    std::multimap<std::pair<std::uint64_t, std::size_t>, Tag> waiting_;
    std::vector<Line> lines_;  // with a data-dependent rate: by output
};

}  // namespace flowspan::runtime

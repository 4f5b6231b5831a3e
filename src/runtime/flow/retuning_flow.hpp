// Retunings through a block with a data-dependent rate: each output has its new centre frequency from the first item on that
// stands at or behind the place of the input where that changed. What a call makes does not matter.
#pragma once

#include "runtime/flow/places.hpp"
#include "runtime/task/block_ends.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace flowspan::runtime {

class RetuningFlow {
public:
    explicit RetuningFlow(BlockEnds& ends) : ends_(ends) {}
    /// An output will have this frequency from this place on: from the anchor, in units of 2^-32 input items.
    void wait(std::size_t output, memory::Deviation place, std::optional<double> center_frequency);
    /// Before the items of a call are issued: those whose place is reached go into the buffers.
    void move(const std::vector<std::size_t>& made, const Places& places);
    /// What waits for this output does not count any more: a later word has been given.
    void forget(std::size_t output);
    /// A new stretch says its frequency itself.
    void end_stretch() { lines_.clear(); }

private:
    struct Waiting {
        memory::Deviation place;
        std::optional<double> center_frequency;
    };
    BlockEnds& ends_;
    std::vector<std::deque<Waiting>> lines_;  // by output; empty: nothing waits
};

}  // namespace flowspan::runtime

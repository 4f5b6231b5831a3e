// The phase of an oscillator whose frequency may change while it runs.
#pragma once

#include <cstdint>

namespace flowspan::blocks {

/// phase(i) = offset + i step, in 2^-64 turns. A new step holds from the next call on; the phase goes on there without a jump.
/// As long as nothing changes the offset is 0, so that a stream may begin at any index.
class ContinuousPhase {
public:
    void set_step(std::uint64_t step) { next_ = step; }
    /// The offset for a call that begins at absolute index `first`.
    std::uint64_t offset(std::uint64_t first) {
        if (begun_ && next_ != step_) offset_ += (step_ - next_) * first;
        begun_ = true;
        step_ = next_;
        return offset_;
    }

private:
    std::uint64_t step_ = 0, next_ = 0, offset_ = 0;
    bool begun_ = false;
};

}  // namespace flowspan::blocks

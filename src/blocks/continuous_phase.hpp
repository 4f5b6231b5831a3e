// The phase of an oscillator whose frequency may change while it runs.
#pragma once

#include <flowspan/rational.hpp>

#include <cstdint>

namespace flowspan::blocks {

/// phase(i) = offset + i step, in 2^-64 turns. A new step holds from the next call on; the phase goes on there without a jump.
/// As long as nothing changes the offset is 0, so that a stream may begin at any index.
///
/// Where a filter follows, what it gives at index i stands for i - delay: it is there that the phase goes on. The change of the
/// step is taken the short way round, less than half a cycle a sample.
class ContinuousPhase {
public:
    void set_step(std::uint64_t step, const Rational& delay = {}) {
        next_ = step;
        delay_ = delay;
    }
    /// The offset for a call that begins at absolute index `first`.
    std::uint64_t offset(std::uint64_t first) {
        if (begun_ && next_ != step_) {
            const auto less = std::int64_t(step_ - next_);
            offset_ += std::uint64_t(less) * first -
                       std::uint64_t(static_cast<__int128>(less) * delay_.numerator() / delay_.denominator());
        }
        begun_ = true;
        step_ = next_;
        return offset_;
    }

private:
    std::uint64_t step_ = 0, next_ = 0, offset_ = 0;
    Rational delay_;
    bool begun_ = false;
};

}  // namespace flowspan::blocks

// The level of noise, as the power of frames tells it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

namespace flowspan::blocks {

/// Follows the frames outside bursts: by 1/64 of the difference upwards, 1/8 downwards, so that a recording that begins within
/// a burst finds its floor soon. It is never below the least of the last W frames, so that one that has risen is found after W
/// frames at the latest. (The idea is that of minimum statistics: Martin, IEEE Trans. Speech and Audio Processing 9, 2001.)
class NoiseFloor {
public:
    bool known() const { return floor_.has_value(); }
    double power() const { return *floor_; }
    /// Frames that were learned.
    std::uint64_t frames() const { return frames_; }
    /// Number of the first of the frames that it was last raised to.
    std::uint64_t raised_by() const { return raised_by_; }

    /// Of a frame; `quiet`: the floor follows it.
    void learn(double power, bool quiet, std::uint64_t longest) {
        if (quiet) {
            if (!floor_) floor_ = power;
            *floor_ += (power - *floor_) / (power < *floor_ ? 8 : 64);
        }
        raise(power, longest);
    }

private:
    struct Least {
        std::uint64_t number;  // of the frame
        double power;
    };
    /// To the least of the last W frames. Of these, only those are kept that no later one is below.
    void raise(double power, std::uint64_t longest) {
        while (!least_.empty() && least_.back().power >= power) least_.pop_back();
        least_.push_back({frames_++, power});
        if (least_.front().number + longest < frames_) least_.pop_front();
        if (frames_ < longest || !floor_ || least_.front().power <= *floor_) return;
        floor_ = least_.front().power;
        raised_by_ = least_.front().number;
    }

    std::optional<double> floor_;
    std::deque<Least> least_;
    std::uint64_t frames_ = 0, raised_by_ = 0;
};

/// The same where zeros may come: filters have them in sight up to `sight` items before the first frame that is zero, and what
/// recursive ones make of them is a tail: each frame is below the one before, and they fall far.
class FloorBeforeZeros {
public:
    void set_longest(std::uint64_t frames) { longest_ = frames; }
    const NoiseFloor& now() const { return now_; }
    /// Known if `now` is: also what it was before the fall that there may be.
    double highest() const { return settled_.known() ? std::max(settled_.power(), now_.power()) : now_.power(); }

    /// Of a frame from item `first` to before `end`.
    void learn(std::uint64_t first, std::uint64_t end, double power, bool quiet, std::uint64_t sight) {
        if (power >= last_) fell_from_ = power;
        falling_ = power < std::min(last_, fell_from_ / 2) ? falling_ + 1 : 0;
        last_ = power;
        late_.push_back({end, power, quiet});
        now_.learn(power, quiet, longest_);
        for (; late_.size() > std::min(falling_ + 1, longest_) && late_.front().end + sight <= first; late_.pop_front())
            settled_.learn(late_.front().power, late_.front().quiet, longest_);
    }
    /// It is what it was before the zeros came into sight.
    void zeros_came() {
        if (late_.empty()) return;
        late_.clear();
        now_ = settled_;
    }
    void forget() {
        late_.clear();
        now_ = settled_ = {};
    }

private:
    struct Frame {
        std::uint64_t end;
        double power;
        bool quiet;
    };
    std::uint64_t longest_ = 512;
    NoiseFloor now_, settled_;  // by all frames; by those that saw no zeros, whatever comes
    std::deque<Frame> late_;
    std::uint64_t falling_ = 0;  // of these, the last ones
    double last_ = 0, fell_from_ = 0;
};

}  // namespace flowspan::blocks

// Where captures stand in time: how many samples are missing before each.
#pragma once

#include "core/numbers/wide.hpp"

#include <flowspan/recording.hpp>

#include <optional>

namespace flowspan::io {

struct CaptureOffset;

/// More than that is no gap but a mistake.
inline constexpr Wide most_missing = Wide(1) << 62;

/// Places captures on an axis of samples, those that are missing included.
class CaptureClock {
public:
    explicit CaptureClock(std::optional<Rational> rate) : rate_(rate) {}

    void begin(const Capture& first);
    /// Samples missing before this capture; negative: it begins before the end of what precedes it. What a global index says,
    /// else what its time says, counted from the first time by more than half a unit of its last digit (early: a whole one) and
    /// more than one sample. `by_name`: of times that a name gives, cut off behind their last digit, when a file was begun.
    /// Such a one is off where a whole unit and 100 ppm, as clocks of recorders have them, do not explain it, from the last or
    /// the first time.
    Wide missing(const Capture& capture, bool by_name = false);
    /// Of the capture that came last: as it says, or as its count of samples does.
    std::optional<Time> utc(const Capture& capture) const;
    /// Its place; that of the first capture is its start.
    Wide place() const { return place_; }
    /// What the samples since the first time say of the capture that came last.
    std::optional<Time> counted_utc() const;

private:
    struct Mark {
        Capture capture;
        Wide place = 0;
    };
    void note(const Capture& capture);
    Wide missing_by_time(const Capture& capture, Wide expected) const;
    Wide missing_by_name(const Capture& capture, Wide expected) const;
    CaptureOffset offset(const Capture& capture, Wide expected, const Mark& from) const;
    Wide samples_of(const CaptureOffset& offset) const;

    std::optional<Rational> rate_;
    std::optional<Mark> counted_, timed_, last_timed_;  // the last with an index, the first and the last with a time
    Wide place_ = 0;
    std::uint64_t start_ = 0;
};

}  // namespace flowspan::io

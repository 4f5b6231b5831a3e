// Where the parts of a stream begin that is divided in time.
#pragma once

#include <flowspan/rational.hpp>

#include <cstdint>
#include <optional>

namespace flowspan::blocks {

/// How long a part is: a duration, or a number of items.
struct PartLength {
    Time duration;
    std::uint64_t items = 0;  // where it is not 0
};

/// Of a stretch of a stream, in exact arithmetic. Item i is at `time` + i / `rate`; parts begin with the first item at or
/// behind each whole multiple of the duration in that time. Of items: with the first one, and every so many.
class Boundaries {
public:
    Boundaries() = default;
    /// `first`: the index of the stream's first item.
    Boundaries(const PartLength& length, std::uint64_t first, const Time& time, const Rational& rate)
        : length_(length), first_(first), time_(time), rate_(rate) {}
    /// The part that an item lies in. Grows with the items; that of a stretch's time may be below 0.
    __int128 part_of(std::uint64_t index) const;
    /// The first item behind `index` that lies in another part; UINT64_MAX: none does.
    std::uint64_t next(std::uint64_t index) const;

private:
    /// The first item of the part of this number.
    std::uint64_t begin_of(__int128 part) const;

    PartLength length_;
    std::uint64_t first_ = 0;
    Time time_;
    Rational rate_{1};
};

}  // namespace flowspan::blocks

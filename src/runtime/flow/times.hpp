// When an item is: the exact time that stands in the stamps of messages, relative to index 0 of its source.
//
// Nominally item i of a stream is at origin + i / ticks. Behind a block with a data-dependent rate marks travel with the items
// (memory::Mark) that say how far from there they are. Only what stands at or before an item counts, so that its time is known
// as soon as the item is, and does not depend on how the stream was cut into calls.
#pragma once

#include "memory/stream_buffer.hpp"

#include <flowspan/description.hpp>

#include <cstdint>
#include <vector>

namespace flowspan::runtime {

/// Units of a deviation in an item.
inline constexpr memory::Deviation deviation_unit = memory::Deviation(1) << 32;

/// The time of item `index` that deviates so much from its nominal place: monotone in both.
Time time_of(const StreamDescription& stream, std::int64_t index, memory::Deviation deviation = 0);

/// The deviation, rounded up, at which item `index` is at `time`: never before it.
memory::Deviation deviation_at(const StreamDescription& stream, std::int64_t index, const Time& time);

/// The items of one input, in its present stretch.
class InputTimes {
public:
    InputTimes(const StreamDescription& stream, const memory::Reader& reader) : stream_(stream), reader_(reader) {}
    /// Of an item that is there, or the one behind the last.
    Time of(std::uint64_t index) const;
    /// `later` items behind an item that is there, at the stream's rate: the end of a span, before what follows it is known.
    Time behind(std::uint64_t index, std::uint64_t later) const;
    /// No item from `next` on will ever be earlier, should the stretch end before it or not.
    Time promise(std::uint64_t next) const;
    /// The first item at or after `time`. One beyond what is there: none of those that are there is, if places are marked.
    std::int64_t first_at(const Time& time) const;

private:
    const StreamDescription& stream_;
    const memory::Reader& reader_;
};

/// The items of a stretch that an input has left: what is known of them as far back as marks are kept.
class LeftTimes {
public:
    /// While the reader is still in it; it is over at item `end`.
    LeftTimes(StreamDescription stream, const memory::Reader& reader, std::uint64_t end);
    /// As InputTimes.
    Time behind(std::uint64_t index, std::uint64_t later) const;

private:
    memory::Deviation deviation(std::uint64_t index) const;

    StreamDescription stream_;
    std::vector<memory::Mark> marks_;
};

}  // namespace flowspan::runtime

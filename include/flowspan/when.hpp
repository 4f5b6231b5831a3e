// From when on a change of a running block holds.
#pragma once

#include <flowspan/rational.hpp>
#include <flowspan/value.hpp>

#include <cstdint>
#include <string>

namespace flowspan {

/// A place in a block's stream: its next step, an absolute index of its input 0 (a source: of its output 0; a block without
/// streams counts the messages that it has received), a time since index 0 of its source, or UTC.
struct When {
    enum class Kind : std::uint8_t { next_step, sample, time, utc };
    Kind kind = Kind::next_step;
    std::uint64_t sample = 0;
    Time time;  // seconds since index 0 of the source, or since 1970

    /// As a graph file and the control socket write it: nothing, 480000, "1.5 s", "2026-01-31T12:00:00Z".
    Value value() const;
    /// Throws std::invalid_argument with what was expected.
    static When from(const Value& value);
    friend bool operator==(const When&, const When&) = default;
};

inline When next_step() { return {}; }
inline When at_sample(std::uint64_t index) { return {When::Kind::sample, index, {}}; }
/// Since index 0 of the source, group delays compensated: the first sample at or after it.
inline When at_time(const Time& since_start) { return {When::Kind::time, 0, since_start}; }
inline When at_utc(const Time& utc) { return {When::Kind::utc, 0, utc}; }

}  // namespace flowspan

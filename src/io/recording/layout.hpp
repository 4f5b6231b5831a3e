// Where each item of a source's stream lies in its recording, and where stretches begin. Pure functions.
#pragma once

#include <flowspan/port.hpp>
#include <flowspan/recording.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// What a source makes of samples that are missing between captures.
enum class Gaps { error, zeros, restart };
/// What a source makes of captures with another centre frequency.
enum class Retunes { error, restart };

/// Consecutive items: samples of the recording, or zeros that stand for missing ones.
using Piece = RecordingPlaces::Piece;

struct StretchStart {
    std::uint64_t index = 0;
    Discontinuity what;  // meaningless for the first
    std::optional<double> frequency;
    std::optional<Time> utc;  // of the item at `index`
    friend bool operator==(const StretchStart&, const StretchStart&) = default;
};

struct Layout {
    std::uint64_t length = 0;             // items, zeros included
    std::vector<Piece> pieces;            // without holes
    std::vector<StretchStart> stretches;  // the first begins at 0
    std::optional<Rational> sample_rate;

    /// The stretch that holds an item.
    const StretchStart& stretch_of(std::uint64_t index) const;
    /// Pieces that overlap [index, index + count), cut to it.
    std::vector<Piece> pieces_of(std::uint64_t index, std::uint64_t count) const;
    /// The first item at or after a time; the length when there is none. Nothing without rate and time of the recording.
    std::optional<std::uint64_t> index_at(const Time& utc) const;
};

/// Lays a recording (of known type) out. A gap is what core:global_index says, else what core:datetime says, counted from the
/// recording's first time, by more than half a unit of its last digit and more than one sample. Throws Refused, with all of
/// them, for gaps and retunes that the policies call errors.
Layout lay_out(const RecordingFacts& recording, Gaps gaps, Retunes retunes);

/// A position or length as people write it: "1000" (samples), "2.5 s", "10 ms", "3 min", "2019-08-29T19:08:20Z".
struct Extent {
    enum class Kind { samples, seconds, utc } kind = Kind::samples;
    std::uint64_t samples = 0;
    Time time;  // seconds, or UTC
    friend bool operator==(const Extent&, const Extent&) = default;
};
std::optional<Extent> parse_extent(const std::string& text);

}  // namespace flowspan::io

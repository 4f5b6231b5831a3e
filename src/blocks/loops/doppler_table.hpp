// A frequency that is known at some times, and its phase at every sample of a stream.
#pragma once

#include <flowspan/kernels.hpp>
#include <flowspan/rational.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::blocks {

struct DopplerPoint {
    Time utc;
    double frequency = 0;  // Hz
};

/// Reads "2026-01-31T12:00:00Z 1234.5". Throws std::invalid_argument with a sentence for anything else.
DopplerPoint parse_doppler_point(const std::string& text);

/// The phase of a frequency that is linear between points, and stays what it is before the first and behind the last one. It is
/// counted from the first sample at or behind the first point. In 2^-128 turns: exact at every index.
class DopplerPhase {
public:
    using Turns = unsigned __int128;
    /// phase[first + m] = phase + m step + m (m - 1) / 2 bend, up to before the next piece.
    struct Piece {
        std::int64_t first = 0;
        Turns phase = 0, step = 0, bend = 0;
    };

    DopplerPhase() = default;
    /// At least one point, times rising. `utc` is that of index 0.
    DopplerPhase(const std::vector<DopplerPoint>& points, const Time& utc, double rate);

    struct Place {
        Turns phase = 0, step = 0,
              bend = 0;         // of an index: from it to the next one the phase grows by `step`, and step by `bend`
        std::int64_t left = 0;  // so many items of this piece, this one included
    };
    Place at(std::int64_t index) const;

private:
    std::vector<Piece> pieces_;  // the first one reaches back to the beginning
};

}  // namespace flowspan::blocks

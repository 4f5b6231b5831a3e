#include "blocks/loops/doppler_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace flowspan::blocks {
namespace {

using Turns = DopplerPhase::Turns;

/// The fraction of so many turns, in 2^-128.
Turns fixed(double turns) {
    const double scaled = (turns - std::floor(turns)) * 0x1p64;  // exact but for what lies below 2^-53 of a turn
    const double high = std::floor(scaled);
    return (Turns(high < 0x1p64 ? std::uint64_t(high) : 0) << 64) + Turns((scaled - high) * 0x1p64);
}
/// The same of a number that may be tiny: its own digits, not those of a turn.
Turns exactly(double turns) { return turns < 0 ? Turns(0) - fixed(-turns) : fixed(turns); }

/// m (m - 1) / 2 modulo 2^128, for every integer.
Turns pairs(std::int64_t m) {
    const auto wide = static_cast<__int128>(m);
    return Turns(wide * (wide - 1) / 2);
}

}  // namespace

DopplerPoint parse_doppler_point(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t"), space = text.find_first_of(" \t,", begin);
    const std::size_t number = space == std::string::npos ? space : text.find_first_not_of(" \t,", space);
    if (number == std::string::npos) throw std::invalid_argument("a time and a frequency in Hz");
    const char* from = text.data() + number;
    const char* const end = text.data() + text.find_last_not_of(" \t\r") + 1;
    if (*from == '+') ++from;
    DopplerPoint point;
    const auto [stop, error] = std::from_chars(from, end, point.frequency);
    if (error != std::errc() || stop != end || !(std::abs(point.frequency) <= 1e15))
        throw std::invalid_argument("a frequency in Hz behind the time");
    point.utc = parse_rfc3339(text.substr(begin, space - begin));
    return point;
}

DopplerPhase::DopplerPhase(const std::vector<DopplerPoint>& points, const Time& utc, double rate) {
    Turns phase = 0;
    for (std::size_t k = 0; k < points.size(); ++k) {
        const double begin = std::clamp((points[k].utc - utc).value() * rate, -0x1p60, 0x1p60);  // in samples
        Piece piece{.first = std::int64_t(std::ceil(begin)), .phase = phase};
        double slope = 0;  // turns a sample, a sample
        if (k + 1 < points.size()) {
            const double span = (points[k + 1].utc - points[k].utc).value() * rate;
            slope = (points[k + 1].frequency - points[k].frequency) / rate / span;
        }
        const double now = points[k].frequency / rate + slope * (double(piece.first) - begin);
        piece.step = exactly(now + slope / 2);
        piece.bend = exactly(slope);
        if (k == 0) pieces_.push_back({.first = piece.first, .phase = 0, .step = exactly(points[0].frequency / rate)});
        if (k > 0) {
            const Piece& last = pieces_.back();
            const std::int64_t m = piece.first - last.first;
            piece.phase = last.phase + Turns(m) * last.step + pairs(m) * last.bend;
            if (m == 0) pieces_.pop_back();
        }
        pieces_.push_back(piece);
    }
}

DopplerPhase::Place DopplerPhase::at(std::int64_t index) const {
    // (The first two pieces begin at one index: one reaches back from it, the other on.)
    auto next =
        std::upper_bound(pieces_.begin() + 1, pieces_.end(), index, [](std::int64_t i, const Piece& p) { return i < p.first; });
    const Piece& piece = *(next - 1);
    const std::int64_t m = index - piece.first;
    return {.phase = piece.phase + Turns(m) * piece.step + pairs(m) * piece.bend,
            .step = piece.step + Turns(m) * piece.bend,
            .bend = piece.bend,
            .left = next == pieces_.end() ? INT64_MAX : next->first - index};
}

}  // namespace flowspan::blocks

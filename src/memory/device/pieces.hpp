// One launch for many pieces of unconnected data: the block of threads (x, y) works at piece y.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace flowspan::device {

/// How many blocks of threads a launch has.
struct Blocks {
    unsigned x = 1, y = 1;
};

/// Pieces as an argument of a launch, by value.
template <class Piece, int most>
struct Pieces {
    Piece at[most];
};

/// As many as 4000 bytes hold: what all devices take as arguments of a kernel.
template <class Piece>
inline constexpr int most_pieces = int(4000 / sizeof(Piece));

/// Calls run(list, how many) with lists of one piece or of most_pieces, in order, until all have been in one.
template <class Piece, class Run>
void in_lists(std::span<const Piece> pieces, Run run) {
    if (pieces.size() == 1) return run(Pieces<Piece, 1>{{pieces.front()}}, 1U);
    constexpr auto most = std::size_t(most_pieces<Piece>);
    for (std::size_t first = 0; first < pieces.size(); first += most) {
        Pieces<Piece, int(most)> list{};
        const std::size_t count = std::min(most, pieces.size() - first);
        std::copy_n(pieces.begin() + std::ptrdiff_t(first), count, list.at);
        run(list, unsigned(count));
    }
}

}  // namespace flowspan::device

// One launch for many pieces of unconnected data: the block of threads (x, y) works at piece y.
#pragma once

#include "memory/device/device.hpp"
#include "memory/device/gathered.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

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

/// As many as so many bytes of arguments hold. (A kernel takes up to 32764 bytes of them; few pieces take less to hand over.)
template <class Piece>
inline constexpr int some_pieces = int(4000 / sizeof(Piece));
template <class Piece>
inline constexpr int most_pieces = int(32000 / sizeof(Piece));

/// Calls run(list, how many) with lists of 1, some_pieces or most_pieces, in order, until all have been in one.
template <class Piece, class Run>
void in_lists(std::span<const Piece> pieces, Run run) {
    const auto take = [&]<int most>(std::integral_constant<int, most>) {
        Pieces<Piece, most> list{};
        const std::size_t count = std::min(std::size_t(most), pieces.size());
        std::copy_n(pieces.begin(), count, list.at);
        pieces = pieces.subspan(count);
        run(list, unsigned(count));
    };
    while (!pieces.empty()) {
        if (pieces.size() == 1)
            take(std::integral_constant<int, 1>());
        else if (pieces.size() <= std::size_t(some_pieces<Piece>))
            take(std::integral_constant<int, some_pieces<Piece>>());
        else
            take(std::integral_constant<int, most_pieces<Piece>>());
    }
}

/// Calls use(the pieces as `with` makes them whole), which are the caller's own while it runs.
template <class Piece, class With, class Use>
void made_whole(std::span<const Piece> pieces, With with, Use use) {
    using Whole = decltype(with(pieces.front()));
    if (pieces.size() == 1) {
        const Whole whole = with(pieces.front());
        return use(std::span<const Whole>(&whole, 1));
    }
    std::vector<Whole> whole;
    for (const Piece& piece : pieces) whole.push_back(with(piece));
    use(std::span<const Whole>(whole));
}

/// The shape of launches that have nothing in common but what they do.
struct Alike {
    std::uint64_t nothing = 0;
};

/// Calls issue(queue, pieces, shape), or, where the queue gathers, has it called later with other pieces of the same shape,
/// too: what a launch has in common. n of a piece is how much it is. An object that needs several launches for one thing gives
/// each a later stage, and begins the next thing when Gathered::issued() is another number.
template <auto issue, class Piece, class Shape>
void gather(Queue& queue, std::span<const Piece> pieces, const Shape& shape, int stage = 0) {
    static_assert(std::is_trivially_copyable_v<Piece> && alignof(Piece) <= 16);
    static_assert(std::has_unique_object_representations_v<Shape> && sizeof(Shape) <= Gathered::most_shape);
    std::uint64_t items = 0;
    for (const Piece& piece : pieces) items += piece.n;
    if (items == 0) return;
    if (queue.gathered() == nullptr) return issue(queue, pieces, shape);
    const auto issue_bytes = [](Queue& to, std::span<const std::byte> bytes, const std::byte* common) {
        Shape same{};
        std::memcpy(&same, common, sizeof same);
        const auto* first = reinterpret_cast<const Piece*>(bytes.data());
        issue(to, std::span<const Piece>(first, bytes.size() / sizeof(Piece)), same);
    };
    queue.gathered()->add(stage, issue_bytes, std::as_bytes(std::span(&shape, 1)), std::as_bytes(pieces), items);
}

}  // namespace flowspan::device

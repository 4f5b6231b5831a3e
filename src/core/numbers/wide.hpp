// 128-bit integers, for products of 64-bit ones.
#pragma once

#include <cstdint>

namespace flowspan {

using Wide = __int128;
using UnsignedWide = unsigned __int128;

/// floor(a / b) for any signs; b is not 0.
constexpr Wide floor_div(Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

/// floor(a b / c), of which only the result need fit; b >= 0, c > 0.
constexpr Wide mul_div(Wide a, std::int64_t b, std::int64_t c) {
    const Wide whole = floor_div(a, c), rest = a - whole * c;
    return whole * b + rest * b / c;
}

struct Division {
    UnsignedWide whole = 0, rest = 0;
};

/// a b / c with all its digits, for a < c <= 2^126: long multiplication, bit by bit.
constexpr Division mul_div_long(UnsignedWide a, std::uint64_t b, UnsignedWide c) {
    Division so_far;
    for (int bit = 63; bit >= 0; --bit) {
        so_far.whole *= 2;
        so_far.rest = 2 * so_far.rest + ((b >> bit & 1) != 0 ? a : 0);
        for (; so_far.rest >= c; so_far.rest -= c) ++so_far.whole;
    }
    return so_far;
}

}  // namespace flowspan

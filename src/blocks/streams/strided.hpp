// Parts of items, from where they lie to where they shall lie.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace flowspan::blocks {

template <std::size_t bytes>
void copy_strided_of(const std::byte* from, std::size_t from_stride, std::byte* to, std::size_t to_stride, std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) std::memcpy(to + k * to_stride, from + k * from_stride, bytes);
}

/// Copies n parts of `bytes` each; from one to the next it is a stride, in bytes.
inline void copy_strided(const std::byte* from, std::size_t from_stride, std::byte* to, std::size_t to_stride,
                         std::size_t bytes, std::size_t n) {
    if (bytes == from_stride && bytes == to_stride) {
        std::memcpy(to, from, n * bytes);
        return;
    }
    switch (bytes) {  // a size that the compiler knows costs no call
        case 1:
            return copy_strided_of<1>(from, from_stride, to, to_stride, n);
        case 2:
            return copy_strided_of<2>(from, from_stride, to, to_stride, n);
        case 4:
            return copy_strided_of<4>(from, from_stride, to, to_stride, n);
        case 8:
            return copy_strided_of<8>(from, from_stride, to, to_stride, n);
        case 16:
            return copy_strided_of<16>(from, from_stride, to, to_stride, n);
        default:
            for (std::size_t k = 0; k < n; ++k) std::memcpy(to + k * to_stride, from + k * from_stride, bytes);
    }
}

/// Makes n items that come by turns of `sources`: output m, counted from a stretch's beginning, is item floor(m / sources) of
/// source m mod sources. The first made is output `first`; from(source, k) is where the item lies that belongs to the
/// (floor(first / sources) + k)th output of that source; its next ones follow.
template <class From>
void deal_in(std::size_t n, std::uint64_t first, std::size_t sources, std::byte* to, std::size_t bytes, From from) {
    const auto phase = std::size_t(first % sources);
    for (std::size_t begin = 0; begin < std::min(n, sources); ++begin) {
        const std::size_t source = (phase + begin) % sources, count = (n - begin + sources - 1) / sources;
        copy_strided(from(source, (phase + begin) / sources), bytes, to + begin * bytes, sources * bytes, bytes, count);
    }
}

}  // namespace flowspan::blocks

// What kernels that make each number of those at the same place alone have in common: the blocks of threads, and numbers that
// are loaded and stored as one.
#pragma once

#include "memory/device/pieces.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

namespace flowspan::kernels::elements {

inline constexpr unsigned threads = 256, groups_a_thread = 8, groups_a_block = threads * groups_a_thread;

/// `width` numbers that are loaded and stored as one.
template <class Number, int width>
struct alignas(width * sizeof(Number)) Group {
    Number at[width];
};

/// f(i) for the groups i < n of this block of threads.
template <class F>
__device__ __forceinline__ void each(std::uint64_t n, F f) {
    const std::uint64_t first = std::uint64_t(blockIdx.x) * groups_a_block + threadIdx.x;
#pragma unroll
    for (unsigned k = 0; k < groups_a_thread; ++k) {
        const std::uint64_t i = first + k * threads;
        if (i >= n) break;
        f(i);
    }
}

/// One NaN for all: which one an operation takes over is another thing on each processor.
__device__ __forceinline__ float one_nan(float x) { return x == x ? x : std::numeric_limits<float>::quiet_NaN(); }

inline bool lies_at(const void* at, std::size_t alignment) { return reinterpret_cast<std::uintptr_t>(at) % alignment == 0; }

/// How many numbers are loaded as one.
struct Width {
    std::uint64_t numbers = 1;
};

template <class Kernel, int width, class Piece>
void issue_in_groups(device::Queue& queue, std::span<const Piece> pieces) {
    std::uint64_t longest = 0;
    for (const Piece& piece : pieces) longest = longest < piece.n ? piece.n : longest;
    const std::uint64_t groups = longest / width;
    device::in_lists(pieces, [&](const auto& list, unsigned count) {
        const device::Blocks blocks{unsigned((groups + groups_a_block - 1) / groups_a_block), count};
        Kernel::template launch<width>(queue, blocks, list);
    });
}

template <class Kernel, class Piece, int... widths>
void issue(device::Queue& queue, std::span<const Piece> pieces, const Width& width) {
    ((width.numbers == widths ? issue_in_groups<Kernel, widths>(queue, pieces) : void()), ...);
}

/// Has the pieces worked at by Kernel::launch<width>(queue, blocks of threads, list), with the first of the widths, in falling
/// order, for which Kernel::fits<width>(piece) says so of all; 1 fits all.
template <class Kernel, int... widths, class Piece>
void work_at(device::Queue& queue, std::span<const Piece> pieces, int stage = 0) {
    std::uint64_t width = 1;
    const auto fit = [&]<int w>(std::integral_constant<int, w>) {
        if (width > 1) return;
        for (const Piece& piece : pieces)
            if (!Kernel::template fits<w>(piece)) return;
        width = w;
    };
    (fit(std::integral_constant<int, widths>()), ...);
    device::gather<issue<Kernel, Piece, widths...>>(queue, pieces, Width{width}, stage);
}

/// Of kernels whose numbers are loaded one by one.
struct OneByOne {
    template <int>
    static bool fits(const auto&) {
        return true;
    }
};

}  // namespace flowspan::kernels::elements

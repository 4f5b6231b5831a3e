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

/// Calls run(list of pieces, blocks of threads, width): width, a constant, is `wide` where wide_enough(piece) says so of all
/// pieces, and else 1.
template <int wide, class Piece, class Wide, class Run>
void each_list(std::span<const Piece> pieces, Wide wide_enough, Run run) {
    bool all_wide = true;
    std::uint64_t longest = 0;
    for (const Piece& piece : pieces) {
        all_wide = all_wide && wide_enough(piece);
        longest = longest < piece.n ? piece.n : longest;
    }
    if (longest == 0) return;
    const std::uint64_t groups = all_wide ? longest / wide : longest;
    device::in_lists(pieces, [&](const auto& list, unsigned count) {
        const device::Blocks blocks{unsigned((groups + groups_a_block - 1) / groups_a_block), count};
        if (all_wide)
            run(list, blocks, std::integral_constant<int, wide>());
        else
            run(list, blocks, std::integral_constant<int, 1>());
    });
}

}  // namespace flowspan::kernels::elements

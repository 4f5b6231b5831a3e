// Tiles of windowed frames in shared memory, and their transforms: what fft and psd have in common.
#pragma once

#include "kernels/fft/rows.cuh"
#include "kernels/math/turns.hpp"
#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace flowspan::kernels::frames {

/// Frames of a tile: 32 KiB of samples at most.
constexpr __host__ __device__ int of_tile(int M) { return M <= 64 ? 64 : 4096 / M; }
constexpr __host__ __device__ int threads_of_block(int M) { return M >= 4096 ? 512 : 256; }
/// One place more than a row has: columns lie in different banks.
constexpr __host__ __device__ int stride_of_tile(int M) { return M + 1; }
template <int M>
constexpr std::size_t bytes_of_tile = sizeof(float2) * of_tile(M) * stride_of_tile(M);

__device__ __forceinline__ float2 windowed(float2 x, f32 w) { return make_float2(x.x * w, x.y * w); }
__device__ __forceinline__ float2 windowed(f32 x, f32 w) { return make_float2(x * w, 0); }

/// The samples of a type as a kernel loads them.
template <class S>
struct Loaded;
template <>
struct Loaded<f32> {
    using type = f32;
};
template <>
struct Loaded<cf32> {
    using type = float2;
};

/// Frames in[f hop] …, f < count <= of_tile(M), each times the window, are transformed: bin k of frame f then lies at
/// tile[f stride + place_of_bin(k)]. All threads call it; what was in the tile before may still be read by others: they must
/// have passed a barrier.
template <int M, class Sample>
__device__ __forceinline__ void transform(float2* tile, const Sample* in, std::uint64_t hop, int count, const f32* window,
                                          const float2* twiddles) {
    for (int i = int(threadIdx.x); i < count * M; i += int(blockDim.x)) {
        const int f = i / M, n = i % M;
        tile[f * stride_of_tile(M) + n] = windowed(__ldg(in + std::uint64_t(f) * hop + n), __ldg(window + n));
    }
    __syncthreads();
    rows::transform<M, M, stride_of_tile(M)>(tile, count, twiddles);
}

/// Where bin c, counted in ascending order of frequency, lies in its row.
template <int M>
__device__ __forceinline__ int place_of_ascending(int c) {
    return rows::place_of_bin<M>((c + M / 2) % M);
}

/// Calls run(M as a constant): M a power of two from 1 to 4096.
template <class Run>
void with_size(std::size_t size, Run run) {
    const auto try_sizes = [&]<int M>(auto self, std::integral_constant<int, M>) {
        if (size == std::size_t(M)) return run(std::integral_constant<int, M>());
        if constexpr (M < 4096) return self(self, std::integral_constant<int, 2 * M>());
        throw std::invalid_argument("a transform on a device: a power of two from 1 to 4096");
    };
    try_sizes(try_sizes, std::integral_constant<int, 1>());
}

/// e^(-2 pi j i / M) for i < M.
inline std::vector<cf32> twiddles_of(std::size_t M) {
    std::vector<cf32> twiddles(M);
    const std::uint64_t step = (std::uint64_t(1) << 63) / M * 2;  // of 2^64 a turn
    for (std::size_t i = 0; i < M; ++i) {
        const turns::Phasor w = turns::phasor(0 - i * step);
        twiddles[i] = {f32(w.cos), f32(w.sin)};
    }
    return twiddles;
}

}  // namespace flowspan::kernels::frames

#include "kernels/zeros/zeros_device.hpp"

#include "memory/device/pieces.hpp"

#include <algorithm>

namespace flowspan::kernels {
namespace {

using device::Pieces;

constexpr unsigned threads = 256, parts = 8, frames_a_block = threads / parts;

template <int most>
__global__ void __launch_bounds__(threads) zeros_in(const __grid_constant__ Pieces<DeviceZeros, most> pieces) {
    auto* counts = dynamic_shared<std::uint32_t>();
    const DeviceZeros& piece = pieces.at[blockIdx.y];
    const unsigned part = threadIdx.x % parts;
    const std::uint64_t frame = std::uint64_t(blockIdx.x) * frames_a_block + threadIdx.x / parts;
    const std::uint64_t from = min(frame * piece.frame, piece.n), to = min(from + piece.frame, piece.n);
    const auto* in = reinterpret_cast<const float2*>(piece.in);
    std::uint32_t count = 0;
#pragma unroll 4
    for (std::uint64_t i = from + part; i < to; i += parts) {
        const float2 x = __ldg(in + i);
        count += x.x == 0 && x.y == 0 ? 1 : 0;
    }
    counts[threadIdx.x] = count;
    __syncthreads();
    if (part != 0 || from >= to) return;
    std::uint32_t sum = 0;
#pragma unroll
    for (unsigned k = 0; k < parts; ++k) sum += counts[threadIdx.x + k];
    piece.out[frame] = sum;
}

struct Zeros {
    std::uint64_t parts_of_frame = parts;  // (all launches are alike)
};

void issue(device::Queue& queue, std::span<const DeviceZeros> pieces, const Zeros&) {
    std::uint64_t most_frames = 0;
    for (const DeviceZeros& piece : pieces) most_frames = std::max(most_frames, (piece.n + piece.frame - 1) / piece.frame);
    const auto blocks = unsigned((most_frames + frames_a_block - 1) / frames_a_block);
    device::in_lists(pieces, [&]<int most>(const Pieces<DeviceZeros, most>& list, unsigned count) {
        launch("kernel zeros", zeros_in<most>, device::Blocks{blocks, count}, threads, threads * sizeof(std::uint32_t), queue,
               list);
    });
}

}  // namespace

void zeros(device::Queue& queue, std::span<const DeviceZeros> pieces) { device::gather<issue>(queue, pieces, Zeros{}); }

}  // namespace flowspan::kernels

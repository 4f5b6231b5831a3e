#include "kernels/energy/energy_device.hpp"

#include "memory/device/pieces.hpp"

#include <algorithm>

namespace flowspan::kernels {
namespace {

using device::Pieces;

constexpr unsigned threads = 256, parts = 8, frames_a_block = threads / parts;

template <int most>
__global__ void __launch_bounds__(threads) energies_of(const __grid_constant__ Pieces<DeviceEnergies, most> pieces) {
    auto* sums = dynamic_shared<double>();
    auto* counts = reinterpret_cast<std::uint32_t*>(sums + threads);
    const DeviceEnergies& piece = pieces.at[blockIdx.y];
    const unsigned part = threadIdx.x % parts;
    const std::uint64_t frame = std::uint64_t(blockIdx.x) * frames_a_block + threadIdx.x / parts;
    const std::uint64_t from = min(frame * piece.frame, piece.n), to = min(from + piece.frame, piece.n);
    const auto* numbers = reinterpret_cast<const f32*>(piece.in + from);
    double sum = 0;
    std::uint32_t zeros = 0;
#pragma unroll 4
    for (std::uint64_t i = part; i < 2 * (to - from); i += parts) {
        const f32 number = __ldg(numbers + i);
        const double x = double(number);
        sum += x * x;
        // (Even places are real parts.)
        if (piece.zeros != nullptr && part % 2 == 0) zeros += number == 0 && __ldg(numbers + i + 1) == 0 ? 1 : 0;
    }
    sums[threadIdx.x] = sum;
    counts[threadIdx.x] = zeros;
    __syncthreads();
    if (part != 0 || from >= to) return;
    const double* s = sums + threadIdx.x;
    const std::uint32_t* c = counts + threadIdx.x;
    if (piece.zeros != nullptr) piece.zeros[frame] = c[0] + c[2] + c[4] + c[6];
    piece.out[frame] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

void issue(device::Queue& queue, std::span<const DeviceEnergies> pieces, const device::Alike&) {
    std::uint64_t most_frames = 0;
    for (const DeviceEnergies& piece : pieces) most_frames = std::max(most_frames, (piece.n + piece.frame - 1) / piece.frame);
    const auto blocks = unsigned((most_frames + frames_a_block - 1) / frames_a_block);
    device::in_lists(pieces, [&]<int most>(const Pieces<DeviceEnergies, most>& list, unsigned count) {
        launch("kernel energy", energies_of<most>, device::Blocks{blocks, count}, threads,
               threads * (sizeof(double) + sizeof(std::uint32_t)), queue, list);
    });
}

}  // namespace

void energies(device::Queue& queue, std::span<const DeviceEnergies> pieces) {
    device::gather<issue>(queue, pieces, device::Alike());
}

}  // namespace flowspan::kernels

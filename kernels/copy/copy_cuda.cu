#include "kernels/copy/copy_device.hpp"

#include "kernels/elements/elements.cuh"

namespace flowspan::kernels {
namespace {

using device::Pieces;

template <int width, int most>
__global__ void __launch_bounds__(elements::threads) copied(const __grid_constant__ Pieces<DeviceCopy, most> pieces) {
    const DeviceCopy& piece = pieces.at[blockIdx.y];
    using Bytes = elements::Group<std::uint32_t, width / 4>;
    const auto* in = reinterpret_cast<const Bytes*>(piece.in);
    auto* out = reinterpret_cast<Bytes*>(piece.out);
    elements::each(piece.n / width, [&](std::uint64_t i) { out[i] = in[i]; });
}

template <int most>
__global__ void __launch_bounds__(elements::threads) copied_by_bytes(const __grid_constant__ Pieces<DeviceCopy, most> pieces) {
    const DeviceCopy& piece = pieces.at[blockIdx.y];
    elements::each(piece.n, [&](std::uint64_t i) { piece.out[i] = piece.in[i]; });
}

struct Copying {
    template <int width>
    static bool fits(const DeviceCopy& piece) {
        return piece.n % width == 0 && elements::lies_at(piece.in, width) && elements::lies_at(piece.out, width);
    }
    template <int width, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<DeviceCopy, most>& list) {
        if constexpr (width == 1)
            device::launch("kernel copy", copied_by_bytes<most>, blocks, elements::threads, 0, queue, list);
        else
            device::launch("kernel copy", copied<width, most>, blocks, elements::threads, 0, queue, list);
    }
};

}  // namespace

void copy(device::Queue& queue, std::span<const DeviceCopy> pieces) { elements::work_at<Copying, 16, 4, 1>(queue, pieces); }

}  // namespace flowspan::kernels

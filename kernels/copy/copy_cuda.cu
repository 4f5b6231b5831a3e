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

template <int width>
bool in_groups(const DeviceCopy& piece) {
    return piece.n % width == 0 && elements::lies_at(piece.in, width) && elements::lies_at(piece.out, width);
}

template <int width>
bool copy_in_groups(device::Queue& queue, std::span<const DeviceCopy> pieces) {
    for (const DeviceCopy& piece : pieces)
        if (!in_groups<width>(piece)) return false;
    elements::each_list<width>(
        pieces, in_groups<width>,
        [&]<int most, int w>(const Pieces<DeviceCopy, most>& list, device::Blocks blocks, std::integral_constant<int, w>) {
            if constexpr (w == width) launch("kernel copy", copied<width, most>, blocks, elements::threads, 0, queue, list);
        });
    return true;
}

}  // namespace

void copy(device::Queue& queue, std::span<const DeviceCopy> pieces) {
    if (copy_in_groups<16>(queue, pieces) || copy_in_groups<4>(queue, pieces)) return;
    elements::each_list<1>(
        pieces, [](const DeviceCopy&) { return true; },
        [&]<int most>(const Pieces<DeviceCopy, most>& list, device::Blocks blocks, std::integral_constant<int, 1>) {
            launch("kernel copy", copied_by_bytes<most>, blocks, elements::threads, 0, queue, list);
        });
}

}  // namespace flowspan::kernels

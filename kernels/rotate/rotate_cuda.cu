#include "kernels/rotate/rotate_device.hpp"

#include "kernels/elements/elements.cuh"
#include "kernels/rotate/phasor.cuh"

namespace flowspan::kernels {
namespace {

using device::Pieces;
/// A piece with what its rotator has.
struct Turning : DeviceRotator::Piece {
    const float2* table = nullptr;
    std::uint64_t increment = 0;
};

/// That the samples of a block of threads lie in.
constexpr std::uint64_t most_bases = elements::groups_a_block / rotation::steps + 2;

/// A block of threads computes each base once.
template <int most>
__global__ void __launch_bounds__(elements::threads) rotated(const __grid_constant__ Pieces<Turning, most> pieces) {
    auto* bases = dynamic_shared<float2>();
    const Turning& piece = pieces.at[blockIdx.y];
    const std::uint64_t sample = std::uint64_t(blockIdx.x) * elements::groups_a_block;
    const std::uint64_t first = (piece.first + sample / piece.channels) / rotation::steps;
    if (threadIdx.x < most_bases)
        bases[threadIdx.x] = rotation::base(piece.increment, (first + threadIdx.x) * rotation::steps, piece.phase);
    __syncthreads();
    const auto* in = reinterpret_cast<const float2*>(piece.in);
    auto* out = reinterpret_cast<float2*>(piece.out);
    elements::each(piece.n, [&](std::uint64_t i) {
        const std::uint64_t index = piece.first + i / piece.channels;
        const float2 w = rotation::times(bases[index / rotation::steps - first], __ldg(piece.table + index % rotation::steps));
        const float2 y = rotation::times(w, in[i]);
        out[i] = make_float2(elements::one_nan(y.x), elements::one_nan(y.y));
    });
}

struct Rotating : elements::OneByOne {
    template <int, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<Turning, most>& list) {
        device::launch("kernel rotate", rotated<most>, blocks, elements::threads, most_bases * sizeof(float2), queue, list);
    }
};

}  // namespace

DeviceRotator::DeviceRotator(device::Queue& queue, std::uint64_t increment)
    : turns_(queue, rotation::table_of(increment)), increment_(increment) {}

void DeviceRotator::operator()(device::Queue& queue, std::span<const Piece> pieces) const {
    const auto turning = [this](const Piece& piece) {
        return Turning{piece, reinterpret_cast<const float2*>(turns_.data()), increment_};
    };
    device::made_whole(pieces, turning, [&](const auto& whole) { elements::work_at<Rotating, 1>(queue, whole); });
}

}  // namespace flowspan::kernels

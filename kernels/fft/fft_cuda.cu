#include "kernels/fft/fft_device.hpp"

#include "kernels/fft/frames.cuh"
#include "memory/device/pieces.hpp"

#include <algorithm>

namespace flowspan::kernels {
namespace {

using device::Pieces;

template <class S>
using Piece = typename DeviceFft<S>::Piece;

struct Tables {
    const f32* window;
    const float2* twiddles;
    std::uint64_t hop;
};

template <int M, class S, int most>
__global__ void __launch_bounds__(frames::threads_of_block(M))
    spectra(const __grid_constant__ Pieces<Piece<S>, most> pieces, const Tables tables) {
    constexpr int F = frames::of_tile(M), stride = frames::stride_of_tile(M);
    auto* tile = dynamic_shared<float2>();
    const Piece<S>& piece = pieces.at[blockIdx.y];
    const std::uint64_t first = std::uint64_t(blockIdx.x) * F;
    if (first >= piece.n) return;  // (all threads of the block)
    const int count = int(min(std::uint64_t(F), piece.n - first));
    const auto* in = reinterpret_cast<const typename frames::Loaded<S>::type*>(piece.in);
    frames::transform<M>(tile, in + first * tables.hop, tables.hop, count, tables.window, tables.twiddles);
    float2* out = reinterpret_cast<float2*>(piece.out) + first * M;
    for (int i = int(threadIdx.x); i < count * M; i += int(blockDim.x))
        out[i] = tile[i / M * stride + frames::place_of_ascending<M>(i % M)];
}

}  // namespace

template <class S>
DeviceFft<S>::DeviceFft(device::Queue& queue, std::span<const f32> window) : window_(queue, window), size_(window.size()) {
    if (!suits(size_)) throw std::invalid_argument("DeviceFft: a power of two up to 4096");
    twiddles_ = device::Table<cf32>(queue, frames::twiddles_of(size_));
}

template <class S>
void DeviceFft<S>::operator()(device::Queue& queue, std::span<const Piece> pieces, std::uint64_t hop) const {
    std::uint64_t longest = 0;
    for (const Piece& piece : pieces) longest = std::max(longest, piece.n);
    if (longest == 0) return;
    const Tables tables{window_.data(), reinterpret_cast<const float2*>(twiddles_.data()), hop};
    frames::with_size(size_, [&]<int M>(std::integral_constant<int, M>) {
        constexpr int F = frames::of_tile(M);
        const auto blocks = unsigned((longest + F - 1) / F);
        device::in_lists(pieces, [&]<int most>(const Pieces<Piece, most>& list, unsigned count) {
            launch("kernel fft", spectra<M, S, most>, device::Blocks{blocks, count}, unsigned(frames::threads_of_block(M)),
                   frames::bytes_of_tile<M>, queue, list, tables);
        });
    });
}

template class DeviceFft<f32>;
template class DeviceFft<cf32>;

}  // namespace flowspan::kernels

#include "kernels/fft/fft_device.hpp"

#include "kernels/fft/frames.cuh"
#include "memory/device/pieces.hpp"

#include <algorithm>

namespace flowspan::kernels {
namespace {

using device::Pieces;

/// What a launch has in common.
struct Shape {
    std::uint64_t size, hop;
};

/// A piece with its tables.
template <class S>
struct Framed : DeviceFft<S>::Piece {
    const f32* window = nullptr;
    const float2* twiddles = nullptr;
};

template <int M, class S, int most>
__global__ void __launch_bounds__(frames::threads_of_block(M))
    spectra(const __grid_constant__ Pieces<Framed<S>, most> pieces, std::uint64_t hop) {
    constexpr int F = frames::of_tile(M), stride = frames::stride_of_tile(M);
    auto* tile = dynamic_shared<float2>();
    const Framed<S>& piece = pieces.at[blockIdx.y];
    const std::uint64_t first = std::uint64_t(blockIdx.x) * F;
    if (first >= piece.n) return;  // (all threads of the block)
    const int count = int(min(std::uint64_t(F), piece.n - first));
    const auto* in = reinterpret_cast<const typename frames::Loaded<S>::type*>(piece.in);
    frames::transform<M>(tile, in + first * hop, hop, count, piece.window, piece.twiddles);
    float2* out = reinterpret_cast<float2*>(piece.out) + first * M;
    for (int i = int(threadIdx.x); i < count * M; i += int(blockDim.x))
        out[i] = tile[i / M * stride + frames::place_of_ascending<M>(i % M)];
}

template <class S>
void issue(device::Queue& queue, std::span<const Framed<S>> pieces, const Shape& shape) {
    std::uint64_t longest = 0;
    for (const auto& piece : pieces) longest = std::max(longest, piece.n);
    frames::with_size(shape.size, [&]<int M>(std::integral_constant<int, M>) {
        constexpr int F = frames::of_tile(M);
        const auto blocks = unsigned((longest + F - 1) / F);
        device::in_lists(pieces, [&]<int most>(const Pieces<Framed<S>, most>& list, unsigned count) {
            launch("kernel fft", spectra<M, S, most>, device::Blocks{blocks, count}, unsigned(frames::threads_of_block(M)),
                   frames::bytes_of_tile<M>, queue, list, shape.hop);
        });
    });
}

}  // namespace

template <class S>
DeviceFft<S>::DeviceFft(device::Queue& queue, std::span<const f32> window) : window_(queue, window), size_(window.size()) {
    if (has_own(size_))
        twiddles_ = device::Table<cf32>(queue, frames::twiddles_of(size_));
    else
        batch_ = DeviceBatch(queue, size_);
}

template <class S>
void DeviceFft<S>::operator()(device::Queue& queue, std::span<const Piece> pieces, std::uint64_t hop) const {
    if (!batch_.empty()) {
        for (const Piece& piece : pieces)
            batch_.each(piece.index, piece.n, [&](std::uint64_t done, std::size_t row, std::size_t n) {
                batch_.lay(queue, piece.in + done * hop, hop, window_.data(), row, n);
                batch_.run(queue, row, n);
                batch_.ascending(queue, piece.out + done * size_, row, n);
            });
        return;
    }
    const auto framed = [this](const Piece& piece) {
        return Framed<S>{piece, window_.data(), reinterpret_cast<const float2*>(twiddles_.data())};
    };
    device::made_whole(pieces, framed, [&](const auto& whole) { device::gather<issue<S>>(queue, whole, Shape{size_, hop}); });
}

template class DeviceFft<f32>;
template class DeviceFft<cf32>;

}  // namespace flowspan::kernels

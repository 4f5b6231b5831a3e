#include "kernels/fft/fft_device.hpp"

#include "kernels/fft/frames.cuh"
#include "memory/device/pieces.hpp"

namespace flowspan::kernels {
namespace {

template <class S>
struct Spectra {
    const typename frames::Loaded<S>::type* in;
    float2* out;
    const f32* window;
    const float2* twiddles;
    std::uint64_t n, hop;
};

template <int M, class S>
__global__ void __launch_bounds__(frames::threads_of_block(M)) spectra(const Spectra<S> all) {
    constexpr int F = frames::of_tile(M), stride = frames::stride_of_tile(M);
    auto* tile = dynamic_shared<float2>();
    const std::uint64_t first = std::uint64_t(blockIdx.x) * F;
    const int count = int(min(std::uint64_t(F), all.n - first));
    frames::transform<M>(tile, all.in + first * all.hop, all.hop, count, all.window, all.twiddles);
    float2* out = all.out + first * M;
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
void DeviceFft<S>::operator()(device::Queue& queue, const S* in, cf32* out, std::uint64_t n, std::uint64_t hop) const {
    if (n == 0) return;
    const Spectra<S> all{reinterpret_cast<const typename frames::Loaded<S>::type*>(in),
                         reinterpret_cast<float2*>(out),
                         window_.data(),
                         reinterpret_cast<const float2*>(twiddles_.data()),
                         n,
                         hop};
    frames::with_size(size_, [&]<int M>(std::integral_constant<int, M>) {
        constexpr int F = frames::of_tile(M);
        launch("kernel fft", spectra<M, S>, device::Blocks{unsigned((n + F - 1) / F)}, unsigned(frames::threads_of_block(M)),
               frames::bytes_of_tile<M>, queue, all);
    });
}

template class DeviceFft<f32>;
template class DeviceFft<cf32>;

}  // namespace flowspan::kernels

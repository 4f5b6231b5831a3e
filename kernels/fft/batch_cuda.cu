#include "kernels/fft/batch_device.hpp"

#include "kernels/fft/frames.cuh"
#include "memory/device/pieces.hpp"

namespace flowspan::kernels {
namespace {

constexpr unsigned threads = 256;

/// A thread a sample of `n` rows. (A batch has fewer than 2^25.)
template <class S>
__global__ void __launch_bounds__(threads) windowed_rows(float2* rows, const typename frames::Loaded<S>::type* in,
                                                         const f32* window, std::uint64_t hop, unsigned size, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= size * n) return;
    const unsigned f = i / size, k = i % size;
    rows[i] = frames::windowed(__ldg(in + f * hop + k), __ldg(window + k));
}

/// The same of transforms.
__global__ void __launch_bounds__(threads) ascending_rows(float2* out, const float2* rows, unsigned size, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= size * n) return;
    const unsigned f = i / size, k = i % size, negative = size / 2;
    out[i] = rows[f * size + (k < negative ? k + size - negative : k - negative)];
}

device::Blocks blocks_for(std::size_t samples) { return {unsigned((samples + threads - 1) / threads), 1}; }

}  // namespace

template <class S>
void DeviceBatch::lay(device::Queue& queue, const S* in, std::uint64_t hop, const f32* window, std::size_t row,
                      std::size_t n) const {
    launch("kernel fft", windowed_rows<S>, blocks_for(size_ * n), threads, 0, queue, reinterpret_cast<float2*>(this->row(row)),
           reinterpret_cast<const typename frames::Loaded<S>::type*>(in), window, hop, unsigned(size_), unsigned(n));
}

void DeviceBatch::ascending(device::Queue& queue, cf32* out, std::size_t row, std::size_t n) const {
    launch("kernel fft", ascending_rows, blocks_for(size_ * n), threads, 0, queue, reinterpret_cast<float2*>(out),
           reinterpret_cast<const float2*>(this->row(row)), unsigned(size_), unsigned(n));
}

template void DeviceBatch::lay(device::Queue&, const f32*, std::uint64_t, const f32*, std::size_t, std::size_t) const;
template void DeviceBatch::lay(device::Queue&, const cf32*, std::uint64_t, const f32*, std::size_t, std::size_t) const;

}  // namespace flowspan::kernels

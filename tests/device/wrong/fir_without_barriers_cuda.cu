#include "tests/device/wrong/kernels.hpp"

#define __syncthreads() ((void)0)
#define DeviceFir DeviceFirWithoutBarriers
#include "kernels/fir/fir_cuda.cu"

void flowspan::device::fir_without_barriers(Queue& queue, std::span<const cf64> taps, std::size_t decimation, const cf32* in,
                                            cf32* out, std::uint64_t n) {
    const kernels::DeviceFirWithoutBarriers fir(queue, taps, decimation);
    const kernels::DeviceFirWithoutBarriers::Piece piece{in, out, n, 0, 0};
    fir(queue, {&piece, 1});
}

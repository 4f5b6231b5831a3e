#include "tests/device/wrong/kernels.hpp"

#define __syncthreads() ((void)0)
#define DeviceResampler DeviceResamplerWithoutBarriers
#define DeviceInterpolatedResampler DeviceInterpolatedResamplerWithoutBarriers
#include "kernels/resample/resample_cuda.cu"

void flowspan::device::resample_without_barriers(Queue& queue, std::span<const f32> taps, const cf32* in, cf32* out,
                                                 std::uint64_t n) {
    const kernels::DeviceResamplerWithoutBarriers<cf32> resampler(queue, taps, 3, 2);
    const kernels::DeviceResamplerWithoutBarriers<cf32>::Piece piece{in, out, n, 0};
    resampler(queue, {&piece, 1});
    queue.finish(60);
}

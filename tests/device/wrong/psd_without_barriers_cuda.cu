#include "tests/device/wrong/kernels.hpp"

#define __syncthreads() ((void)0)
#define DevicePsd DevicePsdWithoutBarriers
#define transform transform_without_barriers
#include "kernels/spectrum/psd_cuda.cu"

void flowspan::device::psd_without_barriers(Queue& queue, std::span<const f32> window, const cf32* in, std::uint64_t n,
                                            f32* item) {
    kernels::DevicePsdWithoutBarriers<cf32> psd(queue, window);
    psd.reset(queue, 0);
    psd.add(queue, in, n, window.size());
    psd.write(queue, item, 1, 0);
    queue.finish(60);
}

#include "tests/device/wrong/kernels.hpp"

#define __syncthreads() ((void)0)
#define DevicePfb DevicePfbWithoutBarriers
#define transform transform_without_barriers
#include "kernels/pfb/pfb_cuda.cu"

void flowspan::device::pfb_without_barriers(Queue& queue, std::size_t channels, std::span<const double> prototype,
                                            std::span<cf32* const> outputs, const cf32* in, std::uint64_t n) {
    kernels::DevicePfbWithoutBarriers bank(queue, channels, prototype);
    bank.write_to(queue, outputs);
    bank(queue, in, n, 0, 0);
}

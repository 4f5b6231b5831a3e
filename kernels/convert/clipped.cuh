// What threads have seen saturate, and how a block of them adds it to the counts.
#pragma once

#include "kernels/convert/convert_device.hpp"

namespace flowspan::kernels {

/// What a thread has seen.
struct SeenClipped {
    unsigned clipped = 0, not_finite = 0;
    double peak = 0;
};

/// One sum a block; integers, so in whatever order. All threads call it; it takes sizeof(ClippedOnDevice) of shared memory.
__device__ inline void add_to(ClippedOnDevice* counts, const SeenClipped& seen) {
    auto* sums = dynamic_shared<unsigned long long>();
    if (threadIdx.x < 3) sums[threadIdx.x] = 0;
    __syncthreads();
    if (seen.clipped > 0) {
        atomicAdd(&sums[0], static_cast<unsigned long long>(seen.clipped));
        // (Of positive numbers the greater one has the greater bits.)
        atomicMax(&sums[2], static_cast<unsigned long long>(__double_as_longlong(seen.peak)));
    }
    if (seen.not_finite > 0) atomicAdd(&sums[1], static_cast<unsigned long long>(seen.not_finite));
    __syncthreads();
    if (threadIdx.x != 0) return;
    auto* all = reinterpret_cast<unsigned long long*>(counts);
    if (sums[0] > 0) {
        atomicAdd(&all[0], sums[0]);
        atomicMax(&all[2], sums[2]);
    }
    if (sums[1] > 0) atomicAdd(&all[1], sums[1]);
}

}  // namespace flowspan::kernels

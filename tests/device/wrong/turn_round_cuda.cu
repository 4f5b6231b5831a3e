#include "tests/device/wrong/kernels.hpp"

namespace flowspan::device {
namespace {

constexpr unsigned threads = 64;

__global__ void turn(const float* in, float* out, Turned how) {
    auto* shared = dynamic_shared<float>();
    shared[threadIdx.x] = in[threadIdx.x];
    if (how == Turned::with_a_barrier_for_some) {
        if (threadIdx.x < 32) __syncthreads();
    } else if (how == Turned::with_barriers_apart) {
        if (threadIdx.x < 32)
            __syncthreads();
        else
            __syncthreads();
    } else {
        __syncthreads();
    }
    out[threadIdx.x] = shared[threads - 1 - threadIdx.x];
}

__global__ void overlap(float* out) { out[blockIdx.x * (threads - 1) + threadIdx.x] = float(blockIdx.x); }

}  // namespace

void turn_round(Queue& queue, const float* in, float* out, Turned how) {
    const std::size_t bytes = (how == Turned::with_too_little_shared_memory ? threads / 2 : threads) * sizeof(float);
    launch("kernel turn", turn, Blocks{}, threads, bytes, queue, in, out, how);
}

void overlapping_tiles(Queue& queue, float* out, unsigned blocks) {
    launch("kernel overlap", overlap, Blocks{blocks}, threads, 0, queue, out);
}

}  // namespace flowspan::device

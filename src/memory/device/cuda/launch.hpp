// What a kernel file reads first (-include) when nvcc reads it.
#pragma once

#include "memory/device/cuda/check.hpp"
#include "memory/device/cuda/queue.hpp"
#include "memory/device/pieces.hpp"

/// The shared memory that the launch asked for.
template <class T>
__device__ T* dynamic_shared() {
    extern __shared__ __align__(16) unsigned char bytes[];
    return reinterpret_cast<T*>(bytes);
}

namespace flowspan::device {

/// Issues kernel(arguments…) by blocks.x times blocks.y blocks of `threads` threads.
template <class... P, class... A>
void launch(const char* name, void (*kernel)(P...), Blocks blocks, unsigned threads, std::size_t shared_bytes, Queue& queue,
            const A&... arguments) {
    constexpr std::size_t without_asking = std::size_t(48) << 10;
    queue.before_other();
    use(queue.device());
    if (shared_bytes > without_asking)
        check(queue.device(), cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes)),
              name);
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(blocks.x, blocks.y);
    config.blockDim = dim3(threads);
    config.dynamicSmemBytes = shared_bytes;
    config.stream = queue.state().stream;
    check(queue.device(), cudaLaunchKernelEx(&config, kernel, P(arguments)...), name);
    ++queue.state().counts.launches;
}

}  // namespace flowspan::device

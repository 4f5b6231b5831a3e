// What a kernel file reads first (-include) in a build without CUDA: words for its kernels, which nothing runs.
#pragma once

#include "memory/device/device.hpp"
#include "memory/device/emulated/words.hpp"

template <class T>
T* dynamic_shared() {
    return nullptr;
}
inline void __syncthreads() {}

namespace flowspan::device {

template <class Kernel, class... A>
void launch(const char* name, Kernel, Blocks, unsigned, std::size_t, Queue& queue, const A&...) {
    throw Error(queue.device(), std::string("launch of ") + name, "this flowspan was built without CUDA");
}

}  // namespace flowspan::device

// What a kernel file reads first (-include) in a build without CUDA: words for its kernels, which nothing runs.
#pragma once

#include "memory/device/device.hpp"
#include "memory/device/emulated/words.hpp"
#include "memory/device/pieces.hpp"

namespace flowspan::device {
std::byte* shared_memory();  // (a call that the compiler does not see through)
}
template <class T>
T* dynamic_shared() {
    return reinterpret_cast<T*>(flowspan::device::shared_memory());
}
inline void __syncthreads() {}

namespace flowspan::device {

template <class... P, class... A>
void launch(const char* name, void (*)(P...), Blocks, unsigned, std::size_t, Queue& queue, const A&...) {
    throw Error(queue.device(), std::string("launch of ") + name, "this flowspan was built without CUDA");
}

}  // namespace flowspan::device

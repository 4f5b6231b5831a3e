// What a kernel file reads first (-include) when the C++ compiler reads it for the emulation.
#pragma once

#include "memory/device/emulated/emulated.hpp"
#include "memory/device/emulated/simt.hpp"
#include "memory/device/emulated/words.hpp"

#include <source_location>

/// The shared memory that the launch asked for.
template <class T>
T* dynamic_shared() {
    return reinterpret_cast<T*>(flowspan::device::simt::shared_memory());
}
inline void __syncthreads(std::source_location at = std::source_location::current()) {
    flowspan::device::simt::barrier((std::uint64_t(at.line()) << 32) + at.column());
}

namespace flowspan::device {

/// Issues kernel(arguments…) by blocks.x times blocks.y blocks of `threads` threads.
template <class... P, class... A>
void launch(const char* name, void (*kernel)(P...), Blocks blocks, unsigned threads, std::size_t shared_bytes, Queue& queue,
            const A&... arguments) {
    const emulated::Inside inside;
    emulated::issue_kernel(
        queue, name, [=] { simt::run(blocks, threads, shared_bytes, emulated::schedule(), [&] { kernel(P(arguments)...); }); });
}

}  // namespace flowspan::device

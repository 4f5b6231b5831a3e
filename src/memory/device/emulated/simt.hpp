// Blocks of threads on the host, for kernels that the C++ compiler has read.
//
// fibers.cpp: the threads of a block are fibers. From one barrier to the next they run one after the other in an order of the
// seed, so that a barrier that is missing shows as other numbers; blocks run in an order of the seed, too. A barrier that some
// threads reach at another place, or have left, is a mistake that names them.
// threads.cpp: they are threads of the host, for ThreadSanitizer: what two of them touch without a barrier between is a race.
// In both, shared memory is NaN before each block, and ends at a page without rights.
#pragma once

#include "memory/device/pieces.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>

namespace flowspan::device::simt {

/// What would hang, or mean nothing, on a device.
struct Mistake : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Order : std::uint8_t { ascending, descending, shuffled };
struct Schedule {
    Order order = Order::ascending;
    std::uint64_t seed = 1;
    unsigned blocks_at_once = 1;  // by threads.cpp
};

/// Of the block that runs.
std::byte* shared_memory();
/// Waits for all threads of its block. `place`: which of the barriers in the kernel it is.
void barrier(std::uint64_t place);
/// Runs all threads of all blocks. Throws Mistake.
void run(Blocks blocks, unsigned threads, std::size_t shared_bytes, const Schedule& schedule,
         const std::function<void()>& thread);

}  // namespace flowspan::device::simt

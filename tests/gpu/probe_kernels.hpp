// Kernels of the probe.
#pragma once

#include "memory/device/device.hpp"

#include <cstddef>
#include <cstdint>

namespace flowspan::device {

/// at[i] = first + i
void number(Queue& queue, std::uint64_t* at, std::uint64_t first, std::size_t n);
/// wrong += how many at[i] are not first + i
void compare(Queue& queue, const std::uint64_t* at, std::uint64_t first, std::size_t n, unsigned* wrong);
/// Nothing: what a launch costs.
void nothing(Queue& queue);

/// A list of arguments, by value.
template <int entries>
struct List {
    const unsigned* at[entries];
};
/// sum += *list.at[i] for all i: whether the list arrives. 500 entries are 4 kB, 4000 are 32 kB.
void add_list(Queue& queue, const List<500>& list, unsigned* sum);
void add_list(Queue& queue, const List<4000>& list, unsigned* sum);
/// A while of arithmetic that needs no memory, which goes on beside copies.
void compute(Queue& queue, unsigned blocks, unsigned rounds, float* out);

}  // namespace flowspan::device

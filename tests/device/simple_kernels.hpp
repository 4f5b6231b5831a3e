// Kernels of tests.
#pragma once

#include "memory/device/device.hpp"

namespace flowspan::device {

/// at[i] *= 2
void double_all(Queue& queue, int* at, std::size_t n);

}  // namespace flowspan::device

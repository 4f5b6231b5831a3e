// What a queue is to CUDA.
#pragma once

#include "memory/device/device.hpp"

#include <cuda_runtime.h>

namespace flowspan::device {

struct Queue::State {
    int device = 0;
    cudaStream_t stream = nullptr;
    Counts counts;
    ~State();
};

}  // namespace flowspan::device

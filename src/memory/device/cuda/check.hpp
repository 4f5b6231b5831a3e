// Errors of CUDA's runtime.
#pragma once

#include "memory/device/failed.hpp"

#include <cuda_runtime.h>

namespace flowspan::device {

/// Of an operation, or of a call without which nothing goes on: the device has failed.
inline void check(int device, cudaError_t error, const char* call) {
    if (error == cudaSuccess) return;
    (void)cudaGetLastError();
    fail(device, call, cudaGetErrorString(error));
}

/// Of a request that a device may refuse.
inline void check_request(int device, cudaError_t error, const char* call) {
    if (error == cudaSuccess) return;
    (void)cudaGetLastError();
    throw Error(device, call, cudaGetErrorString(error));
}

/// Calls of this thread are about this device from now on.
inline void use(int device) {
    expect_working(device);
    check(device, cudaSetDevice(device), "cudaSetDevice");
}

}  // namespace flowspan::device

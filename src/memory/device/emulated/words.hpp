// The words of CUDA that kernels use, for the C++ compiler: marks of functions, vectors, and intrinsics that are operations of
// IEEE 754. What is here is what nvcc makes of them, bit for bit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

// NOLINTBEGIN(bugprone-reserved-identifier): the names are CUDA's
// (Marks of functions can be nothing but macros.)
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__

struct alignas(8) float2 {
    float x, y;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
inline float2 make_float2(float x, float y) { return {x, y}; }

// Threads of the host stand for those of a block, or run all of them: where each is.
inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

template <class T>
T __ldg(const T* at) {
    return *at;
}
template <class T>
T atomicAdd(T* at, T value) {
    return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}
template <class T>
T atomicMax(T* at, T value) {
    T seen = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (seen < value && !__atomic_compare_exchange_n(at, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
    return seen;
}
inline long long __double_as_longlong(double x) {
    long long bits = 0;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}
// NOLINTEND(bugprone-reserved-identifier)
using std::max;
using std::min;

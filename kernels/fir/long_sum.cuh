// Sums of products in single precision that keep the bound of fir.hpp at any length: in pieces.
#pragma once

namespace flowspan::kernels {

constexpr unsigned most_in_sum = 64;  // of a piece of a long sum

/// A long sum of short ones; what rounding takes from it is kept beside it (Knuth's two-sum).
struct LongSum {
    float high = 0, low = 0;
    __device__ __forceinline__ void add(float x) {
        const float sum = high + x, other = sum - high;
        low += (high - (sum - other)) + (x - other);
        high = sum;
    }
    /// (Of what is not finite there is nothing to keep.)
    __device__ __forceinline__ float value() const { return fabsf(low) <= 3.402823466e38F ? high + low : high; }
};

}  // namespace flowspan::kernels

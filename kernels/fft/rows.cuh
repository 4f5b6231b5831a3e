// Transforms of rows of M points that lie in shared memory, in place, by the threads of a block (decimation in frequency, radix
// 8, then 4 or 2). M is a power of two.
//
//   X[k] = sum over n of x[n] e^(-2 pi j k n / M), which then lies at place_of_bin<M>(k)
//
// A row's bits depend on the row alone.
#pragma once

namespace flowspan::kernels::rows {

__device__ __forceinline__ float2 plus(float2 a, float2 b) { return make_float2(a.x + b.x, a.y + b.y); }
__device__ __forceinline__ float2 minus(float2 a, float2 b) { return make_float2(a.x - b.x, a.y - b.y); }
__device__ __forceinline__ float2 times_minus_j(float2 a) { return make_float2(a.y, -a.x); }
/// Two operations a part, one of them fused.
__device__ __forceinline__ float2 times(float2 a, float2 b) {
    return make_float2(fmaf(a.x, b.x, -(a.y * b.y)), fmaf(a.x, b.y, a.y * b.x));
}

template <int radix>
struct Butterfly;

template <>
struct Butterfly<2> {
    static __device__ __forceinline__ void run(float2* x) {
        const float2 a = x[0], b = x[1];
        x[0] = plus(a, b);
        x[1] = minus(a, b);
    }
};

template <>
struct Butterfly<4> {
    static __device__ __forceinline__ void run(float2* x) {
        const float2 a = plus(x[0], x[2]), b = minus(x[0], x[2]), c = plus(x[1], x[3]), d = times_minus_j(minus(x[1], x[3]));
        x[0] = plus(a, c);
        x[1] = plus(b, d);
        x[2] = minus(a, c);
        x[3] = minus(b, d);
    }
};

template <>
struct Butterfly<8> {
    static __device__ __forceinline__ void run(float2* x) {
        constexpr float r = 0.70710678118654752440F;
        float2 even[4] = {x[0], x[2], x[4], x[6]}, odd[4] = {x[1], x[3], x[5], x[7]};
        Butterfly<4>::run(even);
        Butterfly<4>::run(odd);
        odd[1] = make_float2(r * (odd[1].x + odd[1].y), r * (odd[1].y - odd[1].x));
        odd[2] = times_minus_j(odd[2]);
        odd[3] = make_float2(r * (odd[3].y - odd[3].x), -r * (odd[3].x + odd[3].y));
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            x[k] = plus(even[k], odd[k]);
            x[k + 4] = minus(even[k], odd[k]);
        }
    }
};

/// The radix of the pass over sub-transforms of `length`.
constexpr __host__ __device__ int radix_of(int length) { return length % 8 == 0 ? 8 : length % 4 == 0 ? 4 : 2; }

/// Where bin k of M lies afterwards: its digits in reverse.
template <int M>
constexpr __host__ __device__ int place_of_bin(int k) {
    int place = 0;
    for (int length = M; length > 1;) {
        const int radix = radix_of(length);
        length /= radix;
        place += k % radix * length;
        k /= radix;
    }
    return place;
}

/// Passes over sub-transforms of `length` and what they consist of. `twiddles`: e^(-2 pi j i / M), M of them. All threads of
/// the block call it; what it has made is there for all when it returns.
template <int M, int length, int stride>
__device__ __forceinline__ void transform(float2* tile, int rows, const float2* twiddles) {
    if constexpr (length > 1) {
        constexpr int radix = radix_of(length), part = length / radix;
        for (int i = int(threadIdx.x); i < rows * (M / radix); i += int(blockDim.x)) {
            const int row = i / (M / radix), rest = i % (M / radix), j = rest % part;
            float2* const at = tile + row * stride + rest / part * length + j;
            float2 x[radix];
#pragma unroll
            for (int k = 0; k < radix; ++k) x[k] = at[k * part];
            Butterfly<radix>::run(x);
#pragma unroll
            for (int k = 0; k < radix; ++k)
                at[k * part] = k == 0 || part == 1 ? x[k] : times(x[k], __ldg(twiddles + j * k * (M / length)));
        }
        __syncthreads();
        transform<M, part, stride>(tile, rows, twiddles);
    }
}

}  // namespace flowspan::kernels::rows

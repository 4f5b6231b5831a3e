#include "kernels/convert/convert_device.hpp"

#include "memory/device/pieces.hpp"

#include <cstdint>
#include <limits>

namespace flowspan::kernels {
namespace {

using device::Pieces;

constexpr unsigned threads = 256, groups_a_thread = 8, groups_a_block = threads * groups_a_thread;

/// Two numbers that are loaded and stored as one, or one.
template <class Number, int width>
struct alignas(width * sizeof(Number)) Group {
    Number at[width];
};

template <class Integer>
constexpr __host__ __device__ f32 half_range() {
    return f32(std::uint64_t(1) << (8 * sizeof(Integer) - 1));
}
template <class Integer>
constexpr __host__ __device__ f32 zero_of() {
    return Integer(-1) < Integer(0) ? 0.0F : half_range<Integer>() - 0.5F;
}

template <class Integer, int width, int most>
__global__ void __launch_bounds__(threads) floats(const __grid_constant__ Pieces<Conversion<Integer, f32>, most> pieces) {
    const Conversion<Integer, f32>& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const Group<Integer, width>*>(piece.in);
    auto* out = reinterpret_cast<Group<f32, width>*>(piece.out);
    const std::uint64_t groups = piece.n / width, first = std::uint64_t(blockIdx.x) * groups_a_block + threadIdx.x;
#pragma unroll
    for (unsigned k = 0; k < groups_a_thread; ++k) {
        const std::uint64_t i = first + k * threads;
        if (i >= groups) break;
        const Group<Integer, width> x = in[i];
        Group<f32, width> y;
#pragma unroll
        for (int c = 0; c < width; ++c) y.at[c] = (f32(x.at[c]) - zero_of<Integer>()) * piece.scale;
        out[i] = y;
    }
}

/// What a thread has seen.
struct Seen {
    unsigned clipped = 0, not_finite = 0;
    double peak = 0;
};

template <class Integer>
__device__ __forceinline__ Integer rounded(f32 x, f32 scale, Seen& seen) {
    constexpr bool is_signed = Integer(-1) < Integer(0);
    constexpr f32 high = is_signed ? half_range<Integer>() - 1 : 2 * half_range<Integer>() - 1;
    constexpr f32 low = is_signed ? -half_range<Integer>() : 0.0F, zero = zero_of<Integer>(), greatest = 3.402823466e38F;
    const f32 v = rintf((x == x ? x : 0.0F) * scale + zero);
    if (!(fabsf(x) <= greatest)) {
        ++seen.not_finite;
    } else if (v < low || v > high) {
        ++seen.clipped;
        const double exact = double(x) * double(scale),
                     magnitude = is_signed ? exact / (x > 0 ? high : low) : fabs(exact) / zero;
        seen.peak = magnitude > seen.peak ? magnitude : seen.peak;
    }
    return Integer(v < low ? low : v > high ? high : v);
}

/// One sum a block; integers, so in whatever order.
__device__ void add_to(ClippedOnDevice* counts, const Seen& seen) {
    auto* sums = dynamic_shared<unsigned long long>();
    if (threadIdx.x < 3) sums[threadIdx.x] = 0;
    __syncthreads();
    if (seen.clipped > 0) {
        atomicAdd(&sums[0], static_cast<unsigned long long>(seen.clipped));
        // (Of positive numbers the greater one has the greater bits.)
        atomicMax(&sums[2], static_cast<unsigned long long>(__double_as_longlong(seen.peak)));
    }
    if (seen.not_finite > 0) atomicAdd(&sums[1], static_cast<unsigned long long>(seen.not_finite));
    __syncthreads();
    if (threadIdx.x != 0) return;
    auto* all = reinterpret_cast<unsigned long long*>(counts);
    if (sums[0] > 0) {
        atomicAdd(&all[0], sums[0]);
        atomicMax(&all[2], sums[2]);
    }
    if (sums[1] > 0) atomicAdd(&all[1], sums[1]);
}

template <class Integer, int width, int most>
__global__ void __launch_bounds__(threads)
    integers(const __grid_constant__ Pieces<Conversion<f32, Integer>, most> pieces, ClippedOnDevice* counts) {
    const Conversion<f32, Integer>& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const Group<f32, width>*>(piece.in);
    auto* out = reinterpret_cast<Group<Integer, width>*>(piece.out);
    const std::uint64_t groups = piece.n / width, first = std::uint64_t(blockIdx.x) * groups_a_block + threadIdx.x;
    Seen seen;
#pragma unroll
    for (unsigned k = 0; k < groups_a_thread; ++k) {
        const std::uint64_t i = first + k * threads;
        if (i >= groups) break;
        const Group<f32, width> x = in[i];
        Group<Integer, width> y;
#pragma unroll
        for (int c = 0; c < width; ++c) y.at[c] = rounded<Integer>(x.at[c], piece.scale, seen);
        out[i] = y;
    }
    add_to(counts, seen);
}

template <class In, class Out>
bool in_pairs(const Conversion<In, Out>& piece) {
    const auto lies_at = [](const void* at, std::size_t alignment) {
        return reinterpret_cast<std::uintptr_t>(at) % alignment == 0;
    };
    return piece.n % 2 == 0 && lies_at(piece.in, 2 * sizeof(In)) && lies_at(piece.out, 2 * sizeof(Out));
}

/// Calls run(lists of pieces, how many blocks, width as a constant).
template <class In, class Out, class Run>
void each_list(std::span<const Conversion<In, Out>> pieces, Run run) {
    bool pairs = true;
    std::uint64_t longest = 0;
    for (const auto& piece : pieces) {
        pairs = pairs && in_pairs(piece);
        longest = longest < piece.n ? piece.n : longest;
    }
    if (longest == 0) return;
    const std::uint64_t groups = pairs ? longest / 2 : longest;
    device::in_lists(pieces, [&](const auto& list, unsigned count) {
        const device::Blocks blocks{unsigned((groups + groups_a_block - 1) / groups_a_block), count};
        if (pairs)
            run(list, blocks, std::integral_constant<int, 2>());
        else
            run(list, blocks, std::integral_constant<int, 1>());
    });
}

}  // namespace

template <class Integer>
void to_floats(device::Queue& queue, std::span<const Conversion<Integer, f32>> pieces) {
    each_list(pieces, [&]<int most, int width>(const Pieces<Conversion<Integer, f32>, most>& list, device::Blocks blocks,
                                               std::integral_constant<int, width>) {
        launch("kernel convert", floats<Integer, width, most>, blocks, threads, 0, queue, list);
    });
}

template <class Integer>
void to_integers(device::Queue& queue, std::span<const Conversion<f32, Integer>> pieces, ClippedOnDevice* counts) {
    each_list(pieces, [&]<int most, int width>(const Pieces<Conversion<f32, Integer>, most>& list, device::Blocks blocks,
                                               std::integral_constant<int, width>) {
        launch("kernel convert", integers<Integer, width, most>, blocks, threads, sizeof(ClippedOnDevice), queue, list, counts);
    });
}

template void to_floats(device::Queue&, std::span<const Conversion<i8, f32>>);
template void to_floats(device::Queue&, std::span<const Conversion<u8, f32>>);
template void to_floats(device::Queue&, std::span<const Conversion<i16, f32>>);
template void to_floats(device::Queue&, std::span<const Conversion<u16, f32>>);
template void to_integers(device::Queue&, std::span<const Conversion<f32, i8>>, ClippedOnDevice*);
template void to_integers(device::Queue&, std::span<const Conversion<f32, u8>>, ClippedOnDevice*);
template void to_integers(device::Queue&, std::span<const Conversion<f32, i16>>, ClippedOnDevice*);

}  // namespace flowspan::kernels

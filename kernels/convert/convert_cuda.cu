#include "kernels/convert/convert_device.hpp"

#include "kernels/convert/clipped.cuh"
#include "kernels/elements/elements.cuh"

#include <cstdint>

namespace flowspan::kernels {
namespace {

using device::Pieces;
using elements::Group;

template <class Integer>
constexpr __host__ __device__ f32 half_range() {
    return f32(std::uint64_t(1) << (8 * sizeof(Integer) - 1));
}
template <class Integer>
constexpr __host__ __device__ f32 zero_of() {
    return Integer(-1) < Integer(0) ? 0.0F : half_range<Integer>() - 0.5F;
}

template <class Integer, int width, int most>
__global__ void __launch_bounds__(elements::threads)
    floats(const __grid_constant__ Pieces<Conversion<Integer, f32>, most> pieces) {
    const Conversion<Integer, f32>& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const Group<Integer, width>*>(piece.in);
    auto* out = reinterpret_cast<Group<f32, width>*>(piece.out);
    elements::each(piece.n / width, [&](std::uint64_t i) {
        const Group<Integer, width> x = in[i];
        Group<f32, width> y;
#pragma unroll
        for (int c = 0; c < width; ++c) y.at[c] = (f32(x.at[c]) - zero_of<Integer>()) * piece.scale;
        out[i] = y;
    });
}

template <class Integer>
__device__ __forceinline__ Integer rounded(f32 x, f32 scale, SeenClipped& seen) {
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

/// A piece with where what is clipped is counted.
template <class Integer>
struct Counted : Conversion<f32, Integer> {
    ClippedOnDevice* counts = nullptr;
};

template <class Integer, int width, int most>
__global__ void __launch_bounds__(elements::threads) integers(const __grid_constant__ Pieces<Counted<Integer>, most> pieces) {
    const Counted<Integer>& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const Group<f32, width>*>(piece.in);
    auto* out = reinterpret_cast<Group<Integer, width>*>(piece.out);
    SeenClipped seen;
    elements::each(piece.n / width, [&](std::uint64_t i) {
        const Group<f32, width> x = in[i];
        Group<Integer, width> y;
#pragma unroll
        for (int c = 0; c < width; ++c) y.at[c] = rounded<Integer>(x.at[c], piece.scale, seen);
        out[i] = y;
    });
    add_to(piece.counts, seen);
}

template <class In, class Out>
struct Converting {
    template <int width>
    static bool fits(const Conversion<In, Out>& piece) {
        return piece.n % width == 0 && elements::lies_at(piece.in, width * sizeof(In)) &&
               elements::lies_at(piece.out, width * sizeof(Out));
    }
};

template <class Integer>
struct ToFloats : Converting<Integer, f32> {
    template <int width, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<Conversion<Integer, f32>, most>& list) {
        device::launch("kernel convert", floats<Integer, width, most>, blocks, elements::threads, 0, queue, list);
    }
};

template <class Integer>
struct ToIntegers : Converting<f32, Integer> {
    template <int width, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<Counted<Integer>, most>& list) {
        device::launch("kernel convert", integers<Integer, width, most>, blocks, elements::threads, sizeof(ClippedOnDevice),
                       queue, list);
    }
};

}  // namespace

template <class Integer>
void to_floats(device::Queue& queue, std::span<const Conversion<Integer, f32>> pieces) {
    elements::work_at<ToFloats<Integer>, 2, 1>(queue, pieces);
}

template <class Integer>
void to_integers(device::Queue& queue, std::span<const Conversion<f32, Integer>> pieces, ClippedOnDevice* counts) {
    const auto counted = [counts](const Conversion<f32, Integer>& piece) { return Counted<Integer>{piece, counts}; };
    device::made_whole(pieces, counted, [&](const auto& whole) { elements::work_at<ToIntegers<Integer>, 2, 1>(queue, whole); });
}

template void to_floats(device::Queue&, std::span<const Conversion<i8, f32>>);
template void to_floats(device::Queue&, std::span<const Conversion<u8, f32>>);
template void to_floats(device::Queue&, std::span<const Conversion<i16, f32>>);
template void to_floats(device::Queue&, std::span<const Conversion<u16, f32>>);
template void to_integers(device::Queue&, std::span<const Conversion<f32, i8>>, ClippedOnDevice*);
template void to_integers(device::Queue&, std::span<const Conversion<f32, u8>>, ClippedOnDevice*);
template void to_integers(device::Queue&, std::span<const Conversion<f32, i16>>, ClippedOnDevice*);

}  // namespace flowspan::kernels

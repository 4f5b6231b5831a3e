#include "kernels/argument/argument_device.hpp"

#include "kernels/elements/elements.cuh"

namespace flowspan::kernels {
namespace {

using device::Pieces;

/// atan(t) = t P(t^2) on [0, 1], then the octant (argument.hpp has P's source).
__device__ __forceinline__ f32 argument_of(f32 re, f32 im) {
    const f32 x = fabsf(re), y = fabsf(im);
    const bool steep = y > x;  // false for NaN, which so gets into the quotient
    const f32 big = steep ? y : x, small = steep ? x : y;
    const f32 t = small / (big == 0 ? 1.0F : big);  // 0 / 0 would be no number
    const f32 z = t * t;
    f32 p = -0.004054558929F;
    p = p * z + 0.021862929687F;
    p = p * z + -0.055912289768F;
    p = p * z + 0.096421949566F;
    p = p * z + -0.139086291194F;
    p = p * z + 0.199465662241F;
    p = p * z + -0.333298593760F;
    p = p * z + 0.999999344349F;
    f32 a = t * p;
    a = steep ? 1.57079637F - a : a;
    a = re < 0 ? 3.14159274F - a : a;
    return im < 0 ? -a : a;
}

template <int most>
__global__ void __launch_bounds__(elements::threads)
    demodulated(const __grid_constant__ Pieces<DeviceDemodulation, most> pieces) {
    const DeviceDemodulation& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const float2*>(piece.in);
    elements::each(piece.n, [&](std::uint64_t i) {
        const float2 a = __ldg(in + i), b = __ldg(in + std::int64_t(i) - std::int64_t(piece.channels));
        const f32 re = a.x * b.x + a.y * b.y, im = a.y * b.x - a.x * b.y;
        piece.out[i] = elements::one_nan(piece.gain * argument_of(re, im));
    });
}

struct Demodulating : elements::OneByOne {
    template <int, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<DeviceDemodulation, most>& list) {
        device::launch("kernel demod", demodulated<most>, blocks, elements::threads, 0, queue, list);
    }
};

}  // namespace

void quadrature_demod(device::Queue& queue, std::span<const DeviceDemodulation> pieces) {
    elements::work_at<Demodulating, 1>(queue, pieces);
}

}  // namespace flowspan::kernels

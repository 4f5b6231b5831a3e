#include "kernels/arithmetic/arithmetic_device.hpp"

#include "kernels/convert/clipped.cuh"
#include "kernels/elements/elements.cuh"

#include <algorithm>
#include <stdexcept>

namespace flowspan::kernels {
namespace {

using device::Pieces;
using elements::Group;
using elements::one_nan;

template <int width, int most>
__global__ void __launch_bounds__(elements::threads) scaled(const __grid_constant__ Pieces<DeviceScaling, most> pieces) {
    const DeviceScaling& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const Group<f32, width>*>(piece.in);
    auto* out = reinterpret_cast<Group<f32, width>*>(piece.out);
    elements::each(piece.n / width, [&](std::uint64_t i) {
        Group<f32, width> x = in[i];
#pragma unroll
        for (int c = 0; c < width; ++c) x.at[c] = one_nan(x.at[c] * piece.factor);
        out[i] = x;
    });
}

template <int most>
__global__ void __launch_bounds__(elements::threads) turned(const __grid_constant__ Pieces<DeviceComplexScaling, most> pieces) {
    const DeviceComplexScaling& piece = pieces.at[blockIdx.y];
    const auto* in = reinterpret_cast<const float2*>(piece.in);
    auto* out = reinterpret_cast<float2*>(piece.out);
    elements::each(piece.n, [&](std::uint64_t i) {
        const float2 x = in[i];
        out[i] = make_float2(one_nan(x.x * piece.re - x.y * piece.im), one_nan(x.x * piece.im + x.y * piece.re));
    });
}

constexpr int most_terms = 8;

/// Streams of one sum, in order.
struct Terms {
    const f32* in[most_terms];
    f32 factor[most_terms];
    int count;
    f32* out;
    std::uint64_t n;
};

template <int width, int most>
__global__ void __launch_bounds__(elements::threads) summed(const __grid_constant__ Pieces<Terms, most> pieces) {
    const Terms& terms = pieces.at[blockIdx.y];
    auto* out = reinterpret_cast<Group<f32, width>*>(terms.out);
    elements::each(terms.n / width, [&](std::uint64_t i) {
        Group<f32, width> sum = reinterpret_cast<const Group<f32, width>*>(terms.in[0])[i];
#pragma unroll
        for (int c = 0; c < width; ++c) sum.at[c] *= terms.factor[0];
#pragma unroll
        for (int k = 1; k < most_terms; ++k) {
            if (k >= terms.count) break;
            const Group<f32, width> x = reinterpret_cast<const Group<f32, width>*>(terms.in[k])[i];
#pragma unroll
            for (int c = 0; c < width; ++c) sum.at[c] += x.at[c] * terms.factor[k];
        }
#pragma unroll
        for (int c = 0; c < width; ++c) sum.at[c] = one_nan(sum.at[c]);
        out[i] = sum;
    });
}

/// Streams of integers.
struct Integers {
    const i16* in[DeviceSum::most_integers];
    double factor[DeviceSum::most_integers];
    int count;
    i16* out;
    std::uint64_t n;
};
static_assert(sizeof(Integers) <= 4096);

__global__ void __launch_bounds__(elements::threads) added(const __grid_constant__ Integers terms, ClippedOnDevice* counts) {
    SeenClipped seen;
    double highest = 0, lowest = 0;  // of all sums
    elements::each(terms.n, [&](std::uint64_t i) {
        double sum = 0;
        for (int k = 0; k < terms.count; ++k) sum += terms.factor[k] * double(terms.in[k][i]);
        const double whole = rint(sum), kept = whole < -32768.0 ? -32768.0 : whole > 32767.0 ? 32767.0 : whole;
        if (whole != kept) ++seen.clipped;
        highest = whole > highest ? whole : highest;
        lowest = whole < lowest ? whole : lowest;
        terms.out[i] = i16(kept);
    });
    if (seen.clipped > 0) seen.peak = fmax(highest / 32767.0, lowest / -32768.0);
    add_to(counts, seen);
}

device::Blocks blocks_for(std::uint64_t groups) {
    return {unsigned((groups + elements::groups_a_block - 1) / elements::groups_a_block)};
}

struct Scaling {
    template <int width>
    static bool fits(const DeviceScaling& piece) {
        return piece.n % width == 0 && elements::lies_at(piece.in, 4 * width) && elements::lies_at(piece.out, 4 * width);
    }
    template <int width, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<DeviceScaling, most>& list) {
        device::launch("kernel scale", scaled<width, most>, blocks, elements::threads, 0, queue, list);
    }
};

struct Turning : elements::OneByOne {
    template <int, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<DeviceComplexScaling, most>& list) {
        device::launch("kernel scale", turned<most>, blocks, elements::threads, 0, queue, list);
    }
};

struct Summing {
    template <int width>
    static bool fits(const Terms& terms) {
        bool all = terms.n % width == 0 && elements::lies_at(terms.out, 4 * width);
        for (int k = 0; k < terms.count; ++k) all = all && elements::lies_at(terms.in[k], 4 * width);
        return all;
    }
    template <int width, int most>
    static void launch(device::Queue& queue, device::Blocks blocks, const Pieces<Terms, most>& list) {
        device::launch("kernel add", summed<width, most>, blocks, elements::threads, 0, queue, list);
    }
};

}  // namespace

void scale(device::Queue& queue, std::span<const DeviceScaling> pieces) { elements::work_at<Scaling, 2, 1>(queue, pieces); }

void scale(device::Queue& queue, std::span<const DeviceComplexScaling> pieces) { elements::work_at<Turning, 1>(queue, pieces); }

void DeviceSum::operator()(device::Queue& queue, std::span<const f32* const> in, f32* out, std::uint64_t n) const {
    int stage = 0;
    for (std::size_t k = 0; k < factors_.size(); ++stage) {
        Terms terms{};
        terms.out = out;
        terms.n = n;
        if (k > 0) {  // what the launch before has made
            terms.in[terms.count] = out;
            terms.factor[terms.count++] = 1;
        }
        for (; terms.count < most_terms && k < factors_.size(); ++k, ++terms.count) {
            terms.in[terms.count] = in[k];
            terms.factor[terms.count] = f32(factors_[k]);
        }
        elements::work_at<Summing, 2, 1>(queue, std::span<const Terms>(&terms, 1), stage);
    }
}

void DeviceSum::operator()(device::Queue& queue, std::span<const i16* const> in, i16* out, std::uint64_t n,
                           ClippedOnDevice* counts) const {
    if (factors_.size() > most_integers) throw std::invalid_argument("DeviceSum: at most 200 streams of integers");
    if (n == 0) return;
    Integers terms{};
    std::copy(in.begin(), in.end(), terms.in);
    std::copy(factors_.begin(), factors_.end(), terms.factor);
    terms.count = int(factors_.size());
    terms.out = out;
    terms.n = n;
    launch("kernel add", added, blocks_for(n), elements::threads, sizeof(ClippedOnDevice), queue, terms, counts);
}

}  // namespace flowspan::kernels

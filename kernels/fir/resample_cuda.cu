// A thread an output. The samples of a block of threads lie in shared memory, or, where they are too many, in the caches.
#include "kernels/fir/resample_device.hpp"

#include "kernels/elements/elements.cuh"
#include "kernels/fir/long_sum.cuh"

#include <algorithm>

namespace flowspan::kernels {
namespace {

using device::Pieces;

constexpr unsigned outputs_a_block = 256;
constexpr std::size_t most_bytes_of_tile = std::size_t(48) << 10;

template <class S>
struct Loaded {
    using type = S;
};
template <>
struct Loaded<cf32> {
    using type = float2;
};

/// What a launch of one filter has in common. T: f32 or float2.
template <class T>
struct Ratio {
    const T* taps;
    std::uint64_t size, interpolation, decimation;
    std::uint32_t channels, columns;  // columns: the most taps of an output
};

/// The sums of one output, of a real or a complex sample.
template <class S>
struct Output;
template <>
struct Output<f32> {
    LongSum sum;
    f32 part = 0;
    __device__ __forceinline__ void add(f32 tap, f32 x) { part = fmaf(tap, x, part); }
    __device__ __forceinline__ void fold() {
        sum.add(part);
        part = 0;
    }
    __device__ __forceinline__ f32 value() const { return elements::one_nan(sum.value()); }
};
template <>
struct Output<float2> {
    LongSum re, im;
    float2 part = {};
    __device__ __forceinline__ void add(f32 tap, float2 x) {
        part = make_float2(fmaf(tap, x.x, part.x), fmaf(tap, x.y, part.y));
    }
    __device__ __forceinline__ void add(float2 tap, float2 x) {
        add(tap.x, x);
        part = make_float2(fmaf(-tap.y, x.y, part.x), fmaf(tap.y, x.x, part.y));
    }
    __device__ __forceinline__ void fold() {
        re.add(part.x);
        im.add(part.y);
        part = make_float2(0, 0);
    }
    __device__ __forceinline__ float2 value() const {
        return make_float2(elements::one_nan(re.value()), elements::one_nan(im.value()));
    }
};

/// S and T: as loaded.
template <class Piece, class S, class T, bool tiled, int most>
__global__ void __launch_bounds__(outputs_a_block)
    resampled(const __grid_constant__ Pieces<Piece, most> pieces, const Ratio<T> ratio) {
    const Piece& piece = pieces.at[blockIdx.y];
    const std::uint64_t first = std::uint64_t(blockIdx.x) * outputs_a_block, all = piece.n * ratio.channels;
    if (first >= all) return;  // (all threads of the block)
    const std::uint64_t phase =
        piece.first % ratio.interpolation * (ratio.decimation % ratio.interpolation) % ratio.interpolation;
    const auto item_of = [&](std::uint64_t output) {  // that output m of a channel ends with
        return std::int64_t((phase + output / ratio.channels * ratio.decimation) / ratio.interpolation);
    };
    const auto* in = reinterpret_cast<const S*>(piece.in);
    if constexpr (tiled) {
        auto* tile = dynamic_shared<S>();
        const std::int64_t oldest = item_of(first) - std::int64_t(ratio.columns - 1);
        const std::int64_t end = item_of(min(first + outputs_a_block, all) - 1) + 1;
        const auto samples = std::uint32_t(end - oldest) * ratio.channels;
        const S* from = in + oldest * std::int64_t(ratio.channels);
        for (std::uint32_t i = threadIdx.x; i < samples; i += outputs_a_block) tile[i] = __ldg(from + i);
        __syncthreads();
        in = tile - oldest * std::int64_t(ratio.channels);
    }
    const std::uint64_t output = first + threadIdx.x;
    if (output >= all) return;
    const S* x = in + item_of(output) * std::int64_t(ratio.channels) + std::int64_t(output % ratio.channels);
    Output<S> sum;
    unsigned in_part = 0;
    for (std::uint64_t t = (phase + output / ratio.channels * ratio.decimation) % ratio.interpolation; t < ratio.size;
         t += ratio.interpolation, x -= ratio.channels) {
        sum.add(__ldg(ratio.taps + t), tiled ? *x : __ldg(x));
        if (++in_part < most_in_sum) continue;
        sum.fold();
        in_part = 0;
    }
    sum.fold();
    reinterpret_cast<S*>(piece.out)[output] = sum.value();
}

/// The most that a block of threads may need, or 0 where that is too much for its shared memory.
template <class S, class T>
std::size_t bytes_of_tile(const Ratio<T>& ratio) {
    const std::uint64_t items = outputs_a_block / ratio.channels + 2;
    const std::uint64_t span = items * ratio.decimation / ratio.interpolation + 2 + ratio.columns;
    const std::uint64_t bytes = span * ratio.channels * sizeof(S);
    return bytes <= most_bytes_of_tile ? std::size_t(bytes) : 0;
}

template <class Piece, class S, class T>
void run(device::Queue& queue, std::span<const Piece> pieces, const Ratio<T>& ratio) {
    std::uint64_t longest = 0;
    for (const Piece& piece : pieces) longest = std::max(longest, piece.n * ratio.channels);
    if (longest == 0) return;
    const std::size_t bytes = bytes_of_tile<S>(ratio);
    device::in_lists(pieces, [&]<int most>(const Pieces<Piece, most>& list, unsigned count) {
        const device::Blocks blocks{unsigned((longest + outputs_a_block - 1) / outputs_a_block), count};
        launch("kernel resample", bytes > 0 ? resampled<Piece, S, T, true, most> : resampled<Piece, S, T, false, most>, blocks,
               outputs_a_block, bytes, queue, list, ratio);
    });
}

}  // namespace

template <class S, class T>
DeviceResampler<S, T>::DeviceResampler(device::Queue& queue, std::span<const T> taps, std::size_t interpolation,
                                       std::size_t decimation, std::size_t channels)
    : taps_(queue, taps), size_(taps.size()), interpolation_(interpolation), decimation_(decimation), channels_(channels) {}

template <class S, class T>
void DeviceResampler<S, T>::operator()(device::Queue& queue, std::span<const Piece> pieces) const {
    using Sample = typename Loaded<S>::type;
    using Tap = typename Loaded<T>::type;
    const Ratio<Tap> ratio{reinterpret_cast<const Tap*>(taps_.data()),
                           size_,
                           interpolation_,
                           decimation_,
                           std::uint32_t(channels_),
                           std::uint32_t(history() + 1)};
    run<Piece, Sample>(queue, pieces, ratio);
}

template class DeviceResampler<f32, f32>;
template class DeviceResampler<cf32, f32>;
template class DeviceResampler<cf32, cf32>;

}  // namespace flowspan::kernels

// A thread an output. The samples of a block of threads lie in shared memory, or, where they are too many, in the caches.
#include "kernels/resample/resample_device.hpp"

#include "kernels/elements/elements.cuh"
#include "kernels/fir/long_sum.cuh"

#include <algorithm>
#include <vector>

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

/// What a launch of one filter has in common.
struct Ratio {
    std::uint64_t interpolation, decimation, taps;
    std::uint32_t channels, columns;  // columns: the most taps of an output
};

/// The taps of an output, that are h[p], h[p + I], …. T: f32 or float2.
template <class T>
struct AllPhases {
    using Tap = T;
    const T* taps;
    struct Row {
        const T* next;
        std::uint64_t step;
        __device__ __forceinline__ T take() {
            const T tap = __ldg(next);
            next += step;
            return tap;
        }
    };
    __device__ __forceinline__ Row row(std::uint64_t p, const Ratio& ratio) const { return {taps + p, ratio.interpolation}; }
};

/// The same on straight lines between the values of a table.
struct Lines {
    using Tap = f32;
    const f32* table;
    std::uint64_t phases, last;  // last: place of the table
    double rows_a_phase;
    struct Row {
        const f32* table;
        std::uint64_t place, step, last;
        f32 share;
        __device__ __forceinline__ f32 take() {
            const f32 here = __ldg(table + min(place, last)), next = __ldg(table + min(place + 1, last));
            place += step;
            return fmaf(share, next - here, here);
        }
    };
    __device__ __forceinline__ Row row(std::uint64_t p, const Ratio&) const {
        const double at = double(p) * rows_a_phase;
        const std::uint64_t place = min(std::uint64_t(at), phases - 1);  // a phase just below 1 may round up to it
        return {table, place, phases, last, f32(at - double(place))};
    }
};

/// a b mod m.
__device__ inline std::uint64_t product_modulo(std::uint64_t a, std::uint64_t b, std::uint64_t m) {
    return std::uint64_t(static_cast<unsigned __int128>(a % m) * (b % m) % m);
}

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

/// A piece with its taps: AllPhases or Lines.
template <class Piece, class T>
struct Filtering : Piece {
    using Taps = T;
    T taps;
};

/// S: as loaded.
template <class Piece, class S, bool tiled, int most>
__global__ void __launch_bounds__(outputs_a_block)
    resampled(const __grid_constant__ Pieces<Piece, most> pieces, const Ratio ratio) {
    using Taps = typename Piece::Taps;
    const Piece& piece = pieces.at[blockIdx.y];
    const std::uint64_t first = std::uint64_t(blockIdx.x) * outputs_a_block, all = piece.n * ratio.channels;
    if (first >= all) return;  // (all threads of the block)
    // (Of ratios that keep all phases, numbers are below 2^31.)
    const std::uint64_t phase =
        std::is_same_v<Taps, Lines>
            ? product_modulo(piece.first, ratio.decimation, ratio.interpolation)
            : piece.first % ratio.interpolation * (ratio.decimation % ratio.interpolation) % ratio.interpolation;
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
    const std::uint64_t p = (phase + output / ratio.channels * ratio.decimation) % ratio.interpolation;
    auto row = piece.taps.row(p, ratio);
    for (std::uint64_t t = p; t < ratio.taps; t += ratio.interpolation, x -= ratio.channels) {
        sum.add(row.take(), tiled ? *x : __ldg(x));
        if (++in_part < most_in_sum) continue;
        sum.fold();
        in_part = 0;
    }
    sum.fold();
    reinterpret_cast<S*>(piece.out)[output] = sum.value();
}

/// The most that a block of threads may need, or 0 where that is too much for its shared memory.
template <class S>
std::size_t bytes_of_tile(const Ratio& ratio) {
    const std::uint64_t items = outputs_a_block / ratio.channels + 2;
    if (ratio.decimation / ratio.interpolation > most_bytes_of_tile) return 0;
    const auto span = std::uint64_t(double(items) * double(ratio.decimation) / double(ratio.interpolation)) + 3 + ratio.columns;
    const std::uint64_t bytes = span * ratio.channels * sizeof(S);
    return bytes <= most_bytes_of_tile ? std::size_t(bytes) : 0;
}

template <class S, class Piece>
void issue(device::Queue& queue, std::span<const Piece> pieces, const Ratio& ratio) {
    std::uint64_t longest = 0;
    for (const Piece& piece : pieces) longest = std::max(longest, piece.n * ratio.channels);
    const std::size_t bytes = bytes_of_tile<S>(ratio);
    device::in_lists(pieces, [&]<int most>(const Pieces<Piece, most>& list, unsigned count) {
        const device::Blocks blocks{unsigned((longest + outputs_a_block - 1) / outputs_a_block), count};
        launch("kernel resample", bytes > 0 ? resampled<Piece, S, true, most> : resampled<Piece, S, false, most>, blocks,
               outputs_a_block, bytes, queue, list, ratio);
    });
}

template <class S, class Piece, class Taps>
void run(device::Queue& queue, std::span<const Piece> pieces, const Ratio& ratio, const Taps& taps) {
    using Whole = Filtering<Piece, Taps>;
    const auto filtering = [&](const Piece& piece) { return Whole{piece, taps}; };
    device::made_whole(pieces, filtering, [&](const auto& whole) { device::gather<issue<S, Whole>>(queue, whole, ratio); });
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
    const Ratio ratio{interpolation_, decimation_, size_, std::uint32_t(channels_), std::uint32_t(history() + 1)};
    run<Sample>(queue, pieces, ratio, AllPhases<Tap>{reinterpret_cast<const Tap*>(taps_.data())});
}

template <class S>
DeviceInterpolatedResampler<S>::DeviceInterpolatedResampler(device::Queue& queue, std::span<const double> table,
                                                            std::size_t phases, std::uint64_t taps, std::uint64_t interpolation,
                                                            std::uint64_t decimation, std::size_t channels)
    : table_(queue, std::vector<f32>(table.begin(), table.end())),
      size_(table.size()),
      phases_(phases),
      channels_(channels),
      taps_(taps),
      interpolation_(interpolation),
      decimation_(decimation) {}

template <class S>
void DeviceInterpolatedResampler<S>::operator()(device::Queue& queue, std::span<const Piece> pieces) const {
    using Sample = typename Loaded<S>::type;
    const Ratio ratio{interpolation_, decimation_, taps_, std::uint32_t(channels_), std::uint32_t(history() + 1)};
    run<Sample>(queue, pieces, ratio, Lines{table_.data(), phases_, size_ - 1, double(phases_) / double(interpolation_)});
}

template class DeviceResampler<f32, f32>;
template class DeviceResampler<cf32, f32>;
template class DeviceResampler<cf32, cf32>;

template class DeviceInterpolatedResampler<f32>;
template class DeviceInterpolatedResampler<cf32>;

}  // namespace flowspan::kernels

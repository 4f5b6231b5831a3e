// Two ways: a tile of samples in shared memory, of which each thread makes four neighbouring outputs, or, where D is too large
// for that, a block of threads an output.
#include "kernels/fir/fir_device.hpp"

#include "kernels/fir/long_sum.cuh"
#include "kernels/rotate/phasor.cuh"
#include "memory/device/pieces.hpp"

#include <algorithm>
#include <vector>

namespace flowspan::kernels {
namespace {

using device::Pieces;

/// What a launch has in common.
struct Shape {
    std::uint32_t length, decimation, complex_taps, none;

    std::uint32_t columns() const { return (length + decimation - 1) / decimation; }
};

/// A piece with what its filter has.
struct Filtering : DeviceFir::Piece {
    const f32* taps = nullptr;
    const float2* turns = nullptr;
    std::uint64_t increment = 0;
};

/// What a block of threads works with.
struct Filter {
    const f32* taps;      // J D of them, the first `pad` of which are not there
    const float2* turns;  // of the rotation
    std::uint64_t increment;
    std::uint32_t decimation, length;  // D, and taps
    std::uint32_t columns, pad;        // J = ceil(length / D), J D - length
};

/// What is alike in all pieces, without the tables.
Filter filter_of(const Shape& shape) {
    const std::uint32_t columns = shape.columns();
    return {nullptr, nullptr, 0, shape.decimation, shape.length, columns, columns * shape.decimation - shape.length};
}
__device__ __forceinline__ Filter filter_of(const Filtering& piece, Filter shape) {
    shape.taps = piece.taps;
    shape.turns = piece.turns;
    shape.increment = piece.increment;
    return shape;
}

constexpr int outputs_a_thread = 4;

using rotation::times;
__device__ __forceinline__ float2 phasor(const Filter& filter, std::uint64_t index, std::uint64_t phase) {
    return rotation::phasor(filter.turns, filter.increment, index, phase);
}

template <bool complex_taps>
__device__ __forceinline__ void multiply_add(const f32* tap, float2 x, float2& sum) {
    sum.x = fmaf(tap[0], x.x, sum.x);
    sum.y = fmaf(tap[0], x.y, sum.y);
    if constexpr (complex_taps) {
        sum.x = fmaf(-tap[1], x.y, sum.x);
        sum.y = fmaf(tap[1], x.x, sum.y);
    }
}

/// Threads read columns four apart: with one place left free after 16 these lie in different banks.
constexpr __host__ __device__ std::uint32_t place_of(std::uint32_t column) { return column + column / 16; }
constexpr __host__ __device__ std::uint32_t row_length(std::uint32_t outputs, std::uint32_t columns) {
    return place_of(outputs + columns - 2) + 1;
}

/// Sample s of the tile, s = 0 being the one of the first place of `taps`, goes to row s mod D, column s / D.
__device__ void load_tile(float2* tile, const Filter& filter, const float2* oldest, std::uint32_t samples,
                          std::uint32_t row_size) {
    const std::uint32_t step = blockDim.x, down = step % filter.decimation, right = step / filter.decimation;
    std::uint32_t row = threadIdx.x % filter.decimation, column = threadIdx.x / filter.decimation;
    for (std::uint32_t s = threadIdx.x; s < samples; s += step) {
        if (s >= filter.pad) tile[row * row_size + place_of(column)] = __ldg(oldest + s);
        row += down;
        column += right;
        if (row >= filter.decimation) row -= filter.decimation, ++column;
    }
}

/// Adds taps of columns from … to - 1 of one row to four outputs: each sample is loaded once.
template <bool complex_taps>
__device__ __forceinline__ void add_row(const float2* row, const f32* taps, std::uint32_t decimation, std::uint32_t from,
                                        std::uint32_t to, std::uint32_t first, float2 (&sum)[outputs_a_thread]) {
    constexpr int width = complex_taps ? 2 : 1;
    float2 x[outputs_a_thread];
#pragma unroll
    for (int r = 0; r + 1 < outputs_a_thread; ++r) x[r] = row[place_of(first + from + std::uint32_t(r))];
#pragma unroll 4
    for (std::uint32_t c = from; c < to; ++c) {
        x[outputs_a_thread - 1] = row[place_of(first + c + outputs_a_thread - 1)];
        f32 tap[width];
#pragma unroll
        for (int w = 0; w < width; ++w) tap[w] = __ldg(taps + std::size_t(c) * decimation * width + std::size_t(w));
#pragma unroll
        for (int r = 0; r < outputs_a_thread; ++r) multiply_add<complex_taps>(tap, x[r], sum[r]);
#pragma unroll
        for (int r = 0; r + 1 < outputs_a_thread; ++r) x[r] = x[r + 1];
    }
}

struct Sums {
    LongSum re[outputs_a_thread], im[outputs_a_thread];
    __device__ __forceinline__ void fold(float2 (&part)[outputs_a_thread]) {
#pragma unroll
        for (int r = 0; r < outputs_a_thread; ++r) {
            re[r].add(part[r].x);
            im[r].add(part[r].y);
            part[r] = make_float2(0, 0);
        }
    }
};

/// Row by row, in pieces of at most 64 taps.
template <bool complex_taps>
__device__ __forceinline__ void add_rows(const float2* tile, const Filter& filter, std::uint32_t row_size, std::uint32_t first,
                                         Sums& sums) {
    float2 part[outputs_a_thread] = {};
    std::uint32_t in_part = 0;
    for (std::uint32_t row = 0; row < filter.decimation; ++row) {
        for (std::uint32_t from = row < filter.pad ? 1 : 0; from < filter.columns; from += most_in_sum) {
            const std::uint32_t to = min(filter.columns, from + most_in_sum);
            if (in_part + (to - from) > most_in_sum) {
                sums.fold(part);
                in_part = 0;
            }
            add_row<complex_taps>(tile + row * row_size, filter.taps + std::size_t(row) * (complex_taps ? 2 : 1),
                                  filter.decimation, from, to, first, part);
            in_part += to - from;
        }
    }
    sums.fold(part);
}

template <bool complex_taps, int most>
__global__ void __launch_bounds__(128) tiles(const __grid_constant__ Pieces<Filtering, most> pieces, const Filter shape) {
    auto* tile = dynamic_shared<float2>();
    const Filtering& piece = pieces.at[blockIdx.y];
    const Filter filter = filter_of(piece, shape);
    const std::uint32_t outputs = blockDim.x * outputs_a_thread, row_size = row_length(outputs, filter.columns);
    const std::uint64_t first_output = std::uint64_t(blockIdx.x) * outputs;
    if (first_output >= piece.n) return;  // (all threads of the block)
    const auto made = std::uint32_t(min(std::uint64_t(outputs), piece.n - first_output));
    const auto* oldest = reinterpret_cast<const float2*>(piece.in) + std::int64_t(first_output * filter.decimation) -
                         std::int64_t(std::uint64_t(filter.columns) * filter.decimation - 1);
    load_tile(tile, filter, oldest, (made - 1 + filter.columns) * filter.decimation, row_size);
    __syncthreads();
    const std::uint32_t first = threadIdx.x * outputs_a_thread;
    if (first >= made) return;
    Sums sums;
    add_rows<complex_taps>(tile, filter, row_size, first, sums);
    auto* out = reinterpret_cast<float2*>(piece.out) + first_output + first;
#pragma unroll
    for (int r = 0; r < outputs_a_thread; ++r) {
        if (first + std::uint32_t(r) >= made) break;
        const float2 y = make_float2(sums.re[r].value(), sums.im[r].value());
        const std::uint64_t index = piece.first + first_output + first + std::uint64_t(r);
        out[r] = (filter.increment | piece.phase) != 0 ? times(phasor(filter, index, piece.phase), y) : y;
    }
}

constexpr unsigned threads_an_output = 256;

/// Each thread sums every 256th tap; their sums are added in pairs.
template <bool complex_taps, int most>
__global__ void __launch_bounds__(threads_an_output)
    one_by_one(const __grid_constant__ Pieces<Filtering, most> pieces, const Filter shape) {
    constexpr std::size_t width = complex_taps ? 2 : 1;
    auto* shared = dynamic_shared<float2>();
    const Filtering& piece = pieces.at[blockIdx.y];
    const Filter filter = filter_of(piece, shape);
    const std::uint64_t m = blockIdx.x;
    if (m >= piece.n) return;  // (all threads of the block)
    const auto* oldest =
        reinterpret_cast<const float2*>(piece.in) + std::int64_t(m * filter.decimation) - std::int64_t(filter.length - 1);
    const f32* taps = filter.taps + filter.pad * width;
    LongSum re, im;
    float2 part = {};
    std::uint32_t in_part = 0;
    for (std::uint32_t k = threadIdx.x; k < filter.length; k += threads_an_output) {
        const f32 tap[2] = {__ldg(taps + k * width), complex_taps ? __ldg(taps + k * width + width - 1) : 0};
        multiply_add<complex_taps>(tap, __ldg(oldest + k), part);
        if (++in_part < most_in_sum) continue;
        re.add(part.x);
        im.add(part.y);
        part = make_float2(0, 0);
        in_part = 0;
    }
    re.add(part.x);
    im.add(part.y);
    shared[threadIdx.x] = make_float2(re.value(), im.value());
    for (unsigned half = threads_an_output / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x >= half) continue;
        const float2 a = shared[threadIdx.x], b = shared[threadIdx.x + half];
        shared[threadIdx.x] = make_float2(a.x + b.x, a.y + b.y);
    }
    if (threadIdx.x != 0) return;
    auto* out = reinterpret_cast<float2*>(piece.out) + m;
    *out = (filter.increment | piece.phase) != 0 ? times(phasor(filter, piece.first + m, piece.phase), shared[0]) : shared[0];
}

/// The most threads, each of which makes four outputs, whose tile leaves room for other blocks; else few; else none.
unsigned threads_of_tile(const Filter& filter, std::size_t& bytes) {
    for (const auto& [threads, most] : {std::pair(128U, 64U << 10), {64U, 64U << 10}, {32U, 96U << 10}}) {
        const std::uint64_t outputs = std::uint64_t(threads) * outputs_a_thread;
        if (filter.columns > most / sizeof(float2) || outputs + filter.columns > most / sizeof(float2) * 2) continue;
        bytes = sizeof(float2) * std::size_t(filter.decimation) * row_length(std::uint32_t(outputs), filter.columns);
        if (bytes <= most) return threads;
    }
    return 0;
}

template <bool complex_taps>
void run(device::Queue& queue, std::span<const Filtering> pieces, const Filter& shape) {
    std::uint64_t longest = 0;
    for (const Filtering& piece : pieces) longest = std::max(longest, piece.n);
    std::size_t bytes = 0;
    const unsigned threads = threads_of_tile(shape, bytes);
    device::in_lists(pieces, [&]<int most>(const Pieces<Filtering, most>& list, unsigned count) {
        if (threads > 0) {
            const std::uint64_t outputs = std::uint64_t(threads) * outputs_a_thread;
            launch("kernel fir", tiles<complex_taps, most>, device::Blocks{unsigned((longest + outputs - 1) / outputs), count},
                   threads, bytes, queue, list, shape);
        } else {
            launch("kernel fir", one_by_one<complex_taps, most>, device::Blocks{unsigned(longest), count}, threads_an_output,
                   threads_an_output * sizeof(float2), queue, list, shape);
        }
    });
}

void issue(device::Queue& queue, std::span<const Filtering> pieces, const Shape& shape) {
    if (shape.complex_taps != 0)
        run<true>(queue, pieces, filter_of(shape));
    else
        run<false>(queue, pieces, filter_of(shape));
}

}  // namespace

DeviceFir::DeviceFir(device::Queue& queue, std::span<const cf64> taps, std::size_t decimation, std::uint64_t increment)
    : length_(taps.size()),
      decimation_(decimation),
      increment_(increment),
      complex_(std::any_of(taps.begin(), taps.end(), [](const cf64& tap) { return tap.imag() != 0; })) {
    const std::size_t places = (length_ + decimation - 1) / decimation * decimation;
    std::vector<f32> in_order(places * (complex_ ? 2 : 1));
    for (std::size_t k = 0; k < length_; ++k) {
        f32* const tap = &in_order[(places - 1 - k) * (complex_ ? 2 : 1)];
        tap[0] = f32(taps[k].real());
        if (complex_) tap[1] = f32(taps[k].imag());
    }
    taps_ = device::Table<f32>(queue, in_order);
    turns_ = device::Table<cf32>(queue, rotation::table_of(increment));
}

void DeviceFir::operator()(device::Queue& queue, std::span<const Piece> pieces) const {
    const auto filtering = [this](const Piece& piece) {
        return Filtering{piece, taps_.data(), reinterpret_cast<const float2*>(turns_.data()), increment_};
    };
    const Shape shape{std::uint32_t(length_), std::uint32_t(decimation_), complex_ ? 1U : 0U, 0};
    device::made_whole(pieces, filtering, [&](const auto& whole) { device::gather<issue>(queue, whole, shape); });
}

}  // namespace flowspan::kernels

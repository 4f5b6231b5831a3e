#include "kernels/pfb/pfb_device.hpp"

#include "kernels/fft/frames.cuh"
#include "memory/device/pieces.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace flowspan::kernels {
namespace {

constexpr __host__ __device__ int frames_of_tile(int channels) {
    return channels <= 64 ? 32 : channels <= 256 ? 16 : channels <= 1024 ? 8 : 4;
}
constexpr __host__ __device__ int threads_of_block(int channels) {
    return channels <= 256 ? 256 : channels <= 1024 ? 512 : 1024;
}
/// One place more than a row has: columns lie in different banks.
constexpr __host__ __device__ int stride_of_tile(int channels) { return channels + 1; }

struct Bank {
    const float2* in;
    float2* const* outputs;
    const f32* taps;
    const float2* twiddles;
    std::uint64_t n, at;
    int turn, rows;  // the index of in[0] modulo M; T
};

using device::Pieces;

/// What a launch has in common: M and T.
struct Shape {
    std::uint64_t channels, rows;
};

/// Column t of frames `from` … `from + count` - 1 of the tile, where it belongs in a transform that counts from the absolute
/// index. Each sample is loaded once: T of them are kept.
template <int M, int T>
__device__ __forceinline__ void filter_column(float2* tile, const Bank& bank, const float2* column, int t, int from,
                                              int count) {
    f32 h[T];
    float2 x[T];
#pragma unroll
    for (int p = 0; p < T; ++p) h[p] = __ldg(bank.taps + p * M + t);
#pragma unroll
    for (int p = 1; p < T; ++p) x[p - 1] = __ldg(column - std::ptrdiff_t(p) * M);
    float2* to = tile + from * stride_of_tile(M) + (t + bank.turn) % M;
#pragma unroll 8
    for (int f = 0; f < count; ++f) {
#pragma unroll
        for (int p = T - 1; p > 0; --p) x[p] = x[p - 1];
        x[0] = __ldg(column + std::ptrdiff_t(f) * M);
        float2 sum = make_float2(0, 0);
#pragma unroll
        for (int p = T - 1; p >= 0; --p) sum = make_float2(fmaf(h[p], x[p].x, sum.x), fmaf(h[p], x[p].y, sum.y));
        to[f * stride_of_tile(M)] = sum;
    }
}

/// Column t of one frame for any T, from the newest row on.
__device__ __forceinline__ float2 filtered(const Bank& bank, const float2* column, int t, int M) {
    float2 sum = make_float2(0, 0);
    for (int p = bank.rows - 1; p >= 0; --p) {
        const f32 h = __ldg(bank.taps + p * M + t);
        const float2 x = __ldg(column - std::ptrdiff_t(p) * M);
        sum = make_float2(fmaf(h, x.x, sum.x), fmaf(h, x.y, sum.y));
    }
    return sum;
}

/// The same for any T; samples come from the first cache again.
template <int M>
__device__ __forceinline__ void filter_column_of(float2* tile, const Bank& bank, const float2* column, int t, int from,
                                                 int count) {
    float2* to = tile + from * stride_of_tile(M) + (t + bank.turn) % M;
    for (int f = 0; f < count; ++f) to[f * stride_of_tile(M)] = filtered(bank, column + std::ptrdiff_t(f) * M, t, M);
}

/// Frame m reads rows m - T … m - 1 of `in`. T = 0: any.
template <int M, int T, int most>
__global__ void __launch_bounds__(threads_of_block(M)) channelize(const __grid_constant__ Pieces<Bank, most> banks) {
    const Bank& bank = banks.at[blockIdx.y];
    constexpr int F = frames_of_tile(M), threads = threads_of_block(M), stride = stride_of_tile(M);
    auto* tile = dynamic_shared<float2>();
    const std::uint64_t first = std::uint64_t(blockIdx.x) * F;
    if (first >= bank.n) return;  // (all threads of the block)
    const int frames = int(min(std::uint64_t(F), bank.n - first));
    // Where rows have fewer columns than the block has threads, these take groups of frames.
    constexpr int groups = threads > M ? threads / M : 1, in_group = F / groups;
    const int from = int(threadIdx.x) / M * in_group, count = min(in_group, frames - from);
    for (int t = int(threadIdx.x) % M; t < M; t += threads) {
        const float2* column = bank.in + (std::int64_t(first) + from - 1) * M + t;  // in the newest row of frame `from`
        if (count <= 0) break;
        if constexpr (T > 0)
            filter_column<M, T>(tile, bank, column, t, from, count);
        else
            filter_column_of<M>(tile, bank, column, t, from, count);
    }
    __syncthreads();
    rows::transform<M, M, stride>(tile, frames, bank.twiddles);
    // Neighbouring threads hold neighbouring frames of a channel.
    for (int i = int(threadIdx.x); i < F * M; i += threads) {
        const int c = i / F, f = i % F;
        float2* to = bank.outputs[c];
        if (f < frames && to != nullptr)
            to[bank.at + first + std::uint64_t(f)] = tile[f * stride + rows::place_of_bin<M>((c + M / 2) % M)];
    }
}

template <int M, int T>
void start(device::Queue& queue, std::span<const Bank> banks) {
    constexpr int F = frames_of_tile(M);
    std::uint64_t longest = 0;
    for (const Bank& bank : banks) longest = std::max(longest, bank.n);
    device::in_lists(banks, [&]<int most>(const Pieces<Bank, most>& list, unsigned count) {
        launch("kernel pfb", channelize<M, T, most>, device::Blocks{unsigned((longest + F - 1) / F), count},
               unsigned(threads_of_block(M)), sizeof(float2) * F * stride_of_tile(M), queue, list);
    });
}

/// With lengths that graphs often have compiled for themselves.
template <int M>
void start(device::Queue& queue, std::span<const Bank> banks, std::uint64_t rows) {
    switch (rows) {
        case 8:
            return start<M, 8>(queue, banks);
        case 12:
            return start<M, 12>(queue, banks);
        default:
            return start<M, 0>(queue, banks);
    }
}

void issue(device::Queue& queue, std::span<const Bank> banks, const Shape& shape) {
    switch (shape.channels) {
        case 64:
            return start<64>(queue, banks, shape.rows);
        case 128:
            return start<128>(queue, banks, shape.rows);
        case 256:
            return start<256>(queue, banks, shape.rows);
        case 512:
            return start<512>(queue, banks, shape.rows);
        case 1024:
            return start<1024>(queue, banks, shape.rows);
        case 2048:
            return start<2048>(queue, banks, shape.rows);
        default:
            return start<4096>(queue, banks, shape.rows);
    }
}

// ---- Any number of channels: frames are filtered into a batch, transformed there, and transposed from it.

constexpr unsigned filtering_threads = 256;
constexpr int side = 32;  // of what is transposed at a time

/// A thread a column of a frame, `n` of which are filtered.
__global__ void __launch_bounds__(filtering_threads) filter_rows(float2* rows, Bank bank, unsigned channels) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= channels * unsigned(bank.n)) return;
    const unsigned f = i / channels, t = i % channels;
    const float2* column = bank.in + (std::ptrdiff_t(f) - 1) * std::ptrdiff_t(channels) + t;
    rows[f * channels + (t + unsigned(bank.turn)) % channels] = filtered(bank, column, int(t), int(channels));
}

/// A block of threads brings a square of 32 frames and 32 channels to their outputs.
__global__ void __launch_bounds__(filtering_threads) spread_rows(const float2* rows, Bank bank, unsigned channels) {
    auto* square = dynamic_shared<float2>();  // [channel][frame], one place more than a row has
    const unsigned across = (channels + side - 1) / side, c0 = blockIdx.x % across * side, f0 = blockIdx.x / across * side;
    constexpr unsigned at_once = filtering_threads / side;
    const unsigned lane = threadIdx.x % side, line = threadIdx.x / side, positive = channels - channels / 2;
    for (unsigned f = line; f < side; f += at_once) {
        const unsigned c = c0 + lane;
        if (c < channels && f0 + f < bank.n)
            square[lane * (side + 1) + f] = rows[std::size_t(f0 + f) * channels + (c + positive) % channels];
    }
    __syncthreads();
    for (unsigned c = line; c < side; c += at_once) {
        if (c0 + c >= channels || f0 + lane >= bank.n) continue;
        float2* to = bank.outputs[c0 + c];
        if (to != nullptr) to[bank.at + f0 + lane] = square[c * (side + 1) + lane];
    }
}

}  // namespace

bool DevicePfb::has_own(std::size_t channels) { return channels >= 64 && channels <= 4096 && (channels & (channels - 1)) == 0; }

std::size_t DevicePfb::memory_for(std::size_t channels, std::size_t taps_per_channel) {
    return channels * (taps_per_channel * sizeof(f32) + sizeof(cf32*) + sizeof(cf32)) +
           (has_own(channels) ? 0 : DeviceBatch::memory_for(channels));
}

DevicePfb::DevicePfb(device::Queue& queue, std::size_t channels, std::span<const double> prototype)
    : channels_(channels), rows_(prototype.size() / channels) {
    std::vector<f32> taps(prototype.size());
    for (std::size_t p = 0; p < rows_; ++p) {
        for (std::size_t t = 0; t < channels; ++t) {
            const std::size_t k = p * channels + channels - t;
            taps[p * channels + t] = k < prototype.size() ? f32(prototype[k]) : 0.0F;
        }
    }
    taps_ = device::Table<f32>(queue, taps);
    if (has_own(channels))
        twiddles_ = device::Table<cf32>(queue, frames::twiddles_of(channels));
    else
        batch_ = DeviceBatch(queue, channels);
}

void DevicePfb::by_batch(device::Queue& queue, const cf32* in, std::uint64_t n, std::uint64_t first, std::uint64_t at) const {
    const auto blocks_for = [](std::size_t items, std::size_t a_block) { return unsigned((items + a_block - 1) / a_block); };
    batch_.each(first / channels_, n, [&](std::uint64_t done, std::size_t row, std::size_t count) {
        const Bank bank{reinterpret_cast<const float2*>(in) + done * channels_,
                        reinterpret_cast<float2* const*>(outputs_.data()),
                        taps_.data(),
                        nullptr,
                        count,
                        at + done,
                        int(first % channels_),
                        int(rows_)};
        auto* const rows = reinterpret_cast<float2*>(batch_.row(row));
        launch("kernel pfb", filter_rows, device::Blocks{blocks_for(channels_ * count, filtering_threads), 1},
               filtering_threads, 0, queue, rows, bank, unsigned(channels_));
        batch_.run(queue, row, count);
        launch("kernel pfb", spread_rows, device::Blocks{blocks_for(channels_, side) * blocks_for(count, side), 1},
               filtering_threads, sizeof(float2) * side * (side + 1), queue, rows, bank, unsigned(channels_));
    });
}

void DevicePfb::operator()(device::Queue& queue, const cf32* in, std::uint64_t n, std::uint64_t first, std::uint64_t at) const {
    if (!batch_.empty()) return by_batch(queue, in, n, first, at);
    const Bank bank{reinterpret_cast<const float2*>(in),
                    reinterpret_cast<float2* const*>(outputs_.data()),
                    taps_.data(),
                    reinterpret_cast<const float2*>(twiddles_.data()),
                    n,
                    at,
                    int(first % channels_),
                    int(rows_)};
    device::gather<issue>(queue, std::span<const Bank>(&bank, 1), Shape{channels_, rows_});
}

}  // namespace flowspan::kernels

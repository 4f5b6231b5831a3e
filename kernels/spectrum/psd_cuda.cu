#include "kernels/spectrum/psd_device.hpp"

#include "kernels/elements/elements.cuh"
#include "kernels/fft/fft_device.hpp"
#include "kernels/fft/frames.cuh"

#include <algorithm>
#include <bit>
#include <utility>

namespace flowspan::kernels {
namespace {

constexpr int most_levels = 16, open_nodes = 4, group = 16;
constexpr unsigned merging_threads = 128;

/// What a launch adds: nodes `from` … `to` - 1 of a level, of which frames are level 0.
struct Adding {
    std::uint64_t from, to;
    std::uint64_t first;  // frame of the sum
    int shift;            // a node is 2^shift frames
    const double* open;   // sums of 1, 2, 4 and 8 nodes before `from`, where it is no multiple of 2, 4, 8 and 16
    double* open_afterwards;
    double* sums;  // of the groups that are complete, from that of `from` on
};

constexpr __host__ __device__ unsigned groups_of(const Adding& adding) {
    return unsigned((adding.to - 1) / group - adding.from / group + 1);
}

/// Whether the open sum of 2^j nodes before `node` has frames: it may lie before the first.
__device__ __forceinline__ bool has_frames(const Adding& adding, std::uint64_t node, int j) {
    const std::uint64_t end = (node >> (j + 1) << (j + 1)) + (std::uint64_t(1) << j);
    return (node >> j & 1) != 0 && end << adding.shift > adding.first;
}

/// Sums of `bins` bins that a thread holds: open[j] of 2^j nodes.
template <int bins>
struct Sums {
    double open[open_nodes][bins], value[bins] = {};

    /// Takes `value` in, of the node with this number. Behind the last one of a group `value` is the group's sum.
    __device__ __forceinline__ void add(unsigned node) {
        bool goes_on = true;
#pragma unroll
        for (int j = 0; j < open_nodes; ++j) {
            const bool left = (node >> j & 1) == 0;
#pragma unroll
            for (int b = 0; b < bins; ++b) {
                if (goes_on && left) open[j][b] = value[b];
                if (goes_on && !left) value[b] = open[j][b] + value[b];
            }
            goes_on = goes_on && !left;
        }
    }
    /// place(b): of bin b in a row of sums of `size`; size where there is none.
    template <class Place>
    __device__ __forceinline__ void begin(const Adding& adding, std::uint64_t node, int size, Place place) {
#pragma unroll
        for (int j = 0; j < open_nodes; ++j) {
            const bool some = has_frames(adding, node, j);
#pragma unroll
            for (int b = 0; b < bins; ++b)
                open[j][b] =
                    some && place(b) < size ? adding.open[std::size_t(j) * std::size_t(size) + std::size_t(place(b))] : 0;
        }
    }
    template <class Place>
    __device__ __forceinline__ void end(const Adding& adding, std::uint64_t node, int size, Place place) const {
        if (node % group == 0) {
            double* sums = adding.sums + (node / group - 1 - adding.from / group) * std::uint64_t(size);
#pragma unroll
            for (int b = 0; b < bins; ++b)
                if (place(b) < size) sums[place(b)] = value[b];
            return;
        }
#pragma unroll
        for (int j = 0; j < open_nodes; ++j) {
#pragma unroll
            for (int b = 0; b < bins; ++b)
                if ((node >> j & 1) != 0 && place(b) < size)
                    adding.open_afterwards[std::size_t(j) * std::size_t(size) + std::size_t(place(b))] = open[j][b];
        }
    }
};

using device::Pieces;

/// Frames that are added, a block of threads a group: n of them.
template <class S>
struct Frames {
    const typename frames::Loaded<S>::type* in;
    const f32* window;
    const float2* twiddles;
    std::uint64_t hop;
    unsigned long long* not_finite;
    Adding adding;
    std::uint64_t n;
};

/// Transforms that are added: n of them, side by side.
struct Spectra {
    const float2* rows;
    unsigned long long* not_finite;
    Adding adding;
    std::uint64_t n;
};

/// Sums that are added: n groups.
struct Merging {
    const double* in;  // rows of sums from node adding.from on; nullptr: zeros
    Adding adding;
    std::uint64_t n;
};

/// What a launch has in common.
struct Shape {
    std::uint64_t size;
};

constexpr __host__ __device__ int threads_of_block(int M) { return M >= 2048 ? 512 : 256; }

__device__ __forceinline__ bool finite(float2 x) { return fabsf(x.x) <= 3.402823466e38F && fabsf(x.y) <= 3.402823466e38F; }

__device__ __forceinline__ void count_not_finite(unsigned long long* counts, unsigned frames) {
    if (frames == 0) return;
    atomicAdd(&counts[0], static_cast<unsigned long long>(frames));
    atomicAdd(&counts[1], static_cast<unsigned long long>(frames));
}

/// A block of threads adds the frames of one group.
template <int M, class S, int most>
__global__ void __launch_bounds__(threads_of_block(M)) powers(const __grid_constant__ Pieces<Frames<S>, most> pieces) {
    constexpr int F = frames::of_tile(M), stride = frames::stride_of_tile(M), threads = threads_of_block(M);
    constexpr int bins = M > threads ? M / threads : 1;
    auto* tile = dynamic_shared<float2>();
    const Frames<S>& all = pieces.at[blockIdx.y];
    const Adding& adding = all.adding;
    if (blockIdx.x >= groups_of(adding)) return;  // (all threads of the block)
    const std::uint64_t begin = (adding.from / group + blockIdx.x) * group;
    const std::uint64_t from = max(begin, adding.from), to = min(begin + group, adding.to);
    const auto place = [](int b) { return int(threadIdx.x) + b * threads; };
    Sums<bins> sums;
    sums.begin(adding, from, M, place);
    unsigned left_out = 0;
    for (std::uint64_t f = from; f < to; f += F) {
        const int count = int(min(std::uint64_t(F), to - f));
        if (f > from) __syncthreads();
        frames::transform<M>(tile, all.in + (f - adding.from) * all.hop, all.hop, count, all.window, all.twiddles);
        for (int r = 0; r < count; ++r) {
            const bool counts = finite(tile[r * stride]);
            left_out += counts ? 0 : 1;
#pragma unroll
            for (int b = 0; b < bins; ++b) {
                const float2 x = tile[r * stride + rows::place_of_bin<M>(place(b) % M)];
                sums.value[b] = counts ? double(x.x * x.x + x.y * x.y) : 0.0;
            }
            sums.add(unsigned(f + std::uint64_t(r)));
        }
    }
    sums.end(adding, to, M, place);
    if (threadIdx.x == 0) count_not_finite(all.not_finite, left_out);
}

/// Where a block of threads is in a launch in which those of a group, side by side, add its bins.
struct Place {
    unsigned of_group;
    int bin;
    __device__ __forceinline__ explicit Place(int size) {
        const unsigned blocks_a_group = (unsigned(size) + merging_threads - 1) / merging_threads;
        of_group = blockIdx.x / blocks_a_group;
        bin = int(blockIdx.x % blocks_a_group * merging_threads + threadIdx.x);
    }
};

/// Powers of transforms that are there.
template <int most>
__global__ void __launch_bounds__(merging_threads) powers_of(const __grid_constant__ Pieces<Spectra, most> pieces, int size) {
    const Spectra& all = pieces.at[blockIdx.y];
    const Adding& adding = all.adding;
    const Place at(size);
    if (at.of_group >= groups_of(adding) || at.bin >= size) return;
    const std::uint64_t begin = (adding.from / group + at.of_group) * group;
    const std::uint64_t from = max(begin, adding.from), to = min(begin + group, adding.to);
    const auto place = [=](int) { return at.bin; };
    Sums<1> sums;
    sums.begin(adding, from, size, place);
    unsigned left_out = 0;
    for (std::uint64_t f = from; f < to; ++f) {
        const float2* row = all.rows + (f - adding.from) * std::uint64_t(size);
        const bool counts = finite(__ldg(row));
        left_out += counts ? 0 : 1;
        const float2 x = __ldg(row + at.bin);
        sums.value[0] = counts ? double(x.x * x.x + x.y * x.y) : 0.0;
        sums.add(unsigned(f));
    }
    sums.end(adding, to, size, place);
    if (at.bin == 0) count_not_finite(all.not_finite, left_out);
}

/// Sums of groups.
template <int most>
__global__ void __launch_bounds__(merging_threads) merge(const __grid_constant__ Pieces<Merging, most> pieces, int size) {
    const Merging& merging = pieces.at[blockIdx.y];
    const Adding& adding = merging.adding;
    const double* in = merging.in;
    const Place at(size);
    const int bin = at.bin;
    if (at.of_group >= groups_of(adding) || bin >= size) return;
    const std::uint64_t begin = (adding.from / group + at.of_group) * group;
    const std::uint64_t from = max(begin, adding.from), to = min(begin + group, adding.to);
    double values[group];  // all are on their way before the first is needed
#pragma unroll
    for (int k = 0; k < group; ++k) {
        const std::uint64_t node = begin + std::uint64_t(k);
        const bool some = in != nullptr && node >= from && node < to;
        values[k] = some ? __ldg(in + (node - adding.from) * std::uint64_t(size) + bin) : 0.0;
    }
    const auto place = [=](int) { return bin; };
    Sums<1> sums;
    sums.begin(adding, from, size, place);
#pragma unroll
    for (int k = 0; k < group; ++k) {
        if (begin + std::uint64_t(k) < from || begin + std::uint64_t(k) >= to) continue;
        sums.value[0] = values[k];
        sums.add(unsigned(k));
    }
    sums.end(adding, to, size, place);
}

/// The most groups of a piece.
template <class Piece>
unsigned most_groups(std::span<const Piece> pieces) {
    unsigned most = 0;
    for (const Piece& piece : pieces) most = std::max(most, groups_of(piece.adding));
    return most;
}

template <class S>
void issue_powers(device::Queue& queue, std::span<const Frames<S>> pieces, const Shape& shape) {
    frames::with_size(std::size_t(shape.size), [&]<int M>(std::integral_constant<int, M>) {
        device::in_lists(pieces, [&]<int most>(const Pieces<Frames<S>, most>& list, unsigned count) {
            launch("kernel psd", powers<M, S, most>, device::Blocks{most_groups(pieces), count}, unsigned(threads_of_block(M)),
                   frames::bytes_of_tile<M>, queue, list);
        });
    });
}

constexpr unsigned blocks_of_bins(std::uint64_t size) { return unsigned((size + merging_threads - 1) / merging_threads); }

void issue_powers_of(device::Queue& queue, std::span<const Spectra> pieces, const Shape& shape) {
    const unsigned blocks = most_groups(pieces) * blocks_of_bins(shape.size);
    device::in_lists(pieces, [&]<int most>(const Pieces<Spectra, most>& list, unsigned count) {
        launch("kernel psd", powers_of<most>, device::Blocks{blocks, count}, merging_threads, 0, queue, list, int(shape.size));
    });
}

void issue_merge(device::Queue& queue, std::span<const Merging> pieces, const Shape& shape) {
    const unsigned blocks = most_groups(pieces) * blocks_of_bins(shape.size);
    device::in_lists(pieces, [&]<int most>(const Pieces<Merging, most>& list, unsigned count) {
        launch("kernel psd", merge<most>, device::Blocks{blocks, count}, merging_threads, 0, queue, list, int(shape.size));
    });
}

struct Writing {
    const double* open[most_levels];  // of copy c, 2^j nodes: row 4 c + j; of levels without frames anything
    std::uint64_t first, next;
    std::uint32_t turns;
    int size;
    double scale;
    std::uint64_t frames;
    const unsigned long long* not_finite;
    f32* item;
    std::uint64_t n;
};

template <int most>
__global__ void __launch_bounds__(merging_threads) write_items(const __grid_constant__ Pieces<Writing, most> pieces) {
    const Writing& writing = pieces.at[blockIdx.y];
    const int bin = int(blockIdx.x * merging_threads + threadIdx.x);
    if (bin >= writing.size) return;
    double sum = 0;
    for (int k = 0; k < 64; ++k) {  // from the last, and smallest, open node on
        const Adding adding{0, 0, writing.first, k / open_nodes * open_nodes, nullptr, nullptr, nullptr};
        if (!has_frames(adding, writing.next >> adding.shift, k % open_nodes)) continue;
        const int level = k / open_nodes, row = int(writing.turns >> level & 1) * open_nodes + k % open_nodes;
        sum = writing.open[level][std::size_t(row) * std::size_t(writing.size) + std::size_t(bin)] + sum;
    }
    const double frames = double(writing.frames - writing.not_finite[0]);
    writing.item[(bin + writing.size / 2) % writing.size] = elements::one_nan(f32(sum * writing.scale / frames));
}

void issue_writes(device::Queue& queue, std::span<const Writing> pieces, const Shape& shape) {
    device::in_lists(pieces, [&]<int most>(const Pieces<Writing, most>& list, unsigned count) {
        launch("kernel psd", write_items<most>, device::Blocks{blocks_of_bins(shape.size), count}, merging_threads, 0, queue,
               list);
    });
}

}  // namespace

template <class S>
bool DevicePsd<S>::has_own(std::size_t size) {
    return DeviceFft<S>::has_own(size);
}

/// Of one launch: as many as make the work of a device, so that sums between launches are few; or those of a batch.
template <class S>
std::uint64_t DevicePsd<S>::most_frames() const {
    return has_own(size_) ? std::max<std::uint64_t>(4096, (std::uint64_t(4) << 20) / size_) : DeviceBatch::rows_for(size_);
}

namespace {

std::size_t rows_of_sums(std::uint64_t frames) { return std::size_t(frames / group + 2); }

}  // namespace

template <class S>
std::size_t DevicePsd<S>::memory_for(std::size_t size, std::uint64_t last_index) {
    DevicePsd psd;
    psd.size_ = size;
    const std::size_t rows = rows_of_sums(psd.most_frames());
    const auto reached = has_own(size) ? std::size_t(levels) : std::size_t(std::bit_width(last_index) + 3) / 4 + 1;
    return size * sizeof(double) * (2 * open_nodes * reached + rows + rows_of_sums(rows)) + DeviceFft<S>::memory_for(size);
}

template <class S>
DevicePsd<S>::DevicePsd(device::Queue& queue, std::span<const f32> window) : window_(queue, window), size_(window.size()) {
    const std::size_t row = size_ * sizeof(double), rows = rows_of_sums(most_frames());
    if (has_own(size_)) {
        twiddles_ = device::Table<cf32>(queue, frames::twiddles_of(size_));
        for (int level = 0; level < levels; ++level) reach(queue, level);
    } else {
        batch_ = DeviceBatch(queue, size_);
    }
    sums_[0] = device::Memory(queue.device(), rows * row);
    sums_[1] = device::Memory(queue.device(), rows_of_sums(rows) * row);
    not_finite_ = device::Memory(queue.device(), sizeof(NotFinite));
    queue.zero(not_finite_.data(), sizeof(NotFinite));
}

template <class S>
void DevicePsd<S>::reset(device::Queue& queue, std::uint64_t first) {
    first_ = next_ = first;
    queue.zero(not_finite_.data(), sizeof(std::uint64_t));
}

template <class S>
double* DevicePsd<S>::open(int level, bool other) const {
    const bool copy = (turns_ >> level & 1) != (other ? 1U : 0U);
    return reinterpret_cast<double*>(open_[level].data()) + std::size_t(copy ? 1 : 0) * open_nodes * size_;
}

/// (Long frames take much of a level, and few of them.)
template <class S>
void DevicePsd<S>::reach(device::Queue& queue, int level) {
    if (open_[level].size() == 0) open_[level] = device::Memory(queue.device(), 2 * open_nodes * size_ * sizeof(double));
}

template <class S>
void DevicePsd<S>::add(device::Queue& queue, const S* in, std::uint64_t n, std::uint64_t hop) {
    for (std::uint64_t done = 0; done < n;) {
        const std::uint64_t most = batch_.empty() ? most_frames() : batch_.left_of_batch(next_),
                            some = std::min(most, n - done);
        add_some(queue, in + done * hop, some, hop);
        done += some;
    }
}

template <class S>
void DevicePsd<S>::leave_out(device::Queue& queue, std::uint64_t n) {
    for (std::uint64_t done = 0; done < n; done += most_frames())
        add_some(queue, nullptr, std::min(most_frames(), n - done), 0);
}

template <class S>
void DevicePsd<S>::add_some(device::Queue& queue, const S* in, std::uint64_t n, std::uint64_t hop) {
    if (in != nullptr && !batch_.empty()) {
        batch_.lay(queue, in, hop, window_.data(), batch_.row_of(next_), std::size_t(n));
        batch_.run(queue, batch_.row_of(next_), std::size_t(n));
    }
    const int stage = next_stage(queue);
    const std::uint64_t end = next_ + n;
    const double* sums = nullptr;
    for (int level = 0; level < levels && next_ >> (4 * level) < end >> (4 * level); ++level) {
        reach(queue, level);
        const Adding adding{next_ >> (4 * level),
                            end >> (4 * level),
                            first_,
                            4 * level,
                            open(level, false),
                            open(level, true),
                            reinterpret_cast<double*>(sums_[level % 2].data())};
        auto* const not_finite = reinterpret_cast<unsigned long long*>(not_finite_.data());
        if (level == 0 && in != nullptr && !batch_.empty()) {
            const Spectra all{reinterpret_cast<const float2*>(batch_.row(batch_.row_of(next_))), not_finite, adding, n};
            device::gather<issue_powers_of>(queue, std::span<const Spectra>(&all, 1), Shape{size_}, stage);
        } else if (level == 0 && in != nullptr) {
            const Frames<S> all{reinterpret_cast<const typename frames::Loaded<S>::type*>(in),
                                window_.data(),
                                reinterpret_cast<const float2*>(twiddles_.data()),
                                hop,
                                not_finite,
                                adding,
                                n};
            device::gather<issue_powers<S>>(queue, std::span<const Frames<S>>(&all, 1), Shape{size_}, stage);
        } else {
            const Merging merging{sums, adding, groups_of(adding)};
            device::gather<issue_merge>(queue, std::span<const Merging>(&merging, 1), Shape{size_}, stage + level);
        }
        turns_ ^= 1U << level;
        sums = adding.sums;
        stage_ = stage + level;
    }
    next_ = end;
}

template <class S>
void DevicePsd<S>::write(device::Queue& queue, f32* item, double scale, std::uint64_t left_out) {
    stage_ = next_stage(queue);
    Writing writing{{},
                    first_,
                    next_,
                    turns_,
                    int(size_),
                    scale,
                    frames() - left_out,
                    reinterpret_cast<const unsigned long long*>(not_finite_.data()),
                    item,
                    1};
    for (int level = 0; level < levels; ++level) writing.open[level] = reinterpret_cast<const double*>(open_[level].data());
    device::gather<issue_writes>(queue, std::span<const Writing>(&writing, 1), Shape{size_}, stage_);
}

/// Of what is gathered: behind all that it has given to the queue. (Each level of the tree is a stage, and each item.)
template <class S>
int DevicePsd<S>::next_stage(const device::Queue& queue) {
    if (queue.gathered() == nullptr) return 0;
    const std::uint64_t issued = queue.gathered()->issued();
    return std::exchange(issued_, issued) == issued ? stage_ + 1 : 0;
}

template class DevicePsd<f32>;
template class DevicePsd<cf32>;

}  // namespace flowspan::kernels

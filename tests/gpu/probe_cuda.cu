#include "tests/gpu/probe_kernels.hpp"

namespace flowspan::device {
namespace {

constexpr unsigned threads = 256;
Blocks blocks_for(std::size_t n) { return {unsigned((n + threads - 1) / threads)}; }
__device__ std::size_t place() { return std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; }

__global__ void numbered(std::uint64_t* at, std::uint64_t first, std::size_t n) {
    if (place() < n) at[place()] = first + place();
}
__global__ void compared(const std::uint64_t* at, std::uint64_t first, std::size_t n, unsigned* wrong) {
    if (place() < n && at[place()] != first + place()) atomicAdd(wrong, 1U);
}
__global__ void nothing_at_all() {}

template <int entries>
__global__ void added(const __grid_constant__ List<entries> list, unsigned* sum) {
    const std::size_t i = place();
    if (i < std::size_t(entries)) atomicAdd(sum, *list.at[i]);
}

__global__ void computed(unsigned rounds, float* out) {
    float x = float(threadIdx.x);
    for (unsigned k = 0; k < rounds; ++k) x = fmaf(x, 0.999F, 0.5F);
    out[place()] = x;
}

}  // namespace

void number(Queue& queue, std::uint64_t* at, std::uint64_t first, std::size_t n) {
    launch("kernel number", numbered, blocks_for(n), threads, 0, queue, at, first, n);
}
void compare(Queue& queue, const std::uint64_t* at, std::uint64_t first, std::size_t n, unsigned* wrong) {
    launch("kernel compare", compared, blocks_for(n), threads, 0, queue, at, first, n, wrong);
}
void nothing(Queue& queue) { launch("kernel nothing", nothing_at_all, Blocks{}, 32, 0, queue); }
void add_list(Queue& queue, const List<500>& list, unsigned* sum) {
    launch("kernel list", added<500>, blocks_for(500), threads, 0, queue, list, sum);
}
void add_list(Queue& queue, const List<4000>& list, unsigned* sum) {
    launch("kernel list", added<4000>, blocks_for(4000), threads, 0, queue, list, sum);
}
void compute(Queue& queue, unsigned blocks, unsigned rounds, float* out) {
    launch("kernel compute", computed, Blocks{blocks}, threads, 0, queue, rounds, out);
}

}  // namespace flowspan::device

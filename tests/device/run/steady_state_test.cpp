// In a steady state a job on a device makes nothing and waits for nobody: what is allocated, on the device and by the host, is
// as much for a stream that is twice as long.
#include "comm/local/local.hpp"
#include "memory/device/emulated/emulated.hpp"
#include "run/job/job.hpp"
#include "tests/device/behave.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> allocations{0};

void* allocate(std::size_t bytes, std::size_t alignment) {
    // (Those of the emulation's books are not the program's.)
    if (!flowspan::device::emulated::inside()) allocations.fetch_add(1, std::memory_order_relaxed);
    void* const at = alignment == 0 ? std::malloc(bytes == 0 ? 1 : bytes)
                                    : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (at == nullptr) throw std::bad_alloc();
    return at;
}

}  // namespace

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // where one of these is inlined and the other is not
// NOLINTBEGIN(misc-new-delete-overloads): all that the program allocates is counted.
void* operator new(std::size_t bytes) { return allocate(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) { return allocate(bytes, std::size_t(alignment)); }
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }
// NOLINTEND(misc-new-delete-overloads)

namespace flowspan::run {
namespace {

using device::emulated::Made;

struct Counted {
    Made made;
    std::uint64_t allocations = 0;
};

// In, two blocks on the device side by side and one behind the other, out; in again by another input.
constexpr const char* graph = R"(
flowspan: 1
blocks:
  source: {type: signal_source, kind: noise, sample_rate: 1 MHz, length: LENGTH}
  raw:    {type: copy, device: cuda}
  tune:   {type: frequency_translate, copies: 2, shift: [100 kHz, -50 kHz], decimation: 4, cutoff: 60 kHz, device: cuda}
  sum:    {type: add, inputs: 2, device: cuda}
  half:   {type: multiply_const, constant: 0.5}
  again:  {type: fm_demod, deviation: 50 kHz, device: cuda}
  all:    {type: null_sink}
  rest:   {type: null_sink}
connections:
  - source -> raw -> all
  - source -> tune[*]
  - tune[0] -> sum.in[0]
  - tune[1] -> sum.in[1]
  - sum -> half -> again -> rest
)";

Counted counted(const std::string& order, std::uint64_t length) {
    device::behave(order);
    JobRequest request;
    request.graph_file = "steady.yaml";
    request.graph_text = graph;
    request.graph_text.replace(request.graph_text.find("LENGTH"), 6, std::to_string(length));
    request.out = testing::TempDir();
    request.device_chunk = 4 << 10;
    const auto alone = comm::single_rank();
    const Registry registry = built_in_blocks();
    const std::uint64_t before = allocations;
    const JobResult result = run_job(*alone, registry, request, {}, true);
    EXPECT_EQ(result.code, ExitCode::done) << result.cause;
    return {device::emulated::made(), allocations - before};
}

}  // namespace

// Rings are full after a few calls. Until then, and in an order in which more is under way than ever before, there are more
// fences and places for them: so these two may grow, but not with what is issued.
TEST(SteadyState, MakesNothingAndWaitsForNobody) {
    counted("", 2000);  // (what a process makes once)
    for (const std::string order :
         {"order=early", "order=late", "order=random,seed=3", "order=starve,seed=3", "order=starve,seed=4"}) {
        SCOPED_TRACE(order);
        const Counted less = counted(order, 20011), more = counted(order, 80022);
        EXPECT_GT(less.made.memory, 5U);
        EXPECT_EQ(more.made.memory, less.made.memory);
        EXPECT_GT(less.made.pinned, 2U);
        EXPECT_EQ(more.made.pinned, less.made.pinned);
        // (One more than the three of a run, and one wait, for the fingerprint before it.)
        EXPECT_EQ(more.made.queues, 4U);
        EXPECT_EQ(more.made.waits, 1U);
        const std::uint64_t few = (more.made.operations - less.made.operations) / 10;
        EXPECT_GT(few, 200U);
        EXPECT_LT(more.made.fences, less.made.fences + few);
        EXPECT_LT(more.allocations, less.allocations + few);
    }
}

}  // namespace flowspan::run

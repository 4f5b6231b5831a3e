#include "memory/device/emulated/shared_memory.hpp"
#include "memory/device/emulated/words.hpp"

#include <pthread.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

namespace flowspan::device::simt {
namespace {

/// A barrier for some threads of the host.
class Meeting {
public:
    explicit Meeting(unsigned threads) { pthread_barrier_init(&barrier_, nullptr, threads); }
    Meeting(const Meeting&) = delete;
    Meeting& operator=(const Meeting&) = delete;
    ~Meeting() { pthread_barrier_destroy(&barrier_); }
    void wait() { pthread_barrier_wait(&barrier_); }

private:
    pthread_barrier_t barrier_{};
};

/// Blocks that the same threads run one after the other.
struct Lane {
    explicit Lane(unsigned threads) : meetings{Meeting(threads), Meeting(threads)} {}
    SharedMemory shared;
    // In turn: who wakes late from one would else seem to have waited for what others do before the next.
    std::array<Meeting, 2> meetings;
};
thread_local Lane* now = nullptr;
thread_local unsigned waits = 0;

void run_lane(Lane& lane, unsigned number, Blocks blocks, std::size_t shared_bytes, const Schedule& schedule,
              const std::function<void()>& thread) {
    now = &lane;
    waits = 0;
    const unsigned all = blocks.x * blocks.y, lanes = std::min(all, schedule.blocks_at_once);
    for (unsigned k = number; k < all; k += lanes) {
        const unsigned block = schedule.order == Order::descending ? all - 1 - k : k;
        blockIdx = {block % blocks.x, block / blocks.x, 0};
        if (threadIdx.x == 0) lane.shared.begin(shared_bytes);
        barrier(0);
        thread();
        barrier(0);
    }
}

}  // namespace

std::byte* shared_memory() { return now->shared.data(); }
void barrier(std::uint64_t) { now->meetings[waits++ % 2].wait(); }

void run(Blocks blocks, unsigned threads, std::size_t shared_bytes, const Schedule& schedule,
         const std::function<void()>& thread) {
    check_launch(blocks, threads, shared_bytes);
    const unsigned lanes = std::min(blocks.x * blocks.y, schedule.blocks_at_once);
    std::vector<std::unique_ptr<Lane>> at_once;
    std::vector<std::thread> pool;
    for (unsigned number = 0; number < lanes; ++number) {
        Lane& lane = *at_once.emplace_back(std::make_unique<Lane>(threads));
        for (unsigned t = 0; t < threads; ++t) {
            pool.emplace_back([&, number, t] {
                threadIdx = {t, 0, 0};
                blockDim = {threads, 1, 1};
                gridDim = {blocks.x, blocks.y, 1};
                run_lane(lane, number, blocks, shared_bytes, schedule, thread);
            });
        }
    }
    for (std::thread& t : pool) t.join();
}

}  // namespace flowspan::device::simt

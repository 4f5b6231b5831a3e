#include "memory/device/emulated/shared_memory.hpp"
#include "memory/device/emulated/words.hpp"

#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>

#include <exception>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace flowspan::device::simt {
namespace {

namespace context = boost::context;

struct Thread {
    context::fiber fiber;
    bool done = false;
};

struct Block {
    std::vector<Thread> threads;
    SharedMemory shared;
    context::fiber scheduler;
    unsigned current = 0, live = 0;
    unsigned waiting = 0, generation = 0;  // of the barrier
    std::uint64_t place = 0;
    std::exception_ptr mistake;  // that a thread has made
};
thread_local Block* now = nullptr;

/// Stacks are kept from one block to the next, but for those that an exception has left: AddressSanitizer, which does not know
/// them, takes what it marked there for what still stands.
struct KeptStacks {
    bool keep = true;
    std::vector<context::stack_context> free;
    context::fixedsize_stack maker{std::size_t(256) << 10};  // (sanitizers take most of it)
    ~KeptStacks() {
        for (auto& stack : free) maker.deallocate(stack);
    }
};
thread_local KeptStacks kept;
struct Stacks {
    context::stack_context allocate() {
        if (kept.free.empty()) return kept.maker.allocate();
        const auto stack = kept.free.back();
        kept.free.pop_back();
        return stack;
    }
    void deallocate(context::stack_context& stack) {
        if (kept.keep)
            kept.free.push_back(stack);
        else
            kept.maker.deallocate(stack);
    }
};

std::string in_block() { return " of block " + std::to_string(blockIdx.x) + ", " + std::to_string(blockIdx.y); }

/// Nobody leaves while others wait: on a device those would wait for ever, or go on with what is not there yet.
void expect_nobody_waits(const Block& block, unsigned thread) {
    if (block.waiting > 0)
        throw Mistake("thread " + std::to_string(thread) + in_block() + " has left while others wait at a barrier");
}

context::fiber start(const std::function<void()>& thread, unsigned number) {
    return {std::allocator_arg, Stacks{}, [&thread, number](context::fiber&& from) {
                now->scheduler = std::move(from);
                try {
                    thread();
                } catch (const std::exception&) {
                    kept.keep = false;
                    now->mistake = std::current_exception();
                }
                now->threads[number].done = true;
                return std::move(now->scheduler);
            }};
}

/// Lets each thread that is left run to its next barrier, or its end.
void run_to_barrier(Block& block, const std::vector<unsigned>& order) {
    for (const unsigned number : order) {
        Thread& thread = block.threads[number];
        if (thread.done) continue;
        threadIdx = {number, 0, 0};
        block.current = number;
        thread.fiber = std::move(thread.fiber).resume();
        if (block.mistake) std::rethrow_exception(block.mistake);
        if (!thread.done) continue;
        --block.live;
        expect_nobody_waits(block, number);
    }
}

void run_block(Block& block, const Schedule& schedule, const std::function<void()>& thread, std::mt19937_64& random) {
    block.live = unsigned(block.threads.size());
    block.waiting = block.generation = 0;
    std::vector<unsigned> order(block.threads.size());
    std::iota(order.begin(), order.end(), 0U);
    if (schedule.order == Order::descending) std::reverse(order.begin(), order.end());
    for (unsigned number = 0; number < block.threads.size(); ++number) block.threads[number] = {start(thread, number), false};
    while (block.live > 0) {
        if (schedule.order == Order::shuffled) std::shuffle(order.begin(), order.end(), random);
        run_to_barrier(block, order);
    }
}

}  // namespace

std::byte* shared_memory() { return now->shared.data(); }

void barrier(std::uint64_t place) {
    Block& block = *now;
    const unsigned self = block.current;
    if (block.waiting > 0 && block.place != place) throw Mistake("threads" + in_block() + " wait at different barriers");
    if (block.live < block.threads.size())
        throw Mistake("thread " + std::to_string(self) + in_block() + " waits at a barrier, but others have left");
    block.place = place;
    const unsigned generation = block.generation;
    if (++block.waiting == block.live) {
        block.waiting = 0;
        ++block.generation;
    }
    do {
        block.scheduler = std::move(block.scheduler).resume();
        block.current = self;
    } while (block.generation == generation);
}

void run(Blocks blocks, unsigned threads, std::size_t shared_bytes, const Schedule& schedule,
         const std::function<void()>& thread) {
    check_launch(blocks, threads, shared_bytes);
    Block block;
    block.threads.resize(threads);
    now = &block;
    blockDim = {threads, 1, 1};
    gridDim = {blocks.x, blocks.y, 1};
    std::mt19937_64 random(schedule.seed);
    std::vector<unsigned> order(std::size_t(blocks.x) * blocks.y);
    std::iota(order.begin(), order.end(), 0U);
    if (schedule.order == Order::descending) std::reverse(order.begin(), order.end());
    if (schedule.order == Order::shuffled) std::shuffle(order.begin(), order.end(), random);
    try {
        for (const unsigned number : order) {
            blockIdx = {number % blocks.x, number / blocks.x, 0};
            block.shared.begin(shared_bytes);
            run_block(block, schedule, thread, random);
        }
    } catch (const Mistake&) {
        kept.keep = false;
        block.threads.clear();
        kept.keep = true;
        throw;
    }
    now = nullptr;
}

}  // namespace flowspan::device::simt

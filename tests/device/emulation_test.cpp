// What the emulation guarantees: each mistake with a device is planted here, and seen.
#include "memory/device.hpp"
#include "memory/device/emulated/emulated.hpp"
#include "memory/device/pieces.hpp"
#include "tests/device/queues.hpp"
#include "tests/device/simple_kernels.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <numeric>

namespace flowspan::device {
namespace {

std::vector<int> counted(std::size_t n) {
    std::vector<int> x(n);
    std::iota(x.begin(), x.end(), 0);
    return x;
}

// A source in two pinned pieces. `early`: the next piece is written before the copy of the last has completed.
bool arrives_whole(bool early) {
    constexpr std::size_t n = 256, pieces = 16;
    Queue queue(0);
    const Array<int> there(pieces * n);
    PinnedMemory piece[2] = {PinnedMemory(0, n * 4), PinnedMemory(0, n * 4)};
    Fence copied[2] = {Fence(0), Fence(0)};
    for (std::size_t k = 0; k < pieces; ++k) {
        if (!early) wait_for(copied[k % 2]);
        auto* const numbers = reinterpret_cast<int*>(piece[k % 2].data());
        std::iota(numbers, numbers + n, int(k * n));
        queue.to_device(there.data() + k * n, numbers, n * 4);
        queue.record(copied[k % 2]);
    }
    return there.get(queue) == counted(pieces * n);
}

// A queue that copies in, one that computes and copies out.
bool two_queues_agree(bool with_fence) {
    constexpr std::size_t n = 256;
    Queue copies(0), compute(0);
    const Array<int> x(n);
    PinnedMemory in(0, n * 4), out(0, n * 4);
    std::fill_n(reinterpret_cast<int*>(in.data()), n, 21);
    Fence copied(0);
    copies.to_device(x.data(), in.data(), n * 4);
    copies.record(copied);
    if (with_fence) compute.wait_for(copied);
    double_all(compute, x.data(), n);
    compute.to_host(out.data(), x.data(), n * 4);
    EXPECT_TRUE(compute.finish(10));
    EXPECT_TRUE(copies.finish(10));
    const auto* const numbers = reinterpret_cast<const int*>(out.data());
    return std::all_of(numbers, numbers + n, [](int v) { return v == 42; });
}

int wrong_seeds(bool (*right)(bool), bool argument) {
    int wrong = 0;
    for (int seed = 1; seed <= 50; ++seed) {
        behave("order=random,seed=" + std::to_string(seed));
        wrong += right(argument) ? 0 : 1;
    }
    return wrong;
}

}  // namespace

TEST(EmulatedOrder, SeesASourceThatIsReusedBeforeItsCopy) {
    EXPECT_GE(wrong_seeds(arrives_whole, true), 25);
    behave("order=late");
    EXPECT_FALSE(arrives_whole(true));
    behave("order=early");
    EXPECT_TRUE(arrives_whole(true)) << "which nobody would see";
    for (const std::string& order : orders) {
        behave(order);
        EXPECT_TRUE(arrives_whole(false)) << order;
    }
    EXPECT_EQ(wrong_seeds(arrives_whole, false), 0);
}

TEST(EmulatedOrder, SeesTwoQueuesWithoutAFence) {
    EXPECT_GE(wrong_seeds(two_queues_agree, false), 5);
    EXPECT_EQ(wrong_seeds(two_queues_agree, true), 0);
}

TEST(EmulatedOrder, EarlyIsAtOnceAndLateWhenPolledInVain) {
    behave("order=early");
    Queue at_once(0);
    Fence fence(0);
    EXPECT_TRUE(fence.done()) << "never recorded";
    at_once.record(fence);
    EXPECT_TRUE(fence.done());
    behave("order=late");
    Queue queue(0);
    const Array<int> x(64);
    for (int k = 0; k < 4; ++k) queue.zero(x.data(), 256);
    Fence late(0);
    queue.record(late);
    int polls = 1;
    while (!late.done()) ++polls;
    EXPECT_EQ(polls, 15) << "every third runs one operation";
}

TEST(EmulatedOrder, AFenceRecordedAgainIsTheLaterPlaceAndAWaitKeepsTheEarlierOne) {
    behave("order=late");
    Queue first(0), second(0);
    const Array<int> x(64);
    Fence fence(0), end(0);
    first.record(fence);
    second.wait_for(fence);
    for (int k = 0; k < 3; ++k) first.zero(x.data(), 256);
    first.record(fence);
    second.record(end);
    wait_for(end);
    EXPECT_FALSE(fence.done());
    wait_for(fence);
}

TEST(EmulatedOrder, StarvesOneQueueUntilAllElseIsStuck) {
    const std::uint64_t polls_in_vain[] = {1, 6, 36};
    for (unsigned seed = 0; seed < 9; ++seed) {
        SCOPED_TRACE(seed);
        behave("order=starve,seed=" + std::to_string(seed));
        const Array<int> x(64);
        std::vector<Queue> queues;
        std::vector<Fence> fences;
        for (int k = 0; k < 3; ++k) {
            Queue& queue = queues.emplace_back(0);
            queue.zero(x.data(), 256);
            queue.record(fences.emplace_back(0));
        }
        const unsigned lagging = seed % 3;
        for (unsigned k = 0; k < 3; ++k) EXPECT_TRUE(k == lagging || fences[k].done()) << k;
        std::uint64_t polls = 0;
        while (!fences[lagging].done()) ++polls;
        EXPECT_EQ(polls + 1, 2 * polls_in_vain[seed / 3]) << "two operations, each after so many polls";
    }
}

TEST(EmulatedOrder, StarvesAQueueForAsLongAsOthersGoOn) {
    behave("order=starve,seed=0");
    Queue lagging(0), waiting(0), free(0);
    const Array<int> x(64);
    Fence first(0), second(0), third(0);
    lagging.record(first);
    waiting.wait_for(first);
    waiting.record(second);
    for (int k = 0; k < 1000; ++k) {
        free.zero(x.data(), 256);
        free.record(third);
        ASSERT_TRUE(third.done());
    }
    EXPECT_TRUE(first.done()) << "one poll in vain";
    EXPECT_TRUE(second.done()) << "who waits for it goes on";
    waiting.zero(x.data(), 256);
    lagging.record(first);
    EXPECT_TRUE(lagging.finish(10));
}

// A source in a ring of the host, whose copies lag by all that it holds.
TEST(EmulatedOrder, SeesASourceThatIsReusedBeforeItsCopyByALagAlone) {
    for (const std::string seed : {"0", "3", "6"}) {
        behave("order=starve,seed=" + seed);
        EXPECT_FALSE(arrives_whole(true)) << seed;
        behave("order=starve,seed=" + seed);
        EXPECT_TRUE(arrives_whole(false)) << seed;
    }
    behave("order=starve,seed=1");
    EXPECT_TRUE(arrives_whole(true)) << "it is not this queue that lags";
}

TEST(EmulatedMemory, IsNotForTheHost) {
    behave("");
    EXPECT_DEATH(
        {
            const Memory memory(0, 4096);
            volatile const auto x = memory.data()[0];
            (void)x;
        },
        "");
}

TEST(EmulatedMemory, IsNanAtFirst) {
    behave("");
    Queue queue(0);
    for (const float x : Array<float>(1000).get(queue)) ASSERT_TRUE(std::isnan(x));
}

TEST(EmulatedMemory, EndsAtAPageWithoutRights) {
    behave("");
    EXPECT_DEATH(
        {
            Queue queue(0);
            const Array<int> x(1000);
            double_all(queue, x.data(), 1001);
        },
        "");
}

TEST(EmulatedMemory, IsNotForTheHostAfterAnOperationThatTouchedIt) {
    behave("");
    EXPECT_DEATH(
        {
            Queue queue(0);
            const Array<int> x(1000);
            double_all(queue, x.data(), 1000);
            if (!queue.finish(1)) _exit(0);
            volatile const auto y = x.data()[7];
            (void)y;
        },
        "");
}

TEST(EmulatedMemory, ThatWasFreedIsNotForOperations) {
    behave("");
    EXPECT_DEATH(
        {
            Queue queue(0);
            int* gone = nullptr;
            {
                const Array<int> x(1000);
                gone = x.data();
            }
            double_all(queue, gone, 1000);
        },
        "");
}

TEST(EmulatedMemory, IsOpenedPieceByPieceHoweverMuchAnOperationTouches) {
    behave("memory=1GiB");
    constexpr std::size_t n = std::size_t(100) << 20;  // more pieces than are open at once
    Queue queue(0);
    const Array<std::byte> x(n), y(n);
    queue.zero(x.data(), n);
    queue.copy(y.data(), x.data(), n);
    PinnedMemory last(0, 8);
    queue.to_host(last.data(), y.data() + n - 8, 8);
    ASSERT_TRUE(queue.finish(10));
    EXPECT_EQ(std::count(last.data(), last.data() + 8, std::byte{0}), 8);
}

TEST(EmulatedMemory, IsAsMuchAsWasSaid) {
    behave("memory=64KiB,devices=2");
    EXPECT_EQ(free_memory(1), 65536U);
    {
        const Memory most(1, 61440);
        EXPECT_EQ(free_memory(1), 4096U);
        EXPECT_EQ(said_by([] { Memory(1, 8192); }),
                  "device 1: allocation failed: out of memory: 8192 bytes asked for, 4096 of 65536 are left");
        const Memory of_another(0, 8192);
    }
    EXPECT_EQ(free_memory(1), 65536U) << "a refused request leaves the device as it was";
}

TEST(EmulatedMemory, OfRingsRepeatsAfterItsEndInPagesOfAnySize) {
    for (const std::size_t page : {4096U, 65536U}) {
        behave("page=" + std::to_string(page) + ",order=random,seed=3");
        EXPECT_EQ(properties(0).page, page);
        const Ring ring(0, page + 1);
        ASSERT_EQ(ring.size(), 2 * page);
        Queue queue(0);
        PinnedMemory in(0, 64), out(0, 64);
        std::memcpy(in.data(), "across the end of the ring", 26);
        queue.to_device(ring.base() + ring.size() - 7, in.data(), 26);
        queue.to_host(out.data(), ring.base(), 19);
        queue.to_host(out.data() + 32, ring.base() + 2 * ring.size() - 7, 7);
        EXPECT_TRUE(queue.finish(1));
        EXPECT_EQ(std::memcmp(out.data(), "the end of the ring", 19), 0);
        EXPECT_EQ(std::memcmp(out.data() + 32, "across ", 7), 0);
        queue.zero(ring.base(), 19);
        queue.to_host(out.data(), ring.base() + ring.size() - 7, 26);
        EXPECT_TRUE(queue.finish(1));
        EXPECT_EQ(std::memcmp(out.data(), "across \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26), 0);
    }
}

TEST(EmulatedMemory, OfAnotherProcessIsOpenedByItsHandle) {
    behave("");
    Queue queue(0);
    const std::vector<int> numbers = counted(1000);
    Memory memory(0, 4000);
    PinnedMemory pinned(0, 4000);
    std::memcpy(pinned.data(), numbers.data(), 4000);
    queue.to_device(memory.data(), pinned.data(), 4000);
    ASSERT_TRUE(queue.finish(1));
    const Handle handle = memory.handle();
    if (const pid_t child = fork(); child == 0) {
        const Memory theirs = Memory::open(0, handle);
        Queue of_child(0);
        double_all(of_child, reinterpret_cast<int*>(theirs.data()), 1000);
        _exit(of_child.finish(1) && theirs.size() == 4000 ? 0 : 1);
    } else {
        int status = 1;
        waitpid(child, &status, 0);
        ASSERT_EQ(status, 0);
    }
    queue.to_host(pinned.data(), memory.data(), 4000);
    ASSERT_TRUE(queue.finish(1));
    for (int k = 0; k < 1000; ++k) ASSERT_EQ(reinterpret_cast<const int*>(pinned.data())[k], 2 * k);
}

TEST(EmulatedMemory, OfAProcessThatIsGoneIsRefused) {
    behave("");
    Handle handle;
    const int gone = 999999999;
    std::memcpy(handle.bytes.data(), &gone, sizeof gone);
    EXPECT_EQ(said_by([&] { Memory::open(0, handle); }),
              "device 0: opening memory of another process failed: process 999999999: No such file or directory");
}

TEST(EmulatedRules, ACopyWantsPinnedMemoryAsOne) {
    std::vector<std::byte> plain(4096);
    behave("");
    EXPECT_EQ(said_by([&] { Queue(0).to_device(Array<int>(64).data(), plain.data(), 256); }),
              "device 0: copy to the device failed: 256 bytes of the host that are not pinned as one");
    behave("");
    const PinnedMemory pinned(0, 255);
    EXPECT_EQ(said_by([&] { Queue(0).to_host(pinned.data(), Array<int>(64).data(), 256); }),
              "device 0: copy to the host failed: 256 bytes of the host that are not pinned as one");
    behave("");
    EXPECT_EQ(said_by([&] { Queue(0).to_device(pinned.data(), pinned.data(), 8); }),
              "device 0: copy to the device failed: 8 bytes that are not within one allocation of a device");
    behave("");
    EXPECT_EQ(said_by([&] { Queue(0).zero(Array<int>(64).data(), 257); }),
              "device 0: writing zeros failed: 257 bytes that are not within one allocation of a device");
}

TEST(EmulatedRules, MemoryThatIsThereIsPinnedInPlace) {
    behave("order=random,seed=2");
    std::vector<int> numbers = counted(1024), back(1024);
    Queue queue(0);
    const Array<int> x(1024);
    {
        const Pin in(0, numbers.data(), 4096), out(0, back.data(), 4096);
        queue.to_device(x.data(), numbers.data(), 4096);
        queue.to_host(back.data(), x.data(), 4096);
    }
    EXPECT_EQ(back, numbers) << "unpinning waits for what is in flight";
    EXPECT_THROW(queue.to_device(x.data(), numbers.data(), 4096), Error);
}

TEST(EmulatedRules, WhatWasIssuedIsCounted) {
    behave("");
    Queue queue(0);
    const Array<int> x(queue, counted(64));
    double_all(queue, x.data(), 64);
    (void)x.get(queue);
    EXPECT_EQ(queue.counts().launches, 1U);
    EXPECT_EQ(queue.counts().bytes_to_device, 256U);
    EXPECT_EQ(queue.counts().bytes_to_host, 256U);
}

TEST(EmulatedRules, TimedFencesSayHowLong) {
    behave("");
    Queue queue(0);
    Fence from(0, true), to(0, true), plain(0);
    queue.record(from);
    queue.record(to);
    queue.record(plain);
    EXPECT_GE(to.seconds_since(from), 0);
    EXPECT_EQ(said_by([&] { (void)plain.seconds_since(from); }),
              "device 0: time between fences failed: they are not both timed and done");
}

TEST(EmulatedDevices, AreAsManyAsWasSaid) {
    behave("devices=0");
    EXPECT_EQ(seen().count, 0);
    EXPECT_EQ(seen().why_none, "FLOWSPAN_EMULATED says devices=0");
    EXPECT_EQ(said_by([] { Queue(0); }), "device 0: queue failed: there are 0 devices");
    behave("devices=3");
    EXPECT_EQ(seen().count, 3);
    EXPECT_EQ(properties(2).name, "emulated device 2");
    ASSERT_EQ(memory::devices().size(), 3U);
    EXPECT_EQ(memory::devices()[2].id, "00000000000000000000000000000003");
    EXPECT_EQ(memory::device_support(), "emulated");
}

TEST(EmulatedFaults, ACopyThatFailsFailsItsDevice) {
    behave("devices=2,order=late,fail=copy:2");
    Queue queue(0), of_another(1);
    const Array<int> x(64);
    const PinnedMemory pinned(0, 256);
    queue.to_device(x.data(), pinned.data(), 256);
    queue.to_device(x.data(), pinned.data(), 256);
    Fence fence(0);
    queue.record(fence);
    const std::string words = "device 0: copy to the device failed: emulated fault: copy 2";
    EXPECT_EQ(said_by([&] { wait_for(fence); }), words);
    EXPECT_TRUE(failed(0));
    EXPECT_EQ(said_by([&] { queue.zero(x.data(), 4); }), words) << "whatever is asked later";
    EXPECT_EQ(said_by([&] { Memory(0, 4); }), words);
    EXPECT_EQ(said_by([&] { queue.finish(1); }), words);
    EXPECT_FALSE(failed(1));
    EXPECT_TRUE(of_another.finish(1));
}

TEST(EmulatedFaults, AKernelThatFailsFailsItsDevice) {
    behave("fail=kernel:1");
    Queue queue(0);
    const Array<int> x(64);
    double_all(queue, x.data(), 64);
    EXPECT_EQ(said_by([&] { queue.finish(1); }), "device 0: kernel double failed: emulated fault: kernel 1");
}

TEST(EmulatedFaults, AnAllocationThatFailsIsRefused) {
    behave("fail=allocate:2");
    const Memory first(0, 1);
    EXPECT_EQ(said_by([] { Ring(0, 1); }), "device 0: allocation failed: emulated fault: allocation 2");
    const Memory third(0, 1);
    EXPECT_FALSE(failed(0));
}

TEST(EmulatedFaults, AQueueThatStopsIsNeverDoneAndIsGivenUp) {
    behave("order=random,seed=1,fail=stop:2");
    Queue queue(0), other(0);
    const Array<int> x(64);
    queue.zero(x.data(), 256);
    queue.zero(x.data(), 256);
    Fence fence(0), of_other(0);
    queue.record(fence);
    for (int k = 0; k < 1000; ++k) ASSERT_FALSE(fence.done());
    EXPECT_FALSE(queue.finish(0.05));
    other.record(of_other);
    wait_for(of_other);
    give_up(0, "a queue", "nothing completed within 15 s");
    EXPECT_EQ(said_by([&] { (void)fence.done(); }), "device 0: a queue failed: nothing completed within 15 s");
}

TEST(EmulatedFaults, FirstWordsStay) {
    behave("");
    give_up(0, "first", "words");
    give_up(0, "second", "words");
    EXPECT_EQ(said_by([] { (void)free_memory(0); }), "device 0: first failed: words");
    behave("");
}

TEST(EmulatedBehaviour, IsReadFromText) {
    using namespace emulated;
    EXPECT_EQ(parse_behaviour(""), Behaviour{});
    Behaviour all{.devices = 2,
                  .memory = 64 << 20,
                  .page = 65536,
                  .order = Order::random,
                  .seed = 7,
                  .fail_copy = 100,
                  .fail_kernel = 1,
                  .fail_allocate = 2,
                  .stop = 3};
    EXPECT_EQ(parse_behaviour("devices=2,memory=64MiB,page=64KiB,order=random,seed=7,fail=copy:100,fail=kernel:1,"
                              "fail=allocate:2,fail=stop:3"),
              all);
}

TEST(EmulatedBehaviour, IsRefusedWithASentence) {
    const auto refusal = [](const char* text) { return said_by([&] { emulated::parse_behaviour(text); }); };
    EXPECT_EQ(refusal("device=2"),
              "FLOWSPAN_EMULATED: expected devices, memory, page, order, seed, pins, rings, transforms or fail, got device\n   "
              "hint: did "
              "you mean "
              "`devices`?");
    EXPECT_EQ(refusal("devices=two"), "FLOWSPAN_EMULATED: expected devices=N, a number from 0 on, got devices=two");
    EXPECT_EQ(refusal("memory=64MHz"), "FLOWSPAN_EMULATED: expected memory=BYTES, as in 64MiB, got memory=64MHz");
    EXPECT_EQ(refusal("page=100"), "FLOWSPAN_EMULATED: expected page=BYTES, a multiple of 4096, got page=100");
    EXPECT_EQ(refusal("order=soon"), "FLOWSPAN_EMULATED: expected order=early, late, random or starve, got order=soon");
    EXPECT_EQ(refusal("seed=-1"), "FLOWSPAN_EMULATED: expected seed=N, a number from 0 on, got seed=-1");
    EXPECT_EQ(refusal("fail=copy"),
              "FLOWSPAN_EMULATED: expected fail=copy:N, kernel:N, allocate:N or stop:N, N from 1 on, got fail=copy");
    EXPECT_EQ(refusal("fail=disk:1"),
              "FLOWSPAN_EMULATED: expected fail=copy:N, kernel:N, allocate:N or stop:N, N from 1 on, got fail=disk:1");
    EXPECT_EQ(refusal("late"), "FLOWSPAN_EMULATED: expected KEY=VALUE, separated by commas, got late");
    EXPECT_EQ(refusal("seed=1,"), "FLOWSPAN_EMULATED: expected KEY=VALUE after the last comma, got seed=1,");
}

TEST(EmulatedBehaviour, IsThatOfTheEnvironmentUnlessSaid) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // in a process that nobody has told otherwise
    EXPECT_EXIT(
        {
            setenv("FLOWSPAN_EMULATED", "devices=5", 1);
            _exit(seen().count);
        },
        testing::ExitedWithCode(5), "");
}

TEST(Pieces, OfAnyNumberAreInListsThatALaunchTakes) {
    struct Piece {
        std::uint64_t number, more[3];
    };
    for (const std::size_t n : {0U, 1U, 2U, 125U, 126U, 1000U}) {
        std::vector<Piece> pieces(n);
        for (std::size_t k = 0; k < n; ++k) pieces[k].number = k;
        std::vector<std::uint64_t> seen;
        in_lists(std::span<const Piece>(pieces), [&](const auto& list, unsigned count) {
            static_assert(sizeof list <= 32000);
            for (unsigned k = 0; k < count; ++k) seen.push_back(list.at[k].number);
        });
        std::vector<std::uint64_t> all(n);
        std::iota(all.begin(), all.end(), 0);
        EXPECT_EQ(seen, all);
    }
}

}  // namespace flowspan::device

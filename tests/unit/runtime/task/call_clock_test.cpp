// What calls take, and who sees them.
#include "runtime/clock/call_clock.hpp"

#include "comm/local/local.hpp"
#include "io/publish/product.hpp"
#include "io/writing/thread.hpp"
#include "partition/plan.hpp"
#include "runtime/partition/partition_tasks.hpp"
#include "tests/unit/io/folder.hpp"
#include "tests/unit/runtime/stage.hpp"
#include "tests/unit/runtime/whole/collect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <mutex>
#include <thread>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;

/// Writes down what it sees.
struct Watcher final : Observer {
    void call(const std::string& block, std::size_t items, Clock::time_point begun, Clock::time_point ended) override {
        calls.push_back(block + " " + std::to_string(items));
        items_of[block] += items;
        in_order = in_order && begun <= ended;
    }
    void wait(const std::string& block, std::string_view what, double seconds) override {
        waits.push_back(block + " " + std::string(what));
        waited_s += seconds;
    }
    void link(std::uint32_t edge, int peer, bool sends, std::size_t bytes) override {
        (sends ? sent : received)[{edge, peer}] += bytes;
    }
    void file(Clock::time_point begun, Clock::time_point ended) override {
        const std::lock_guard lock(mutex);
        ++files;
        files_in_order = files_in_order && begun <= ended;
    }
    std::vector<std::string> calls, waits;
    std::map<std::string, std::uint64_t> items_of;
    std::map<std::pair<std::uint32_t, int>, std::size_t> sent, received;
    double waited_s = 0;
    bool in_order = true;
    std::mutex mutex;
    int files = 0;
    bool files_in_order = true;
};

/// A block whose call takes a while.
struct Clocked : ::testing::Test {
    Clocked() {
        block.on_work = [&](std::size_t n) {
            worked.push_back(n);
            const auto until = Observer::Clock::now() + std::chrono::microseconds(20);
            while (Observer::Clock::now() < until) continue;
        };
    }
    tests::Probe block{tests::Given{}};
    CallClock clock;
    BlockStatistics statistics;
    std::vector<std::size_t> worked;
};

using CallClocks = Clocked;

TEST_F(CallClocks, MeasureTheFirstStepsAndThenOneOfEachStratum) {
    std::uint64_t counted = 0;
    for (std::uint64_t step = 0; step < 100'000; ++step) {
        EXPECT_TRUE(step >= 32 || CallClock::is_sampled(step));
        if (CallClock::is_sampled(step)) counted += CallClock::stratum_of(step);
        const std::uint64_t behind = step + 1;
        EXPECT_LE(counted, behind + CallClock::stratum_of(step));
        EXPECT_GE(counted + CallClock::stratum_of(step), behind);
    }
    // At no phase of the calls more often than at another.
    std::array<int, 8> phases{};
    for (std::uint64_t step = 2048; step < 2048 + 8 * 1000 * CallClock::largest_stratum; ++step)
        phases[step % 8] += CallClock::is_sampled(step) ? 1 : 0;
    for (const int n : phases) EXPECT_NEAR(n, 1000, 150);
}

TEST_F(CallClocks, KnowWhichOfTheNextStepsAreMeasured) {
    for (const std::uint64_t from : {0U, 1U, 30U, 33U, 100U, 255U, 1000U, 2040U, 5000U, 123456U}) {
        statistics.steps = from;
        const std::uint64_t ahead = CallClock::timed_ahead(statistics);
        for (std::uint64_t k = 0; k < 64; ++k) EXPECT_EQ(ahead >> k & 1, CallClock::is_sampled(from + k) ? 1U : 0U) << from + k;
    }
}

TEST_F(CallClocks, CountStepsThatAreNotInTheStatisticsYet) {
    statistics.steps = 4096;
    for (std::uint64_t more = 0; more < 300; ++more) {
        const double before = statistics.work_s;
        (void)clock.call(block, 5, statistics, more);
        EXPECT_EQ(statistics.work_s > before, CallClock::is_sampled(4096 + more));
    }
}

TEST_F(CallClocks, ShowAnObserverEveryCallAndEstimateAsWithoutOne) {
    Watcher watcher;
    clock.observer = &watcher;
    for (statistics.steps = 0; statistics.steps < 200; ++statistics.steps) {
        const double before = statistics.work_s;
        const bool timed = statistics.all_timed || CallClock::is_sampled(statistics.steps);
        (void)clock.call(block, std::size_t(statistics.steps) + 1, statistics);
        EXPECT_EQ(statistics.work_s > before, timed);
    }
    ASSERT_EQ(watcher.calls.size(), 200U);
    for (std::size_t k = 0; k < 200; ++k) EXPECT_EQ(watcher.calls[k], "probe " + std::to_string(k + 1));
    EXPECT_TRUE(watcher.in_order);
    EXPECT_EQ(worked.size(), 200U) << "each is made once";
}

// Against the CPU time that the block itself has burned. A short call that is measured stands for others: where the machine
// takes the thread away within one, all come out too long. Once in many tries it does not.
TEST_F(CallClocks, KnowHowLongABlockHasWorked) {
    const auto once = [this](std::size_t calls, auto microseconds) {
        double burned = 0;
        block.on_work = [&](std::size_t) {
            const double begun = SystemClocks::cpu_s(), until = begun + 1e-6 * microseconds(statistics.steps);
            double now = begun;
            while (now < until) now = SystemClocks::cpu_s();
            burned += now - begun;
        };
        statistics = {};
        clock.begin();
        for (; statistics.steps < calls; ++statistics.steps) {
            (void)clock.call(block, 1, statistics);
            clock.ended(statistics);
        }
        return statistics.work_s / burned;
    };
    const auto shown = [&](double off, std::size_t calls, auto microseconds) {
        double ratio = 0;
        for (int tries = 0; tries < 20; ++tries)
            if (ratio = once(calls, microseconds); std::abs(ratio - 1) <= off) break;
        return ratio;
    };
    // Few long ones; many short ones; by turns; long ones, and middle ones, among many short; a first one that is long.
    EXPECT_NEAR(shown(0.1, 10, [](std::uint64_t) { return 3000; }), 1, 0.1);
    EXPECT_NEAR(shown(0.25, 10'000, [](std::uint64_t) { return 20; }), 1, 0.25);
    EXPECT_NEAR(shown(0.25, 8'000, [](std::uint64_t step) { return step % 2 == 0 ? 5 : 60; }), 1, 0.25);
    EXPECT_NEAR(shown(0.25, 8'000, [](std::uint64_t step) { return step % 997 == 500 ? 30'000 : 10; }), 1, 0.25);
    EXPECT_NEAR(shown(0.25, 20'000, [](std::uint64_t step) { return step % 997 == 500 ? 6'000 : 15; }), 1, 0.25);
    EXPECT_NEAR(shown(0.25, 2'000, [](std::uint64_t step) { return step == 0 ? 10'000 : 20; }), 1, 0.25);
}

TEST_F(CallClocks, NameWhatABlockWaitsFor) {
    Watcher watcher;
    clock.observer = &watcher;
    for (const Wait wait :
         {Wait::nothing, Wait::input, Wait::output, Wait::messages, Wait::message_room, Wait::pending, Wait::held, Wait::done})
        clock.waited(block, statistics, wait, 0.25);
    EXPECT_THAT(watcher.waits,
                ElementsAre("probe input", "probe output", "probe messages", "probe room for messages", "probe its own steps"));
    EXPECT_EQ(watcher.waited_s, 1.25);
    EXPECT_EQ(statistics.input_wait_s, 0.5);
    EXPECT_EQ(statistics.output_wait_s, 0.75);
    clock.observer = nullptr;
    clock.waited(block, statistics, Wait::input, 0.25);
    EXPECT_EQ(statistics.input_wait_s, 0.75);
}

// The machine may take the thread away at any time: once in many tries it does not.
TEST_F(CallClocks, FindLongCallsThatAreNotMeasured) {
    BlockStatistics before, after;
    for (int tries = 0; tries < 50; ++tries) {
        before = statistics = after = {};
        clock.begin();
        clock.ended(before);
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        clock.ended(statistics);
        clock.ended(after);
        ASSERT_GT(statistics.longest_step_s, 0.02);
        if (before.longest_step_s == 0 && after.longest_step_s == 0) break;
    }
    EXPECT_EQ(before.longest_step_s, 0);
    EXPECT_EQ(after.longest_step_s, 0) << "the next one begins where that ended";
}

TEST(Observers, SeeCallsWaitsLinksInBothDirectionsAndFiles) {
    constexpr std::uint64_t length = 200'000;
    const test::Folder folder;
    const std::string text = "flowspan: 1\nblocks:\n  source: {type: ramp, length: " + std::to_string(length) +
                             "}\n  there: {type: eventful}\n  sink: {type: file_sink, path: " + folder / "out.raw" +
                             "}\nconnections: [source -> there -> sink]\n";
    Watcher watchers[2];
    comm::run_local(2, [&](comm::Communicator& communicator) {
        tests::Collected collected;
        Registry registry = built_in_blocks();
        tests::add_test_blocks(registry, collected);
        Flowgraph graph(registry, text, "test.yaml", {});
        graph.describe({});
        graph::Assignment assignment;
        assignment.mode = graph::Assignment::Mode::listed;
        assignment.places.resize(2);
        for (int rank = 0; rank < 2; ++rank) assignment.places[std::size_t(rank)].ranks = {rank};
        for (int b = 0; b < graph.size(); ++b)
            assignment.places[graph.block(b).name() == "there" ? 1 : 0].selections.push_back({{b}, false});
        const partition::Plan plan = partition::make_plan(graph.described(), assignment, {.ranks = 2});
        Watcher& watcher = watchers[communicator.rank()];
        io::Publisher publisher("test", true);
        {
            io::Thread io(publisher);
            io.watch(&watcher);
            PartitionTasks tasks(graph, plan, communicator, io, {.observer = &watcher});
            tasks.prepare();
            communicator.all_gather("");
            tasks.open();
            while (!tasks.finished()) {
                if (tasks.turn()) continue;
                tasks.account_idle(1e-6);
                std::this_thread::yield();
            }
            tasks.close();
            io.drain();
        }
        communicator.all_gather("");
        publisher.publish();
    });
    const auto& [zero, one] = watchers;
    EXPECT_EQ(zero.items_of, (std::map<std::string, std::uint64_t>{{"source", length}, {"sink", length}}));
    EXPECT_EQ(one.items_of, (std::map<std::string, std::uint64_t>{{"there", length}}));
    EXPECT_TRUE(zero.in_order && one.in_order);
    EXPECT_THAT(one.waits, ::testing::Contains("there input"));
    EXPECT_THAT(zero.waits, ::testing::Contains("sink input"));
    for (const Watcher& w : watchers) {
        ASSERT_EQ(w.sent.size(), 1U);
        ASSERT_EQ(w.received.size(), 1U);
        const int peer = &w == &zero ? 1 : 0;
        EXPECT_EQ(w.sent.begin()->first.second, peer);
        EXPECT_EQ(w.received.begin()->first.second, peer);
        EXPECT_EQ(w.received.begin()->second, length * sizeof(f32));
        EXPECT_EQ(w.sent.begin()->second, length * sizeof(f32));
        EXPECT_NE(w.sent.begin()->first.first, w.received.begin()->first.first);
    }
    EXPECT_EQ(zero.sent.begin()->first.first, one.received.begin()->first.first) << "an edge has one number";
    EXPECT_GT(zero.files, 0);
    EXPECT_EQ(one.files, 0);
    EXPECT_TRUE(zero.files_in_order);
    EXPECT_EQ(test::content_of(folder / "out.raw").size(), length * sizeof(f32));
}

}  // namespace
}  // namespace flowspan::runtime

// Series of steps through chains of plain blocks: that they happen, and that the books are right when one ends in the middle.
#include "tests/unit/runtime/whole/collect.hpp"

#include "comm/local/local.hpp"
#include "io/publish/product.hpp"
#include "io/writing/thread.hpp"
#include "partition/plan.hpp"
#include "runtime/partition/partition_tasks.hpp"

#include <gtest/gtest.h>

#include <functional>

using namespace flowspan;

namespace {

constexpr std::uint64_t quantum = 5120;  // items of rf32: what a chain's ring holds

void on_one_rank(const std::string& text, const std::function<void(runtime::PartitionTasks&)>& look) {
    tests::Collected collected;
    comm::run_local(1, [&](comm::Communicator& communicator) {
        Registry registry = built_in_blocks();
        tests::add_test_blocks(registry, collected);
        runtime::Flowgraph graph(registry, text, "test.yaml", {});
        graph.describe({});
        const partition::Plan plan = partition::make_plan(graph.described(), {}, {.ranks = 1});
        io::Publisher publisher("test", true);
        io::Thread io(publisher);
        runtime::PartitionTasks tasks(graph, plan, communicator, io, {});
        tasks.prepare();
        tasks.open();
        look(tasks);
        tasks.close();
    });
}

void run(runtime::PartitionTasks& tasks) {
    while (!tasks.finished()) tasks.turn();
}

const runtime::BlockStatistics& statistics(runtime::PartitionTasks& tasks, int block) {
    return tasks.task_of(block)->statistics();
}

}  // namespace

TEST(Series, SeveralQuantaPassAChainBeforeAnythingElseIsLookedAt) {
    on_one_rank(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 1000003}
  pass: {type: copy, copies: 3}
  sink: {type: null_sink}
connections:
  - source -> pass[0] -> pass[1] -> pass[2] -> sink
)",
                [](runtime::PartitionTasks& tasks) {
                    for (int k = 0; k < 10; ++k) tasks.turn();
                    for (int b = 0; b < 5; ++b) {
                        EXPECT_GE(statistics(tasks, b).items_out, 40 * quantum);  // though a tick of the clock ends one early
                        EXPECT_EQ(statistics(tasks, b).items_out, statistics(tasks, 0).items_out);
                        EXPECT_EQ(statistics(tasks, b).steps, statistics(tasks, 0).steps);
                    }
                    run(tasks);
                    for (int b = 0; b < 5; ++b) {
                        EXPECT_EQ(statistics(tasks, b).items_out, 1000003U);
                        EXPECT_EQ(statistics(tasks, b).items_in, b == 0 ? 0U : 1000003U);
                        EXPECT_EQ(statistics(tasks, b).steps, 1000003U / quantum + 1);
                    }
                });
}

TEST(Series, EveryStepIsTimedAsOftenAsElsewhere) {
    on_one_rank(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 10000000}
  pass: {type: copy, copies: 2}
  sink: {type: null_sink}
connections:
  - source -> pass[0] -> pass[1] -> sink
)",
                [](runtime::PartitionTasks& tasks) {
                    run(tasks);
                    for (int b = 0; b < 4; ++b) EXPECT_GT(statistics(tasks, b).work_s, 0);
                    // The source counts, the others copy or do nothing.
                    EXPECT_GT(statistics(tasks, 0).work_s, statistics(tasks, 3).work_s);
                });
}

TEST(Series, AFailureWithinOneLeavesRightBooks) {
    on_one_rank(R"(flowspan: 1
blocks:
  source: {type: ramp, length: 1000003}
  first: {type: copy}
  bad: {type: fails, at: 50000}
  last: {type: copy}
  sink: {type: null_sink}
connections: [source -> first -> bad -> last -> sink]
)",
                [](runtime::PartitionTasks& tasks) {
                    try {
                        run(tasks);
                        FAIL() << "nothing failed";
                    } catch (const runtime::BlockFailure& failure) {
                        EXPECT_EQ(failure.block, "bad");
                        EXPECT_STREQ(failure.what(), "has seen enough");
                    }
                    const std::uint64_t whole = 50000 / quantum * quantum;
                    for (const int b : {0, 1}) EXPECT_EQ(statistics(tasks, b).items_out, whole + quantum);
                    for (const int b : {2, 3, 4}) EXPECT_EQ(statistics(tasks, b).items_out, whole);
                });
}

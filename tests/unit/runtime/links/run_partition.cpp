#include "io/publish/product.hpp"
#include "io/writing/thread.hpp"
#include "link_runner.hpp"
#include "partition/plan.hpp"
#include "runtime/partition/partition_tasks.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace flowspan::tests {

void run_partition(const std::string& text, comm::Communicator& communicator, unsigned seed, bool seam,
                   std::optional<std::uint64_t> begin, Collected& collected) {
    using Clock = std::chrono::steady_clock;
    Registry registry = built_in_blocks();
    add_test_blocks(registry, collected);
    runtime::Flowgraph graph(registry, text, "test.yaml", {});
    graph.describe({});
    std::mt19937 random(seed);
    const int ranks = communicator.size();
    const partition::Plan plan = partition::make_plan(graph.described(), deal(graph, ranks, random), {.ranks = ranks});
    io::Publisher publisher("test", true);
    io::Thread io(publisher);
    runtime::PartitionTasks tasks(graph, plan, communicator, io, {.chunk_seed = seed, .seam = seam, .begin = begin});
    tasks.prepare();
    communicator.all_gather("");
    tasks.open();
    const auto begun = Clock::now();
    while (!tasks.finished()) {
        try {
            if (tasks.turn()) continue;
        } catch (const runtime::BlockFailure& e) {
            if (ranks == 1) throw;
            ADD_FAILURE() << "rank " << communicator.rank() << ", " << e.block << ": " << e.what();  // the others would wait
            communicator.abort(1);
        }
        std::this_thread::yield();
        if (Clock::now() - begun < std::chrono::seconds(60)) continue;
        std::string report = "rank " + std::to_string(communicator.rank()) + " does not end:";
        for (const auto& line : tasks.stall_report()) report += "\n  " + line;
        ADD_FAILURE() << report;
        communicator.abort(1);
    }
    tasks.close();
    communicator.all_gather("");
    EXPECT_FALSE(communicator.anything_unreceived());
}

}  // namespace flowspan::tests

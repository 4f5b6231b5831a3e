#include "graph_builder.hpp"

#include <gmock/gmock.h>

#include <numeric>

namespace flowspan::partition {
namespace {

using test::Builder;
using test::listed;
using test::on;
using test::place;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// source -> splitter with n outputs -> n chains of `length` blocks.
struct Bank {
    Builder b;
    std::vector<std::vector<int>> chains;
    explicit Bank(int n, int length) {
        const int source = b.add("source", {}, 1);
        const int split = b.add("split", {{b.out(source)}}, n, {.decimation = std::uint64_t(n)});
        std::vector<int> last;
        for (int i = 0; i < n; ++i) last.push_back(b.out(split, i));
        for (int k = 0; k < length; ++k) {
            chains.emplace_back();
            for (int i = 0; i < n; ++i) {
                const int block = b.add("c" + std::to_string(k) + "[" + std::to_string(i) + "]", {{last[std::size_t(i)]}}, 1);
                chains.back().push_back(block);
                last[std::size_t(i)] = b.out(block);
            }
        }
    }
};

TEST(Assignment, DealsCopiesInContiguousRunsAndEqualCountsAlike) {
    Bank bank(5, 2);
    const Plan plan =
        make_plan(bank.b.graph, listed({place(0, 0, {{0}, {1}}), place(1, 2, {bank.chains[0], bank.chains[1]})}), on(3));
    EXPECT_THAT(plan.rank_of, ElementsAre(0, 0, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2));
    EXPECT_THAT(plan.followed, IsEmpty());
    EXPECT_THAT(plan.notes, IsEmpty());
}

TEST(Assignment, LetsUnnamedBlocksFollowTheirFirstProducer) {
    Builder b;
    const int a = b.add("a", {}, 1), c = b.add("c", {}, 1);
    const int join = b.add("join", {{b.out(c)}, {b.out(a)}}, 1);
    const int after = b.add("after", {{b.out(join)}}, 0);
    const int log = b.add("log", {}, 0);
    const int lone = b.add("lone", {}, 1);
    b.message(join, log);
    const Plan plan = make_plan(b.graph, listed({place(0, 0, {{a}}), place(1, 1, {{c}})}), on(2));
    EXPECT_THAT(plan.rank_of, ElementsAre(0, 1, 1, 1, 1, 0));
    EXPECT_THAT(plan.followed, ElementsAre(join, after, log, lone));
}

TEST(Assignment, IsIgnoredOnOneRankWithANote) {
    Bank bank(2, 1);
    const Plan plan = make_plan(bank.b.graph, listed({place(0, 3, {bank.chains[0]})}), on(1));
    EXPECT_THAT(plan.rank_of, ElementsAre(0, 0, 0, 0));
    EXPECT_THAT(plan.notes, ElementsAre("the assignment is ignored on one rank"));
    EXPECT_THAT(plan.crossings, IsEmpty());
}

TEST(Assignment, RefusesFewerAndMoreRanksThanNamed) {
    Bank bank(2, 1);
    for (const int ranks : {2, 4}) {
        try {
            make_plan(bank.b.graph, listed({place(0, 0, {{0}}), place(1, 2, {bank.chains[0]})}), on(ranks));
            FAIL() << "accepted " << ranks;
        } catch (const Refused& refused) {
            EXPECT_EQ(std::string(refused.what()),
                      "graph.yaml:9:3: ranks: expected 3 ranks (the assignment names ranks 0 to 2), got " +
                          std::to_string(ranks) +
                          "\n    9 |   0: source\n      |   ^\n   hint: `--ranks auto` places the blocks anew, `--ranks fold` "
                          "takes rank r "
                          "modulo the number of ranks");
        }
    }
}

TEST(Assignment, FoldsRanksModuloTheirNumber) {
    Bank bank(4, 1);
    auto assignment = listed({place(0, 0, {{0}, {1}}), place(1, 4, {bank.chains[0]})});
    assignment.mode = graph::Assignment::Mode::fold;
    EXPECT_THAT(make_plan(bank.b.graph, assignment, on(2)).rank_of, ElementsAre(0, 0, 1, 0, 1, 0));
}

TEST(Assignment, GivesNamedPlacesTheLowestFreeRunOfRanks) {
    Bank bank(4, 1);
    graph::Place gpus = place(0, -1, {bank.chains[0]});
    gpus.name = "gpus";
    gpus.count = 2;
    const Plan plan = make_plan(bank.b.graph, listed({gpus, place(0, 0, {{0}}), place(2, 2, {{1}})}), on(5));
    EXPECT_THAT(plan.rank_of, ElementsAre(0, 2, 3, 3, 4, 4));
    EXPECT_THAT(plan.notes, ElementsAre("rank 1 runs no block"));
}

TEST(AutomaticCut, IsContiguousAndBalancesCostTimesRate) {
    Builder b;
    int last = b.add("source", {}, 1);
    for (int i = 0; i < 7; ++i) last = b.add("b", {{b.out(last)}}, 1, {}, i == 2 ? 4 : 1);
    const Plan plan = make_plan(b.graph, {}, on(3));
    // Costs 1 1 1 4 1 1 1 1: the best largest part is 4.
    EXPECT_THAT(plan.rank_of, ElementsAre(0, 0, 0, 1, 2, 2, 2, 2));
}

TEST(AutomaticCut, KnowsThatWorkAfterADecimationIsCheap) {
    Builder b;
    const int source = b.add("source", {}, 1, {}, 1);
    const int decimate = b.add("decimate", {{b.out(source)}}, 1, {.decimation = 100}, 1);
    int last = decimate;
    for (int i = 0; i < 10; ++i) last = b.add("slow", {{b.out(last)}}, 1, {}, 1);
    const Plan plan = make_plan(b.graph, {}, on(2));
    EXPECT_EQ(plan.rank_of[std::size_t(source)], 0);
    EXPECT_EQ(plan.rank_of[std::size_t(decimate)], 1);
    EXPECT_EQ(plan.rank_of[std::size_t(last)], 1);
}

TEST(AutomaticCut, KeepsChainsOfCopiesTogether) {
    Bank bank(8, 3);
    graph::Assignment automatic;
    automatic.mode = graph::Assignment::Mode::automatic;
    const Plan plan = make_plan(bank.b.graph, automatic, on(4));
    int cuts = 0;
    for (const Crossing& crossing : plan.crossings) cuts += crossing.output > bank.b.out(1, 7) ? 1 : 0;
    EXPECT_LE(cuts, 3) << "at most one chain is parted at each of the three cuts";
}

TEST(AutomaticCut, LeavesNoRankIdleWhileThereAreBlocks) {
    Builder b;
    const int source = b.add("source", {}, 1, {}, 1000);
    b.add("x", {{b.out(source)}}, 0, {}, 0);
    b.add("y", {{b.out(source)}}, 0, {}, 0);
    EXPECT_THAT(make_plan(b.graph, {}, on(3)).rank_of, ElementsAre(0, 1, 2));
    const Plan more = make_plan(b.graph, {}, on(6));
    EXPECT_THAT(more.notes, ElementsAre("ranks 3-5 run no block"));
}

TEST(Order, NamesACycleInOrder) {
    Builder b;
    const int a = b.add("a", {{3}}, 1), c = b.add("c", {{b.out(a)}}, 1), d = b.add("d", {{b.out(c)}}, 1),
              e = b.add("e", {{b.out(d)}}, 1);
    b.add("sink", {{b.out(e)}}, 0);
    EXPECT_THAT(graph::topological_order(b.graph).cycle, ElementsAre(a, c, d, e));
    try {
        make_plan(b.graph, {}, on(2));
        FAIL();
    } catch (const Refused& refused) {
        EXPECT_EQ(std::string(refused.what()),
                  "connections: expected a graph without cycles, got a -> c -> d -> e -> a\n"
                  "   hint: a cycle through messages needs one of them marked `feedback: {delay: N samples}`");
    }
}

TEST(Order, FollowsMessagesButNotFeedback) {
    Builder b;
    const int source = b.add("source", {}, 1), worker = b.add("worker", {{b.out(source)}}, 1),
              control = b.add("control", {}, 0);
    b.message(worker, control);
    b.message(control, source, true);
    EXPECT_THAT(graph::topological_order(b.graph).order, ElementsAre(source, worker, control));
    b.graph.messages.back().feedback = false;
    EXPECT_THAT(graph::topological_order(b.graph).cycle, ElementsAre(source, worker, control));
}

TEST(Crossings, AreOnePerOutputAndReadingRank) {
    Builder b;
    const int source = b.add("source", {}, 1);
    std::vector<int> sinks;
    for (int i = 0; i < 6; ++i) sinks.push_back(b.add("sink", {{b.out(source)}}, 0));
    const Plan plan = make_plan(b.graph, listed({place(0, 0, {{source}}), place(0, 2, {sinks})}), on(3));
    ASSERT_EQ(plan.crossings.size(), 2u);
    EXPECT_EQ(plan.crossings[0].to, 1);
    EXPECT_EQ(plan.crossings[1].to, 2);
    EXPECT_EQ(plan.crossings[0].quantum * 8, 256u << 10);
    for (const int rank : {0, 1, 2}) EXPECT_NE(plan.buffer(b.out(source), rank), nullptr);
    EXPECT_EQ(plan.buffer(b.out(source), 3), nullptr);
}

TEST(Conversions, AreOnePerOutputTypeAndRank) {
    Builder b;
    const int source = b.add("source", {}, 1);
    std::vector<int> sinks;
    for (int i = 0; i < 4; ++i) {
        sinks.push_back(b.add("sink", {{b.out(source)}}, 0));
        b.graph.blocks.back().inputs[0].converted_to = SampleType::cf32;
    }
    const Plan plan = make_plan(b.graph, listed({place(0, 0, {{source}}), place(1, 2, {sinks})}), on(3));
    ASSERT_EQ(plan.conversions.size(), 2u);
    EXPECT_EQ(plan.conversions[0].rank, 1);
    EXPECT_EQ(plan.conversions[1].rank, 2);
}

TEST(Plan, TakesTenThousandBlocksOnAThousandRanks) {
    Bank bank(1000, 10);
    const Plan cut = make_plan(bank.b.graph, {}, on(1024));
    EXPECT_EQ(cut.rank_of.size(), 10002u);
    const Plan dealt = make_plan(bank.b.graph, listed({place(0, 0, {{0}, {1}}), place(1, 1023, bank.chains)}), on(1024));
    EXPECT_EQ(dealt.crossings.size(), 1000u);
    EXPECT_EQ(dealt.buffers.size(), 11001u + 1000);
    for (std::size_t i = 0; i < 1000; ++i)
        for (std::size_t k = 1; k < 10; ++k)
            EXPECT_EQ(dealt.rank_of[std::size_t(bank.chains[k][i])], dealt.rank_of[std::size_t(bank.chains[0][i])]);
}

}  // namespace
}  // namespace flowspan::partition

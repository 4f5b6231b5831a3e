#include "graph_builder.hpp"

#include "partition/requirements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::partition {
namespace {

using graph::Need;
using test::Builder;
using test::listed;
using test::on;
using test::place;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Need need(Need::Kind kind, const std::string& text, std::uint64_t amount = 0, bool preferred = false) {
    static const std::vector<std::string> names{"cuda", "memory", "host", "path", "plugin", "exclusive"};
    const std::string key = (preferred ? "prefer." : "require.") + names[std::size_t(kind)];
    return {kind, text, amount, preferred, "ranks.gpu." + key, {"graph.yaml", 7, 20, {}}};
}

/// Four ranks: two on a plain node, two on one with a device, a plug-in and /data.
PlanOptions four() {
    PlanOptions options = on(4);
    const NodeFacts plain{"login1", 4ULL << 30, {}, {}, {}}, rich{"nid07", 64ULL << 30, {"H100"}, {"/data"}, {"lora"}};
    options.nodes = {plain, plain, rich, rich};
    return options;
}

struct Chain {
    Builder b;
    std::vector<int> blocks;
    explicit Chain(int n) {
        for (int i = 0; i < n; ++i) {
            const bool first = i == 0, last = i + 1 == n;
            blocks.push_back(b.add("b" + std::to_string(i),
                                   first ? std::vector<test::Edge>{} : std::vector<test::Edge>{{b.out(i - 1)}}, last ? 0 : 1));
        }
    }
};

std::string refusal(const graph::DescribedGraph& graph, const graph::Assignment& assignment, const PlanOptions& options) {
    try {
        make_plan(graph, assignment, options);
    } catch (const Refused& refused) { return refused.what(); }
    return "";
}

TEST(Needs, OfANamedPlaceChooseRanksThatOfferThem) {
    Chain chain(4);
    graph::Place gpu = place(0, -1, {{2}});
    gpu.name = "gpu";
    gpu.count = 1;
    gpu.needs = {need(Need::Kind::cuda, "1", 1), need(Need::Kind::host, "nid0*"), need(Need::Kind::memory, "8 GiB", 8ULL << 30),
                 need(Need::Kind::path, "/data"), need(Need::Kind::plugin, "lora")};
    const auto assignment = listed({gpu, place(0, 0, {{0}}), place(1, 1, {{1}}), place(3, 3, {{3}})});
    EXPECT_THAT(make_plan(chain.b.graph, assignment, four()).rank_of, ElementsAre(0, 1, 2, 3));
}

TEST(Needs, OfSeveralPlacesAreServedTogetherWhereThatIsPossible) {
    Chain chain(4);
    graph::Place memory = place(0, -1, {{0}}), cuda = place(0, -1, {{1}});
    memory.name = "memory";
    memory.needs = {need(Need::Kind::memory, "1 GiB", 1ULL << 30)};  // any rank would do: it must not take both good ones
    memory.count = 2;
    cuda.name = "cuda";
    cuda.needs = {need(Need::Kind::cuda, "1", 1)};
    cuda.count = 2;
    const Plan plan = make_plan(chain.b.graph, listed({memory, cuda}), four());
    EXPECT_THAT(plan.rank_of, ElementsAre(0, 2, 2, 2));
}

TEST(Needs, ThatANumberedRankDoesNotOfferAreRefusedWithTheRankThatDoes) {
    Chain chain(3);
    graph::Place first = place(0, 1, {{0}});
    first.needs = {need(Need::Kind::cuda, "1", 1), need(Need::Kind::host, "nid9*")};
    const auto assignment = listed({first, place(2, 2, {{1}}), place(3, 3, {{2}})});
    EXPECT_EQ(refusal(chain.b.graph, assignment, four()),
              "graph.yaml:7:20: ranks.gpu.require.cuda: expected at least 1 CUDA device on ranks 0-1 (login1), got none\n"
              "   hint: ranks 2-3 (nid07) offer it\n"
              "graph.yaml:7:20: ranks.gpu.require.host: expected a host like nid9* on ranks 0-1 (login1), got login1\n"
              "   hint: no rank offers it");
}

TEST(Needs, OfBlocksHoldOnOneRankToo) {
    Chain chain(2);
    graph::Assignment assignment;
    assignment.needs[1] = {need(Need::Kind::path, "/data")};
    PlanOptions one = on(1);
    one.nodes = {{"login1", 0, {}, {}, {}}};
    EXPECT_EQ(refusal(chain.b.graph, assignment, one),
              "graph.yaml:7:20: ranks.gpu.require.path: expected /data on rank 0 (login1), got no such path\n"
              "   hint: no rank offers it");
    one.nodes[0].paths = {"/data"};
    EXPECT_EQ(refusal(chain.b.graph, assignment, one), "");
}

TEST(Needs, ThatArePreferredAreNotedAndNoMore) {
    Chain chain(3);
    graph::Place first = place(0, 0, {{0}});
    first.needs = {need(Need::Kind::plugin, "lora", 0, true)};
    const Plan plan = make_plan(chain.b.graph, listed({first, place(1, 1, {{1}}), place(2, 3, {{2}})}), four());
    EXPECT_THAT(plan.notes, ElementsAre("rank 3 runs no block",
                                        "ranks.gpu.prefer.plugin prefers plug-in lora; rank 0 (login1) offers no plug-in"));
}

TEST(Needs, OfMemoryAddUpOverTheRanksOfOneHost) {
    Chain chain(4);
    graph::Assignment assignment = listed({place(0, 0, {{0}}), place(1, 1, {{1}}), place(2, 2, {{2}}), place(3, 3, {{3}})});
    for (const int b : {0, 1}) assignment.needs[b] = {need(Need::Kind::memory, "3 GiB", 3ULL << 30)};
    EXPECT_EQ(
        refusal(chain.b.graph, assignment, four()),
        "graph.yaml:7:20: ranks.gpu.require.memory: expected 6 GiB of free memory on ranks 0-1 (login1) together, got 4 GiB\n"
        "   hint: place fewer of these blocks there, or start fewer ranks on that host");
    assignment.needs[1][0].amount = 1ULL << 30;
    EXPECT_EQ(refusal(chain.b.graph, assignment, four()), "");
}

TEST(Needs, DevicesOfOneRankAreSeenByNoOtherThatNeedsSome) {
    Chain chain(2);
    const auto assignment = [](bool other_needs) {
        auto a = listed({place(0, 0, {{0}}), place(1, 1, {{1}}), place(2, 2, {}), place(3, 3, {})});
        a.needs[0] = {need(Need::Kind::cuda, "1", 1), need(Need::Kind::exclusive, "true", 1)};
        if (other_needs) a.needs[1] = {need(Need::Kind::cuda, "1", 1)};
        return a;
    };
    PlanOptions options = on(4);
    const auto node = [](const char* host, const char* id) {
        NodeFacts facts{host, 1ULL << 30, {"H100"}, {}, {}};
        if (*id != 0) facts.device_ids = {id};
        return facts;
    };
    options.nodes = {node("nid07", "a"), node("nid07", "a"), node("nid07", "a"), node("nid07", "a")};
    EXPECT_EQ(refusal(chain.b.graph, assignment(true), options),
              "graph.yaml:7:20: ranks.gpu.require.exclusive: expected devices of its own on rank 0 (nid07), got one that rank "
              "1 sees, "
              "too\n   hint: give each rank of a host its own, as srun --gpus-per-task=1 does, or start one such rank a host");
    EXPECT_EQ(refusal(chain.b.graph, assignment(false), options), "") << "the others do not use theirs";
    options.nodes[1].device_ids = {"b"};
    EXPECT_EQ(refusal(chain.b.graph, assignment(true), options), "");
    options.nodes[1] = node("nid08", "a");
    EXPECT_EQ(refusal(chain.b.graph, assignment(true), options), "") << "of another host";
    options.nodes[0] = options.nodes[1] = node("nid07", "");
    EXPECT_EQ(refusal(chain.b.graph, assignment(true), options), "") << "which is which is not known (check)";
}

TEST(Needs, GuideTheAutomaticCut) {
    Chain chain(8);
    graph::Assignment assignment;
    assignment.mode = graph::Assignment::Mode::automatic;
    assignment.needs[0] = {need(Need::Kind::host, "login*")};
    assignment.needs[3] = {need(Need::Kind::cuda, "1", 1)};
    assignment.needs[7] = {need(Need::Kind::host, "login*", 0, true)};
    const Plan plan = make_plan(chain.b.graph, assignment, four());
    EXPECT_LT(plan.rank_of[0], 2);
    EXPECT_GE(plan.rank_of[3], 2);
    EXPECT_LT(plan.rank_of[7], 2);
    std::vector<int> load(4);
    for (const int rank : plan.rank_of) ++load[std::size_t(rank)];
    EXPECT_THAT(load, ElementsAre(2, 2, 2, 2)) << "and the cost is still spread";
}

TEST(Needs, ThatNoRankServesAreRefusedInTheAutomaticCutToo) {
    Chain chain(3);
    graph::Assignment assignment;
    assignment.needs[1] = {need(Need::Kind::cuda, "2", 2)};
    EXPECT_EQ(refusal(chain.b.graph, assignment, four()),
              "graph.yaml:7:20: ranks.gpu.require.cuda: expected at least 2 CUDA devices on rank 1 (login1), got none\n"
              "   hint: no rank offers it");
}

TEST(Needs, AreNotLookedAtWithoutFacts) {
    Chain chain(3);
    graph::Assignment assignment;
    assignment.needs[1] = {need(Need::Kind::cuda, "2", 2)};
    EXPECT_EQ(refusal(chain.b.graph, assignment, on(4)), "");
}

}  // namespace
}  // namespace flowspan::partition

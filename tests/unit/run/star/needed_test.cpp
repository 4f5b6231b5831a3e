// Cycles that lead nowhere any more.
#include "run/star/needed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

/// source 0 -> receiver 1 -> sender 2 -> head 3 -> sink 4; 2 tells 1; 1 tells log 5. Blocks of even number on rank 0.
struct Loop {
    graph::DescribedGraph graph;
    Loop() {
        graph.blocks.resize(6);
        for (int b = 0; b < 4; ++b) {
            graph.outputs.push_back({});
            graph.outputs.back().block = b;
        }
        for (int b = 1; b < 5; ++b) {
            graph.blocks[std::size_t(b)].inputs.push_back({});
            graph.blocks[std::size_t(b)].inputs[0].output = b - 1;
        }
        graph.blocks[4].publishes = true;
        say(2, 1, true);
    }
    void say(int from, int to, bool feedback) {
        graph::DescribedMessageEdge m{};
        m.from = from;
        m.to = to;
        m.feedback = feedback;
        graph.messages.push_back(m);
    }
    Needed needed() const { return {graph, {0, 1, 0, 1, 0, 1}}; }
};

TEST(Needed, IsNothingOfACycleWhoseOnlyReaderHasEnded) {
    Needed needed = Loop().needed();
    EXPECT_TRUE(needed.has_cycles());
    EXPECT_THAT(needed.ended({5}), IsEmpty());
    EXPECT_THAT(needed.ended({3}), ElementsAre(Pair(0, ElementsAre(0, 2)), Pair(1, ElementsAre(1))));
    EXPECT_THAT(needed.ended({4}), IsEmpty()) << "each is told once";
    EXPECT_THAT(needed.ended({0, 2}), IsEmpty());
}

TEST(Needed, IsACycleFromWhichSomethingElseCanBeSeen) {
    Loop loop;
    loop.say(1, 5, false);
    Needed needed = loop.needed();
    EXPECT_THAT(needed.ended({3, 4}), IsEmpty()) << "what 2 says changes what 1 tells the log";
    EXPECT_THAT(needed.ended({5}), ElementsAre(Pair(0, ElementsAre(0, 2)), Pair(1, ElementsAre(1))));
}

TEST(Needed, HasNoCyclesWithoutFeedback) {
    Loop loop;
    loop.graph.messages.clear();
    EXPECT_FALSE(loop.needed().has_cycles());
}

}  // namespace
}  // namespace flowspan::run

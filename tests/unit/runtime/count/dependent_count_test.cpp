// What a call of a block with a data-dependent rate is given, and what it may come to.
#include "runtime/count/counting.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gtest/gtest.h>

#include <random>

namespace flowspan::runtime {
namespace {

using memory::EndKind;
using tests::failure_of;
using tests::Given;
using tests::Stage;
using tests::stream;

/// A block that needs 4 items, takes at most 64 of each input and makes at most 10.
struct Dependent : ::testing::Test {
    void begin(Given around = {}, CountOptions options = {}, bool exact = false) {
        around.data_dependent = true;
        if (around.need == 0) around.need = 4, around.at_most = 64;
        if (around.room == 0) around.room = 10;
        stage = std::make_unique<Stage>(around);
        count.emplace(*stage, stage->block, stage->at, std::move(options), exact);
    }
    bool next() {
        call = count->next(bounds, wait);
        if (call) count->place(*call);
        return call.has_value();
    }
    /// Items of an input that the next call gets; -1: there is none.
    int given(std::size_t input = 0) { return next() ? int(stage->block.ins[input].count()) : -1; }
    /// The call takes and makes so much.
    void came(std::vector<std::size_t> taken, std::vector<std::size_t> made) {
        for (std::size_t k = 0; k < taken.size(); ++k) stage->block.ins[k].consume(taken[k]);
        for (std::size_t k = 0; k < made.size(); ++k) stage->block.outs[k].produce(made[k]);
        const auto& result = count->came(*call);
        for (std::size_t k = 0; k < taken.size(); ++k) {
            EXPECT_EQ(result.taken[k], taken[k]);
            In& in = stage->ins[k];
            in.reader->advance(in.reader->index() + taken[k]);
            in.reader->release(in.reader->index());
        }
        for (std::size_t k = 0; k < made.size(); ++k) {
            Out& out = stage->outs[k];
            out.made += result.made[k];
            out.wire->buffer.issue(result.made[k]);
            out.wire->buffer.complete(result.made[k]);
        }
        if (!made.empty()) stage->at.total_made += result.made[0];
    }
    std::string failure(std::vector<std::size_t> taken, std::vector<std::size_t> made) {
        return failure_of([&] { came(std::move(taken), std::move(made)); });
    }
    std::unique_ptr<Stage> stage;
    std::optional<DependentCount> count;
    Bounds bounds;
    Wait wait = Wait::nothing;
    std::optional<Call> call;
};

using DependentCounts = Dependent;

TEST_F(DependentCounts, GiveAsMuchAsThereIsUpToTheMost) {
    begin();
    stage->feed(3);
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::input);
    stage->feed(1);
    EXPECT_EQ(given(), 4);
    stage->feed(40);
    EXPECT_EQ(given(), 44);
    stage->feed(100);
    EXPECT_EQ(given(), 64);
    EXPECT_EQ(stage->block.ins[0].index(), 0U);
    EXPECT_EQ(stage->block.ins[0].item(), stage->ins[0].reader->item(0));
}

TEST_F(DependentCounts, StopBeforeAChangeAndGiveExactlyWhatIsNeededWhereItLiesAmongThat) {
    begin();
    stage->feed(200);
    for (const bool by_message : {false, true}) {
        std::uint64_t& at = by_message ? bounds.messages : bounds.barrier;
        for (const auto& [index, expected] : {std::pair{50, 50}, {5, 5}, {4, 4}, {3, 4}, {1, 4}, {64, 64}, {65, 64}}) {
            at = std::uint64_t(index);
            EXPECT_EQ(given(), expected) << index;
        }
        at = 0;
        EXPECT_EQ(given(), by_message ? -1 : 64);
        EXPECT_EQ(wait, by_message ? Wait::messages : Wait::nothing);
        bounds = {};
    }
}

TEST_F(DependentCounts, ByChunksGiveAsMuchAsTheInputMovesAndTheOutputHasRoomFor) {
    begin({.ratio = {.decimation = 20}, .capacity = 25}, {.by_chunks = true});
    stage->ins[0].wire->quantum = 300;
    stage->feed(1000);
    EXPECT_EQ(stage->behind().room(), 1024U) << "a page of items of one sample";
    EXPECT_EQ(given(), 300);
    came({300}, {1014});
    EXPECT_EQ(given(), 64) << "there is room for what a call is declared to make";
    came({64}, {0});
    stage->read(3);
    EXPECT_EQ(given(), 64 + 3 * 20);
    EXPECT_EQ(failure({124}, {14}), "makes 14 items of `out0` in a call, more than the 13 that it declares");
    bounds.barrier = stage->ins[0].reader->index() + 70;
    EXPECT_EQ(given(), 70);
    bounds = {};
    stage->read(11);
    EXPECT_EQ(given(), 300);
    came({300}, {24});
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::output);
}

TEST_F(DependentCounts, ByChunksGiveNoLessThanWhatIsAskedForAtMost) {
    begin({}, {.by_chunks = true});
    stage->ins[0].wire->quantum = 7;
    stage->feed(1000);
    EXPECT_EQ(given(), 64);
    begin({}, {.by_chunks = true}, true);
    stage->ins[0].wire->quantum = 300;
    stage->feed(1000);
    EXPECT_EQ(given(), 4) << "exactly what is needed, where messages are sent";
}

TEST_F(DependentCounts, StopBeforeATag) {
    begin();
    stage->feed(200);
    stage->tag(20, "a");
    stage->tag(22, "b");
    EXPECT_EQ(given(), 20);
    came({20}, {0});
    EXPECT_EQ(given(), 4) << "the tag is of the first item";
    came({1}, {0});
    EXPECT_EQ(given(), 4) << "b is the second one";
    came({4}, {0});
    EXPECT_EQ(given(), 64);
}

TEST_F(DependentCounts, GiveExactlyWhatIsNeededNearTheTotal) {
    begin({}, {.total = 25});
    stage->feed(200);
    EXPECT_EQ(given(), 64);
    came({5}, {10});
    EXPECT_EQ(given(), 64);
    came({5}, {5});
    EXPECT_EQ(given(), 4) << "10 are left, a call may make 10";
    came({4}, {9});
    EXPECT_EQ(given(), 4);
    came({4}, {1});
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::nothing);
}

TEST_F(DependentCounts, CutWhatIsMadeAtTheTotalOfTheFirstOutputAlone) {
    begin({.outputs = 2}, {.total = 7});
    stage->feed(200);
    given();
    stage->block.ins[0].consume(4);
    stage->block.outs[0].produce(9);
    stage->block.outs[1].produce(9);
    EXPECT_EQ(count->came(*call).made, (std::vector<std::size_t>{7, 9}));
}

TEST_F(DependentCounts, GiveExactlyWhatIsNeededWhereMessagesAreSent) {
    begin({}, {}, true);
    stage->feed(200);
    for (int k = 0; k < 5; ++k) {
        EXPECT_EQ(given(), 4);
        came({3}, {1});
    }
    stage->block.ins[0].need(30);
    EXPECT_EQ(given(), 30);
}

TEST_F(DependentCounts, HaveTwoInputsEachWithItsOwnTags) {
    begin({.inputs = 2});
    stage->feed(200, 0);
    stage->feed(3, 1);
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::input);
    stage->feed(27, 1);
    bounds.barrier = 10;
    EXPECT_EQ(given(0), 10);
    EXPECT_EQ(given(1), 30) << "a change stands at an item of input 0";
    stage->tag(8, "x", 0);
    stage->tag(12, "y", 1);
    EXPECT_EQ(given(0), 8);
    EXPECT_EQ(given(1), 12);
    came({0, 1}, {0});
    EXPECT_EQ(given(1), 11) << "it counts by itself";
    EXPECT_EQ(stage->block.ins[1].index(), 1U);
    EXPECT_FALSE(count->is_over(stage->ins[1]));
    stage->end(EndKind::ok, 1);
    EXPECT_FALSE(count->is_over(stage->ins[1])) << "29 are there";
    came({0, 11}, {0});
    came({0, 0}, {1});
    given();
    came({0, 4}, {0});
    given();
    came({0, 4}, {0});
    given();
    came({0, 4}, {0});
    given();
    came({0, 4}, {0});
    EXPECT_TRUE(count->is_over(stage->ins[1])) << "2 are, it needs 4";
    EXPECT_FALSE(count->is_over(stage->ins[0]));
}

TEST_F(DependentCounts, GiveJustWhatIsNeededOfAllInputsWhereSomethingLiesAmongThatOfOne) {
    const auto both = [&] { return std::pair(given(0), given(1)); };
    begin({.inputs = 2});
    stage->feed(30, 0);
    stage->feed(20, 1);
    EXPECT_EQ(both(), std::pair(30, 20));
    stage->tag(4, "x", 1);
    EXPECT_EQ(both(), std::pair(30, 4)) << "up to the tag";
    came({3, 1}, {1});
    EXPECT_EQ(both(), std::pair(4, 4)) << "the tag is among what is needed";
    came({3, 4}, {1});
    EXPECT_EQ(both(), std::pair(24, 15));
    bounds.barrier = 9;
    EXPECT_EQ(both(), std::pair(4, 4)) << "a change is among what is needed";
}

TEST_F(DependentCounts, GiveTheRestOnceAtTheEndOfAStretch) {
    begin();
    stage->feed(7);
    stage->end();
    EXPECT_EQ(given(), 7);
    came({4}, {1});
    EXPECT_EQ(given(), 3);
    came({0}, {1});
    EXPECT_EQ(given(), -1) << "it took nothing: no more of that";
    EXPECT_EQ(wait, Wait::nothing);
}

TEST_F(DependentCounts, GiveTheRestAgainWhileSomeIsTakenAndSomeLeft) {
    begin();
    stage->feed(3);
    stage->end();
    EXPECT_EQ(given(), 3);
    came({1}, {1});
    EXPECT_EQ(given(), 2);
    came({1}, {0});
    EXPECT_EQ(given(), 1);
    came({1}, {0});
    EXPECT_EQ(given(), -1) << "nothing is left";
    count->begin_stretch();
    EXPECT_EQ(given(), 0) << "of another stretch, which has none: what is held inside may be made";
    came({0}, {4});
    EXPECT_EQ(given(), -1);
}

TEST_F(DependentCounts, GiveNoRestAtACut) {
    begin();
    stage->feed(7);
    stage->end(EndKind::seam);
    EXPECT_EQ(given(), 7);
    came({4}, {1});
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::nothing);
}

TEST_F(DependentCounts, WaitForRoomForAllThatACallCanMake) {
    begin({.outputs = 2, .stream = stream(1, true), .in_capacity = 100, .capacity = 15});
    stage->feed(50);
    EXPECT_FALSE(count->lacks_room());
    given();
    came({4}, {0, 6});
    EXPECT_TRUE(count->lacks_room());
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::output);
    stage->woken();
    stage->read(1, 1);
    EXPECT_EQ(stage->woken(), "itself");
    EXPECT_GT(given(), 0);
}

TEST_F(DependentCounts, MakeAtMostWhatTheNominalRatioMakesOfTheMostAndOneWhereNothingIsDeclared) {
    const Given around{.ratio = {.interpolation = 3, .decimation = 2}, .data_dependent = true, .need = 1, .at_most = 5};
    stage = std::make_unique<Stage>(around);
    count.emplace(*stage, stage->block, stage->at, CountOptions{}, false);
    stage->feed(100);
    ASSERT_EQ(given(), 5);
    EXPECT_EQ(failure({5}, {8}), "") << "15/2, and one";
    given();
    EXPECT_EQ(failure({5}, {9}), "makes 9 items of `out0` in a call, more than the 8 that it declares");
}

TEST_F(DependentCounts, RefuseWhatCannotBe) {
    begin();
    stage->feed(200);
    given();
    EXPECT_EQ(failure({65}, {0}), "takes 65 items of `in0`, of the 64 that it was given");
    EXPECT_EQ(failure({4}, {11}), "makes 11 items of `out0` in a call, more than the 10 that it declares");
    EXPECT_EQ(failure({0}, {0}), "takes nothing and makes nothing of 64 items of `in0`, as many as it needs");
    EXPECT_EQ(failure({0}, {1}), "") << "it makes something";
    given();
    EXPECT_EQ(failure({1}, {0}), "") << "it takes something";
}

TEST_F(DependentCounts, LetABlockTakeNothingThatAsksForMore) {
    begin();
    stage->feed(20);
    EXPECT_EQ(given(), 20);
    stage->block.ins[0].need(21);
    EXPECT_EQ(failure({0}, {0}), "");
    EXPECT_EQ(given(), -1);
    EXPECT_EQ(wait, Wait::input);
    stage->feed(1);
    EXPECT_EQ(given(), 21);
}

TEST_F(DependentCounts, LetABlockAskForAsMuchAsItsRingIsMadeFor) {
    begin();
    stage->feed(200);
    given();
    stage->block.ins[0].need(64);
    EXPECT_EQ(failure({1}, {0}), "");
    given();
    stage->block.ins[0].need(65);
    EXPECT_EQ(failure({1}, {0}), "needs 65 items of `in0` at once: expected at most 64, what its describe() asks for");
    // A most that no ring is made for does not count: 16 MiB.
    begin({.need = 4, .at_most = (std::size_t{16} << 20) / sizeof(f32) + 1});
    stage->feed(200);
    given();
    stage->block.ins[0].need(5);
    EXPECT_EQ(failure({1}, {0}), "needs 5 items of `in0` at once: expected at most 4, what its describe() asks for");
    begin({.need = 4, .at_most = (std::size_t{16} << 20) / sizeof(f32)});
    stage->feed(200);
    given();
    stage->block.ins[0].need(5000);
    EXPECT_EQ(failure({1}, {0}), "");
}

TEST_F(DependentCounts, TakeWhatAMessageBrings) {
    begin({.inputs = 0, .message_inputs = 1}, {.total = 15});
    count->place({});
    stage->block.outs[0].produce(10);
    EXPECT_EQ(count->came_of_message().made, (std::vector<std::size_t>{10}));
    stage->at.total_made = stage->outs[0].made = 10;
    count->place({});
    EXPECT_EQ(stage->block.outs[0].index(), 10U);
    EXPECT_EQ(count->came_of_message().made, (std::vector<std::size_t>{0})) << "it says nothing";
    stage->block.outs[0].produce(10);
    EXPECT_EQ(count->came_of_message().made, (std::vector<std::size_t>{5}));
    stage->block.outs[0].produce(11);
    EXPECT_EQ(failure_of([&] { count->came_of_message(); }),
              "makes 11 items of `out0` in a call, more than the 10 that it declares");
}

// How far a block that takes 3 of every 4 it needs goes must not follow from how much was there.
TEST_F(DependentCounts, GoTheSameWayOnAnyPieces) {
    std::vector<std::uint64_t> stops;
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        CountOptions options;
        if (seed % 2 == 1) options.limit = [&random](std::size_t n) { return 1 + random() % n; };
        begin({}, std::move(options));
        for (const std::uint64_t index : {100U, 101U, 333U, 601U}) stage->tag(index, "t");
        bounds.barrier = 400;
        const auto go = [&] {
            while (stage->ins[0].reader->index() < bounds.barrier && given() >= 4) {
                const auto n = std::size_t(stage->block.ins[0].count()) / 4;
                came({3 * std::min<std::size_t>(n, 3)}, {std::min<std::size_t>(n, 3)});
                stage->read_all();
            }
        };
        for (std::uint64_t fed = 0; fed < 700;) {
            const std::uint64_t n = std::min<std::uint64_t>(700 - fed, 1 + random() % 90);
            stage->feed(n);
            fed += n;
            go();
        }
        EXPECT_EQ(stage->ins[0].reader->index(), 402U) << "the first step at or behind the change";
        bounds = {};
        go();
        stops.push_back(stage->ins[0].reader->index());
        EXPECT_EQ(stops.back(), stops.front()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace flowspan::runtime

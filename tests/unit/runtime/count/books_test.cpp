// What is issued, complete and released, and when.
#include "runtime/count/books.hpp"
#include "runtime/flow/places.hpp"
#include "runtime/flow/tag_flow.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;
using tests::Given;
using tests::Stage;
using tests::stream;
using tests::Token;

struct Kept {
    explicit Kept(const Given& given = {.stream = stream(1, true), .in_capacity = 64, .capacity = 64})
        : stage(given),
          tags(stage.block, stage, stage.at, stage.statistics),
          places(stage.block, stage, stage.at),
          books(stage, stage.at, stage.statistics, tags) {
        tags.begin_stretch(stage.at.input_anchor);
    }
    std::shared_ptr<Token> begin(std::size_t n) {
        auto token = std::make_shared<Token>();
        EXPECT_FALSE(books.enter(n, false, stage.ins.empty() ? 0 : stage.ins[0].reader->index() + n, {token}));
        return token;
    }
    bool enter(std::size_t n) { return books.enter(n, false, stage.ins[0].reader->index() + n, Step::done()); }
    /// A call with a data-dependent rate.
    bool came(const std::vector<std::size_t>& taken, const std::vector<std::size_t>& made, Step step = Step::done()) {
        return books.enter(taken, made, places, std::move(step));
    }
    /// Items that have been let go of by the block.
    std::uint64_t released() { return stage.before().completed() - (stage.before().capacity() - stage.before().room()); }
    Stage stage;
    TagFlow tags;
    Places places;
    Books books;
};

TEST(Books, CompleteAndReleaseAtOnceWhatIsDone) {
    Kept k;
    k.stage.feed(20);
    k.stage.ins[0].wire->starved = true;
    EXPECT_TRUE(k.enter(12));
    EXPECT_EQ(k.stage.behind().completed(), 12U);
    EXPECT_EQ(k.released(), 12U);
    EXPECT_EQ(k.stage.woken(), "before 0 behind 0");
    EXPECT_EQ(k.stage.at.made, 12U);
    EXPECT_EQ(k.stage.at.total_made, 12U);
    EXPECT_EQ(k.stage.statistics.steps, 1U);
    EXPECT_EQ(k.stage.statistics.items_in, 12U);
    EXPECT_EQ(k.stage.statistics.items_out, 12U);
    EXPECT_TRUE(k.books.calm());
    EXPECT_EQ(k.books.complete_up_to(12), 12U);
}

TEST(Books, WakeNoReaderThatIsRunAtOnceAnyhow) {
    Kept k;
    k.stage.feed(20);
    k.stage.outs[0].next = reinterpret_cast<BlockTask*>(&k);  // never looked into
    k.enter(5);
    EXPECT_EQ(k.stage.woken(), "");
    EXPECT_EQ(k.stage.behind().completed(), 5U);
}

TEST(Books, CompleteNothingBeforeItsStepIsComplete) {
    Kept k;
    k.stage.feed(20);
    const auto token = k.begin(12);
    EXPECT_FALSE(k.books.calm());
    EXPECT_EQ(k.stage.behind().issued(), 12U);
    EXPECT_EQ(k.stage.behind().completed(), 0U);
    EXPECT_EQ(k.stage.ins[0].reader->index(), 12U);
    EXPECT_EQ(k.released(), 0U) << "the step still reads";
    EXPECT_EQ(k.stage.woken(), "");
    EXPECT_EQ(k.books.complete_up_to(12), 0U);
    EXPECT_FALSE(k.books.complete_pending());
    token->over = true;
    EXPECT_EQ(k.stage.behind().completed(), 0U) << "it has not been looked at";
    EXPECT_TRUE(k.books.complete_pending());
    EXPECT_EQ(k.stage.behind().completed(), 12U);
    EXPECT_EQ(k.released(), 12U);
    EXPECT_EQ(k.stage.woken(), "behind 0");
    EXPECT_TRUE(k.books.calm());
    EXPECT_EQ(k.books.complete_up_to(12), 12U);
    EXPECT_FALSE(k.books.complete_pending());
}

TEST(Books, CompleteStepsInTheOrderInWhichTheyBegan) {
    Kept k;
    k.stage.feed(60);
    const auto first = k.begin(10), second = k.begin(11);
    EXPECT_FALSE(k.enter(12)) << "it is done, but those before it are not";
    const auto last = k.begin(13);
    EXPECT_TRUE(k.books.full());
    second->over = last->over = true;
    EXPECT_FALSE(k.books.complete_pending());
    EXPECT_EQ(k.stage.behind().completed(), 0U);
    EXPECT_EQ(k.books.complete_up_to(46), 0U);
    first->over = true;
    last->over = false;
    EXPECT_TRUE(k.books.complete_pending());
    EXPECT_EQ(k.stage.behind().completed(), 33U);
    EXPECT_EQ(k.released(), 33U);
    EXPECT_EQ(k.books.complete_up_to(46), 33U);
    EXPECT_FALSE(k.books.full());
    EXPECT_FALSE(k.books.calm());
    last->over = true;
    EXPECT_TRUE(k.books.complete_pending());
    EXPECT_EQ(k.stage.behind().completed(), 46U);
    EXPECT_TRUE(k.books.calm());
}

TEST(Books, SayUpToWhereASourceIsComplete) {
    Kept k({.inputs = 0, .first = 100});
    const auto first = k.begin(10), second = k.begin(10);
    EXPECT_EQ(k.books.complete_up_to(120), 100U);
    first->over = true;
    k.books.complete_pending();
    EXPECT_EQ(k.books.complete_up_to(120), 110U);
    EXPECT_EQ(k.stage.behind().completed(), 110U);
    second->over = true;
    k.books.complete_pending();
    EXPECT_EQ(k.books.complete_up_to(120), 120U);
}

TEST(Books, CountNoPaddingAsInput) {
    Kept k({.ratio = {.decimation = 4, .window = 3, .grid = 4}});
    k.stage.feed(19);
    k.stage.end();
    k.books.enter(5, false, 20, Step::done());
    EXPECT_EQ(k.stage.statistics.items_in, 19U);
    EXPECT_EQ(k.stage.statistics.items_out, 5U);
}

TEST(Books, PassOverItemsOfWhichNothingIsMade) {
    Kept k;
    k.stage.feed(20);
    k.stage.ins[0].wire->starved = true;
    Books::pass_over(k.stage.ins[0], 15);
    EXPECT_EQ(k.stage.ins[0].reader->index(), 15U);
    EXPECT_EQ(k.released(), 15U);
    EXPECT_EQ(k.stage.woken(), "before 0");
}

TEST(Books, CountWhatIsByTheOrderOfAQueueWhenItIsIssued) {
    Kept k;
    k.stage.outs[0].by_queue = true;
    k.stage.feed(20);
    k.stage.ins[0].wire->starved = true;
    const auto token = k.begin(12);
    EXPECT_EQ(k.stage.behind().completed(), 12U) << "its reader comes later in the same queue";
    EXPECT_EQ(k.released(), 0U) << "its writer is in another one";
    EXPECT_EQ(k.stage.woken(), "behind 0");
    EXPECT_EQ(k.books.complete_up_to(12), 0U);
    token->over = true;
    EXPECT_TRUE(k.books.complete_pending());
    EXPECT_EQ(k.stage.behind().completed(), 12U) << "once is enough";
    EXPECT_EQ(k.released(), 12U);
    EXPECT_EQ(k.stage.woken(), "before 0");
}

TEST(Books, ReleaseByTheOrderOfAQueueWhatIsStillRead) {
    Kept k;
    k.stage.ins[0].by_queue = true;
    k.stage.feed(20);
    k.stage.ins[0].wire->starved = true;
    const auto token = k.begin(12);
    EXPECT_EQ(k.released(), 12U);
    EXPECT_EQ(k.stage.behind().completed(), 0U);
    EXPECT_EQ(k.stage.woken(), "before 0");
    token->over = true;
    k.books.complete_pending();
    EXPECT_EQ(k.released(), 12U);
    EXPECT_EQ(k.stage.behind().completed(), 12U);
}

// Steps that complete early, late and in any order come to what steps come to that are complete at once.
TEST(Books, ComeToTheSameHoweverLateStepsComplete) {
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        std::mt19937 random(seed);
        Kept k;
        k.stage.ins[0].by_queue = seed % 2 != 0;
        k.stage.outs[0].by_queue = seed / 2 % 2 != 0;
        std::deque<std::shared_ptr<Token>> under_way;
        std::uint64_t issued = 0, over = 0;
        std::deque<std::size_t> sizes;
        for (int round = 0; round < 2000; ++round) {
            if (k.stage.before().room() >= 8) k.stage.feed(random() % 9);
            const std::size_t n = 1 + random() % 8;
            const std::uint64_t there = k.stage.before().completed() - k.stage.ins[0].reader->index();
            if (!k.books.full() && there >= n && k.stage.behind().room() >= n) {
                under_way.push_back(k.begin(n));
                sizes.push_back(n);
                issued += n;
            }
            if (!under_way.empty() && random() % 3 == 0) under_way[random() % under_way.size()]->over = true;
            k.books.complete_pending();
            while (!under_way.empty() && under_way.front()->over) {
                over += sizes.front();
                sizes.pop_front();
                under_way.pop_front();
            }
            EXPECT_EQ(k.stage.behind().completed(), k.stage.outs[0].by_queue ? issued : over);
            EXPECT_EQ(k.released(), k.stage.ins[0].by_queue ? issued : over);
            k.stage.read_all();
        }
        EXPECT_GT(over, 1000U);
    }
}

Given dependent(int inputs = 1, int outputs = 1) {
    return {.inputs = inputs,
            .outputs = outputs,
            .data_dependent = true,
            .need = 1,
            .at_most = 20,
            .stream = stream(1, true),
            .in_capacity = 64,
            .capacity = 64};
}

TEST(Books, KeepEachInputAndOutputOfADataDependentBlock) {
    Kept k(dependent(2, 2));
    k.stage.feed(20, 0);
    k.stage.feed(20, 1);
    EXPECT_TRUE(k.came({3, 7}, {5, 0}));
    EXPECT_EQ(k.stage.ins[0].reader->index(), 3U);
    EXPECT_EQ(k.stage.ins[1].reader->index(), 7U);
    EXPECT_EQ(k.stage.before(0).room(), 64U - 17);
    EXPECT_EQ(k.stage.before(1).room(), 64U - 13);
    EXPECT_EQ(k.stage.behind(0).completed(), 5U);
    EXPECT_EQ(k.stage.behind(1).completed(), 0U);
    EXPECT_EQ(k.stage.woken(), "behind 0");
    EXPECT_EQ(k.stage.outs[0].made, 5U);
    EXPECT_EQ(k.stage.at.total_made, 5U);
    EXPECT_EQ(k.stage.statistics.items_in, 3U);
    auto token = std::make_shared<Token>();
    EXPECT_FALSE(k.came({4, 4}, {0, 6}, {token}));
    EXPECT_EQ(k.books.complete_up_to(7), 3U);
    EXPECT_EQ(k.stage.behind(1).issued(), 6U);
    EXPECT_EQ(k.stage.behind(1).completed(), 0U);
    EXPECT_EQ(k.stage.before(1).room(), 64U - 13);
    token->over = true;
    k.books.complete_pending();
    EXPECT_EQ(k.stage.behind(1).completed(), 6U);
    EXPECT_EQ(k.stage.before(1).room(), 64U - 9);
}

TEST(Books, HoldTheLastItemOfEachOutputUntilTheNextOneIsComplete) {
    Kept k(dependent(1, 2));
    k.books.hold_last();
    k.stage.feed(40);
    k.came({3}, {1, 5});
    EXPECT_EQ(k.stage.behind(0).completed(), 0U);
    EXPECT_EQ(k.stage.behind(1).completed(), 4U);
    EXPECT_EQ(k.stage.woken(), "behind 1");
    k.came({3}, {2, 0});
    EXPECT_EQ(k.stage.behind(0).completed(), 2U);
    EXPECT_EQ(k.stage.behind(1).completed(), 4U);
    auto token = std::make_shared<Token>();
    k.came({3}, {1, 1}, {token});
    EXPECT_EQ(k.stage.behind(0).completed(), 2U) << "the next one has begun, but is not complete";
    token->over = true;
    k.books.complete_pending();
    EXPECT_EQ(k.stage.behind(0).completed(), 3U);
    EXPECT_EQ(k.stage.behind(1).completed(), 5U);
    k.books.complete_held();
    EXPECT_EQ(k.stage.behind(0).completed(), 4U);
    EXPECT_EQ(k.stage.behind(1).completed(), 6U);
    k.books.complete_held();
    EXPECT_EQ(k.stage.behind(0).completed(), 4U);
    k.stage.outs[0].anchor += std::exchange(k.stage.outs[0].made, 0);
    k.stage.outs[1].anchor += std::exchange(k.stage.outs[1].made, 0);
    k.books.begin_stretch();
    k.came({1}, {1, 2});
    EXPECT_EQ(k.stage.behind(0).completed(), 4U) << "it holds in the next stretch, too";
    EXPECT_EQ(k.stage.behind(1).completed(), 7U);
}

TEST(Books, CountOnFromWhereAStretchBeginsWithin) {
    Kept k(dependent());
    k.books.hold_last();
    k.stage.feed(40);
    k.stage.behind().begin_within(10);
    k.stage.outs[0].made = 10;
    k.books.begin_stretch({10});
    k.came({3}, {4});
    EXPECT_EQ(k.stage.behind().completed(), 13U);
    k.books.complete_held();
    EXPECT_EQ(k.stage.behind().completed(), 14U);
}

TEST(Books, HandTheTagsOfAnItemOverBeforeItIsComplete) {
    Kept k(dependent());
    k.books.hold_last();
    k.stage.feed(40);
    Places places(k.stage.block, k.stage, k.stage.at);
    for (const std::size_t item : {0U, 1U, 2U}) k.stage.block.outs[0].tag(item, "own", Value());
    places.state({3});
    k.tags.move({3}, {3}, places);
    EXPECT_THAT(k.stage.tags_of(), ElementsAre());
    k.came({3}, {3});
    EXPECT_EQ(k.stage.behind().completed(), 2U);
    EXPECT_THAT(k.stage.tags_of(), ElementsAre("0 own", "1 own"));
    k.books.complete_held();
    EXPECT_THAT(k.stage.tags_of(), ElementsAre("0 own", "1 own", "2 own"));
}

TEST(Books, AreNotCalmWhileSomethingThatAMessageBeganIsUnderWay) {
    Kept k;
    k.stage.feed(20);
    k.enter(7);
    auto token = std::make_shared<Token>();
    k.books.enter_begun({token});
    EXPECT_FALSE(k.books.calm());
    EXPECT_EQ(k.books.complete_up_to(7), 7U);
    EXPECT_FALSE(k.enter(3));
    EXPECT_EQ(k.stage.behind().completed(), 7U);
    token->over = true;
    EXPECT_TRUE(k.books.complete_pending());
    EXPECT_EQ(k.stage.behind().completed(), 10U);
    EXPECT_EQ(k.released(), 10U);
    EXPECT_EQ(k.stage.statistics.items_out, 10U);
    // By itself it releases nothing, and takes nothing back.
    auto other = std::make_shared<Token>();
    k.books.enter_begun({other});
    other->over = true;
    EXPECT_TRUE(k.books.complete_pending());
    EXPECT_EQ(k.released(), 10U);
    EXPECT_EQ(k.stage.behind().completed(), 10U);
    EXPECT_TRUE(k.books.calm());
}

// What a chain enters of a plain block comes to the same as what the general path enters.
TEST(Books, EnterAPlainBlockAsAnyOther) {
    for (const bool source : {false, true}) {
        std::mt19937 random(source ? 1 : 2);
        Given given{.stream = stream(1, true), .first = 50, .in_capacity = 64, .capacity = 64};
        if (source) given.inputs = 0;
        Kept general(given), plain(given);
        Plain ends{.block = &plain.stage.block,
                   .out = &plain.stage.block.outs[0],
                   .to = plain.stage.outs[0].wire,
                   .next = reinterpret_cast<BlockTask*>(&plain)};
        general.stage.outs[0].next = plain.stage.outs[0].next = ends.next;
        if (!source) {
            ends.in = &plain.stage.block.ins[0];
            ends.reader = plain.stage.ins[0].reader;
            ends.from = plain.stage.ins[0].wire;
        }
        std::shared_ptr<Token> a, b;
        for (int round = 0; round < 500; ++round) {
            const std::size_t n = 1 + random() % 12;
            for (Kept* k : {&general, &plain}) {
                if (!source) k->stage.ins[0].wire->starved = round % 3 == 0;
                if (!source && k->stage.before().room() >= n) k->stage.feed(n);
                while (k->stage.behind().room() < 30) k->stage.read(1);
            }
            if (!general.books.calm()) {
                a->over = b->over = random() % 2 == 0;
                EXPECT_EQ(general.books.complete_pending(), plain.books.complete_pending());
            } else if (source || general.stage.ins[0].reader->index() + n <= general.stage.before().completed()) {
                Step x, y;
                if (random() % 3 == 0) x.token = a = std::make_shared<Token>(), y.token = b = std::make_shared<Token>();
                const std::uint64_t next = source ? 0 : general.stage.ins[0].reader->index() + n;
                EXPECT_EQ(general.books.enter(n, false, next, std::move(x)), plain.books.enter(ends, n, 1, std::move(y)));
            }
            for (Kept* k : {&general, &plain}) k->books.complete_up_to(0);
            EXPECT_EQ(general.books.calm(), plain.books.calm());
            EXPECT_EQ(general.books.complete_up_to(9999), plain.books.complete_up_to(9999));
            EXPECT_EQ(general.stage.behind().issued(), plain.stage.behind().issued());
            EXPECT_EQ(general.stage.behind().completed(), plain.stage.behind().completed());
            EXPECT_EQ(general.stage.at.made, plain.stage.at.made);
            EXPECT_EQ(general.stage.at.total_made, plain.stage.at.total_made);
            EXPECT_EQ(general.stage.statistics.steps, plain.stage.statistics.steps);
            EXPECT_EQ(general.stage.statistics.items_in, plain.stage.statistics.items_in);
            EXPECT_EQ(general.stage.statistics.items_out, plain.stage.statistics.items_out);
            EXPECT_EQ(general.stage.woken(), plain.stage.woken());
            if (source) continue;
            EXPECT_EQ(general.stage.before().room(), plain.stage.before().room());
            EXPECT_EQ(general.stage.ins[0].reader->index(), plain.stage.ins[0].reader->index());
        }
        EXPECT_GT(general.stage.at.made, 500U);
    }
}

}  // namespace
}  // namespace flowspan::runtime

// Which message comes next, how far samples may go before it, what is sent and what is promised.
#include "runtime/flow/message_flow.hpp"
#include "runtime/count/counting.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;
using tests::failure_of;
using tests::Given;
using tests::Stage;

StreamDescription placed(const Rational& rate = 1) {
    StreamDescription d = tests::stream(rate);
    d.places = rate;
    return d;
}

Time seconds(const Rational& s) { return {s}; }

/// A block, a queue behind each of its message outputs and one before each of its message inputs.
struct Flow {
    explicit Flow(const Given& given = {.message_outputs = 1})
        : stage(given),
          flow(stage.block, stage, stage.statistics),
          from(stage.block.hears.size()),
          to(stage.block.says.size()) {
        for (std::size_t k = 0; k < from.size(); ++k)
            stage.message_ins.push_back({.port = &stage.block.hears[k], .queue = &from[k]});
        for (std::size_t k = 0; k < to.size(); ++k) stage.message_outs[k].queues = {&to[k]};
        flow.connect();
    }
    /// "stamp value" of what has been sent.
    std::vector<std::string> sent(std::size_t output = 0) {
        std::vector<std::string> all;
        while (!to[output].empty()) {
            const Message m = to[output].take();
            all.push_back(m.stamp.text() + " " + m.value.json());
        }
        return all;
    }
    /// Items up to 10 are there; then comes a stretch of which there is none yet.
    void go_to_the_next_stretch() {
        stage.feed(10);
        flow.leave_stretch(10);
        stage.before().begin_stretch({}, stage.block.ins[0].description());
        stage.ins[0].reader->advance(10);
        stage.ins[0].reader->next_stretch();
        flow.enter_stretch(10);
        flow.begin_call(10, 10);
    }
    std::string failure(std::uint64_t index) {
        return failure_of([&] { stage.block.says[0].send(index, 1); });
    }
    /// The connection whose message is the next; -1: none yet.
    int next() {
        const MessageIn* m = flow.next();
        return m == nullptr ? -1 : int(m - stage.message_ins.data());
    }
    Stage stage;
    MessageFlow flow;
    std::deque<MessageQueue> from, to;
};

TEST(MessageFlow, SendsToAllReceiversAndToWhoWatches) {
    Flow f({.message_outputs = 1, .stream = tests::stream(10)});
    MessageQueue other;
    f.stage.message_outs[0].queues.push_back(&other);
    std::vector<std::string> seen;
    f.flow.watch(f.stage.block.says[0],
                 [&](const Time& stamp, const Value& v) { seen.push_back(stamp.text() + " " + v.json()); });
    f.stage.feed(20);
    f.stage.block.says[0].send(5, "a");
    EXPECT_THAT(f.sent(), ElementsAre("0+1/2 \"a\""));
    EXPECT_EQ(other.front().value.string(), "a");
    EXPECT_THAT(seen, ElementsAre("0+1/2 \"a\""));
    EXPECT_EQ(f.stage.statistics.messages_out, 1U);
}

TEST(MessageFlow, SendsAnAnswerWithTheStampOfTheMessageThatIsHandled) {
    Flow f({.inputs = 0, .outputs = 0, .message_inputs = 1, .message_outputs = 1});
    Access::handling(f.stage.block, seconds(Rational(7, 3)));
    f.stage.block.says[0].send("b");
    EXPECT_THAT(f.sent(), ElementsAre("2+1/3 \"b\""));
}

TEST(MessageFlow, IsSilentWhereNobodyListens) {
    Stage stage({.message_outputs = 1});
    MessageFlow flow(stage.block, stage, stage.statistics);
    flow.connect();
    stage.block.says[0].send(5, "a");
    EXPECT_EQ(stage.statistics.messages_out, 0U);
}

TEST(MessageFlow, RefusesWhatLooksFurtherBackThanDeclared) {
    Flow f({.message_outputs = 1, .reach = 700});
    f.stage.feed(4000);
    f.flow.begin_call(2000, 0);
    EXPECT_EQ(f.failure(1300), "");
    EXPECT_EQ(f.failure(1299),
              "sends a message on `says0` about item 1299: expected one from 1300 on, `reach` (700) before 2000");
    f.flow.begin_call(2000, 1500);
    EXPECT_EQ(f.failure(1500), "");
    EXPECT_EQ(f.failure(1499),
              "sends a message on `says0` about item 1499: expected one from 1500 on, where its stretch begins");
    f.flow.begin_call(600, 0);
    EXPECT_EQ(f.failure(0), "");
    EXPECT_THAT(f.sent(), ElementsAre("0 1", "1300 1", "1500 1"));
}

TEST(MessageFlow, RefusesItAtTheSameItemWhateverTheCalls) {
    std::vector<std::string> failures;
    for (unsigned seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        Flow f({.message_outputs = 1, .reach = 100});
        CountOptions options{.quantum = 4096, .cell = cell_for({})};
        if (seed > 0) options.limit = [&random](std::size_t n) { return 1 + random() % n; };
        FixedCount count(f.stage, f.stage.at, std::move(options));
        Wait wait{};
        std::string failure;
        for (std::uint64_t fed = 0; fed < 3000 && failure.empty();) {
            const std::uint64_t n = std::min<std::uint64_t>(3000 - fed, 1 + random() % 300);
            f.stage.feed(n);
            fed += n;
            while (const auto call = count.next({}, wait)) {
                const std::uint64_t first = f.stage.at.made;
                f.flow.begin_call(first - first % 64, 0);
                for (std::uint64_t i = first; i < first + call->items && failure.empty(); ++i)
                    if (i >= 120) failure = f.failure(i - 120);
                f.stage.made(call->items, first + call->items);
                f.stage.read_all();
            }
        }
        EXPECT_EQ(failure, "sends a message on `says0` about item 8: expected one from 28 on, `reach` (100) before 128")
            << "seed " << seed;
    }
}

TEST(MessageFlow, FindsABlockOutThatSendsBeforeWhatWasPromised) {
    Flow f;
    f.stage.feed(100);
    f.to[0].raise(seconds(5));
    EXPECT_EQ(f.failure(5), "");
    EXPECT_EQ(f.failure(3), "sends a message about 3 s, before 5 s, which were promised");
    f.to[0].feedback = true;
    f.to[0].delay = seconds(10);
    EXPECT_EQ(f.failure(3), "") << "its watermark is delayed, as the stamp will be";
}

TEST(MessageFlow, PromisesASourcesTimeLessWhatItsMessagesMayLookBack) {
    const auto promised = [](std::uint64_t reach, std::uint64_t next, std::uint64_t cell, std::uint64_t anchor) {
        Flow f({.inputs = 0, .message_outputs = 1, .reach = reach});
        f.flow.promise(next, cell, anchor);
        return f.to[0].watermark();
    };
    EXPECT_EQ(promised(0, 130, 128, 0), seconds(128));
    EXPECT_EQ(promised(0, 128, 128, 0), seconds(128));
    EXPECT_EQ(promised(10, 130, 128, 0), seconds(118));
    EXPECT_EQ(promised(1000, 130, 128, 0), seconds(0));
    EXPECT_EQ(promised(1000, 130, 128, 100), seconds(100));
    EXPECT_EQ(promised(10, 130, 128, 125), seconds(125));
}

// A block that takes 8 items for one stands beyond the end, from which it looks back.
TEST(MessageFlow, PromisesNoMoreThanWhatMayBeSaidWhereTheStretchEndsNow) {
    Flow f({.message_outputs = 1, .reach = 5});
    f.stage.feed(1003);
    f.flow.promise(1008, 1008, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(998));
    f.flow.begin_call(1003, 0);
    EXPECT_EQ(f.failure(998), "");
}

TEST(MessageFlow, PromisesEachOutputByItsOwnReach) {
    Flow f({.inputs = 0, .message_outputs = 2});
    f.stage.block.says[1].reach(30);
    f.flow.promise(130, 128, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(128));
    EXPECT_EQ(f.to[1].watermark(), seconds(98));
}

TEST(MessageFlow, PromisesLessByTheSlipAtTheEndOfWhatIsThere) {
    StreamDescription d = tests::stream();
    d.slip = 7;
    Flow f({.message_outputs = 1, .stream = d});
    f.stage.feed(100);
    f.flow.promise(100, 100, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(93));
    f.stage.feed(1);
    f.flow.promise(100, 100, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(100)) << "the next item is there";
}

TEST(MessageFlow, PromisesNoMoreThanItsOwnMessagesAllow) {
    Flow f({.message_inputs = 2, .message_outputs = 1});
    f.stage.feed(100);
    f.flow.promise(50, 50, 0);
    EXPECT_EQ(f.to[0].watermark(), Time::earliest()) << "nobody has promised it anything";
    f.from[0].raise(seconds(20));
    f.from[1].raise(seconds(30));
    f.flow.promise(50, 50, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(20));
    f.from[0].raise(seconds(80));
    f.from[1].push(seconds(45), 1);
    f.from[1].raise(seconds(90));
    f.flow.promise(50, 50, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(45)) << "that message is not handled yet";
    f.from[1].take();
    f.flow.promise(50, 50, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(50));
}

// Whatever is complete and however the calls fell, what may still be sent is not before what was promised.
TEST(MessageFlow, PromisesNothingThatItMayStillSend) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937_64 random(seed);
        Given given{.message_outputs = 1, .reach = random() % 150, .first = random() % 2 * 1000};
        const bool marks = random() % 2 == 0;
        if (marks) given.stream = placed();
        Flow f(given);
        const std::uint64_t anchor = given.first;
        std::uint64_t complete = anchor;
        memory::Deviation before = 0;
        f.stage.before().keep_marks(10'000);
        for (int step = 0; step < 30; ++step) {
            for (std::uint64_t n = random() % 60; n > 0; --n) {
                memory::Deviation d = before;
                if (marks && random() % 9 == 0) d = memory::Deviation(std::int64_t(random() >> 29)) - 3 * deviation_unit;
                d = std::max(d, before - deviation_unit);
                if (d != before) f.stage.before().add_mark({f.stage.before().issued(), d});
                before = d;
                f.stage.feed(1);
            }
            complete += random() % (f.stage.before().completed() - complete + 1);
            const std::uint64_t cell = anchor + (complete - anchor) / 64 * 64;
            // Of the first item nothing is known but where it would be.
            if (complete > anchor) f.flow.promise(complete, cell, anchor);
            f.flow.begin_call(cell, anchor);
            const std::uint64_t from = std::max(cell - std::min(cell, given.reach), anchor),
                                there = f.stage.before().completed();
            ASSERT_EQ(from < there ? f.failure(from) : "", "") << "seed " << seed;
            if (complete < there) {
                ASSERT_EQ(f.failure(complete), "") << "seed " << seed;
                ASSERT_LE(f.to[0].watermark(), InputTimes(given.stream, *f.stage.ins[0].reader).of(complete));
            }
        }
    }
}

TEST(MessageFlow, GivesMessagesInTheOrderOfStampThenConnection) {
    Flow f({.message_inputs = 3});
    for (auto& q : f.from) q.raise(seconds(1));
    f.from[2].push(seconds(5), "c");
    f.from[1].push(seconds(5), "b");
    f.from[0].push(seconds(7), "a");
    EXPECT_EQ(f.next(), -1) << "each may still send one before";
    f.from[0].raise(seconds(6));
    f.from[1].raise(seconds(6));
    EXPECT_EQ(f.next(), -1);
    f.from[2].raise(seconds(5));
    EXPECT_EQ(f.next(), -1) << "another of 5 s may still come";
    f.from[2].raise(seconds(6));
    EXPECT_EQ(f.next(), 1);
    f.from[1].take();
    EXPECT_EQ(f.next(), 2);
    f.from[2].take();
    EXPECT_EQ(f.next(), -1);
    f.from[1].end();
    f.from[2].end();
    EXPECT_EQ(f.next(), -1) << "connection 0 has promised 6 s";
    f.from[0].end();
    EXPECT_EQ(f.next(), 0);
}

TEST(MessageFlow, GivesAMessageAtOnceWhereTheirOrderIsThatOfArrival) {
    Flow f({.message_inputs = 2});
    f.from[1].arrival_order = true;
    f.from[0].push(seconds(1), "a");
    EXPECT_EQ(f.next(), -1);
    f.from[1].push(seconds(9), "b");
    EXPECT_EQ(f.next(), 1);
    f.from[1].take();
    f.from[0].raise(seconds(2));
    EXPECT_EQ(f.next(), 0) << "it waits for no connection that has none";
}

TEST(MessageFlow, LetsAFullQueueGrowWhereItWaitsForAnother) {
    Flow f({.message_inputs = 2});
    for (std::size_t k = 0; k < MessageQueue::initial_capacity; ++k) f.from[0].push(seconds(1), "a");
    f.from[0].raise(seconds(2));
    ASSERT_TRUE(f.from[0].full());
    EXPECT_EQ(f.next(), -1);
    EXPECT_FALSE(f.from[0].full()) << "its sender may be what the other one waits for";
    for (std::size_t k = 0; k < MessageQueue::initial_capacity; ++k) f.from[0].push(seconds(2), "a");
    f.from[1].raise(seconds(5));
    EXPECT_EQ(f.next(), 0);
    EXPECT_TRUE(f.from[0].full()) << "it need not";
}

TEST(MessageFlow, HandlesAMessageBeforeTheFirstItemAtOrAfterItsStamp) {
    Flow f({.message_inputs = 1, .stream = tests::stream(10)});
    f.from[0].push(seconds(Rational(1, 2)), "a");
    const MessageIn& m = f.stage.message_ins[0];
    EXPECT_FALSE(f.flow.is_due(m, 4, false));
    EXPECT_TRUE(f.flow.is_due(m, 5, false));
    EXPECT_TRUE(f.flow.is_due(m, 6, false));
    EXPECT_EQ(f.flow.place_of(m, 3, 9), 5U);
    EXPECT_EQ(f.flow.place_of(m, 6, 9), 6U);
    EXPECT_EQ(f.flow.place_of(m, 3, 4), 4U);
    f.from[0].arrival_order = true;
    EXPECT_TRUE(f.flow.is_due(m, 0, false));
    EXPECT_EQ(f.flow.place_of(m, 3, 9), 3U);
}

TEST(MessageFlow, KnowsWhetherAMessageIsDueOnlyWhenItsItemIsThereWherePlacesAreMarked) {
    Flow f({.message_inputs = 1, .stream = placed()});
    f.stage.before().add_mark({0, deviation_unit / 2});
    f.stage.feed(5);
    const MessageIn& m = f.stage.message_ins[0];
    f.from[0].push(seconds(5), "a");
    EXPECT_FALSE(f.flow.is_due(m, 5, false)) << "item 5 may yet come earlier than it would be";
    EXPECT_TRUE(f.flow.is_due(m, 5, true)) << "none comes";
    f.from[0].take();
    f.from[0].push(seconds(Rational(9, 2)), "a");
    EXPECT_TRUE(f.flow.is_due(m, 5, false)) << "none comes before item 4, at 4.5";
    EXPECT_FALSE(f.flow.is_due(m, 3, false));
    EXPECT_TRUE(f.flow.is_due(m, 4, false));
    Flow nothing({.message_inputs = 1, .stream = placed()});
    nothing.from[0].push(seconds(0), "a");
    EXPECT_FALSE(nothing.flow.is_due(nothing.stage.message_ins[0], 0, false)) << "of the first item nothing is known";
    EXPECT_TRUE(nothing.flow.is_due(nothing.stage.message_ins[0], 0, true));
}

TEST(MessageFlow, GivesSamplesAsFarAsMessagesAreKnown) {
    Flow f({.message_inputs = 3, .stream = tests::stream(10)});
    f.from[2].arrival_order = true;
    EXPECT_EQ(f.flow.limit(), 0U);
    f.from[0].raise(seconds(Rational(51, 100)));
    EXPECT_EQ(f.flow.limit(), 0U);
    f.from[1].raise(seconds(2));
    EXPECT_EQ(f.flow.limit(), 6U) << "a message may come before item 6, at 0.6 s";
    f.from[0].end();
    EXPECT_EQ(f.flow.limit(), 20U);
    f.from[1].push(seconds(3), "a");
    f.from[1].raise(seconds(9));
    EXPECT_EQ(f.flow.limit(), 30U) << "up to the message that is there";
    f.from[1].take();
    EXPECT_EQ(f.flow.limit(), 90U);
    f.from[1].end();
    EXPECT_EQ(f.flow.limit(), UINT64_MAX);
    f.from[1].push(seconds(-4), "a");
    EXPECT_EQ(f.flow.limit(), 0U) << "before the first item";
}

TEST(MessageFlow, KnowsWhenAllMessagesAreThereThatComeBeforeTheEndOfAStretch) {
    Flow f({.message_inputs = 2});
    f.stage.feed(10);
    f.from[0].raise(seconds(11));
    EXPECT_FALSE(f.flow.is_known_up_to(10));
    f.from[1].raise(seconds(10));
    EXPECT_FALSE(f.flow.is_known_up_to(10)) << "one at 10 s is handled before the next stretch";
    f.from[1].raise(seconds(Rational(101, 10)));
    EXPECT_TRUE(f.flow.is_known_up_to(10));
    f.from[1].push(seconds(Rational(102, 10)), "a");
    EXPECT_TRUE(f.flow.is_known_up_to(10));
    EXPECT_FALSE(f.flow.is_known_up_to(11));
    Flow as_they_come({.message_inputs = 2});
    as_they_come.stage.feed(10);
    for (MessageQueue& q : as_they_come.from) q.arrival_order = true;
    EXPECT_TRUE(as_they_come.flow.is_known_up_to(11));
}

TEST(MessageFlow, KnowsHowFarMessagesHaveGoneThatDoNotAnswerItsOwn) {
    Flow f({.inputs = 0, .outputs = 0, .message_inputs = 3, .message_outputs = 1});
    MessageQueue& answers = f.from[2];
    answers.feedback = true;
    answers.delay = seconds(1);
    answers.begin_at(seconds(1));
    f.from[0].raise(seconds(10));
    f.from[0].end();
    EXPECT_EQ(f.flow.end_of_messages(), std::nullopt);
    f.from[1].raise(seconds(12));
    EXPECT_EQ(f.flow.end_of_messages(), std::nullopt);
    f.from[1].end();
    EXPECT_EQ(f.flow.end_of_messages(), seconds(12));
    EXPECT_TRUE(f.flow.awaits_answers(seconds(12))) << "one at 1 s may come";
    answers.raise(seconds(Rational(21, 2)));
    EXPECT_TRUE(f.flow.awaits_answers(seconds(12)));
    // What it promises goes no further than what it answers: a cycle would go on for ever.
    answers.raise(seconds(50));
    f.flow.promise(0, 0, 0);
    EXPECT_EQ(f.to[0].watermark(), seconds(12));
    EXPECT_FALSE(f.flow.awaits_answers(seconds(12))) << "what comes from now on is too late";
    answers.push(seconds(10), "late enough");
    EXPECT_TRUE(f.flow.awaits_answers(seconds(12))) << "11 s with its delay";
    answers.take();
    answers.arrival_order = true;
    EXPECT_FALSE(f.flow.awaits_answers(seconds(100)));
    answers.arrival_order = false;
    answers.end();
    EXPECT_FALSE(f.flow.awaits_answers(Time::latest()));
}

TEST(MessageFlow, HasRoomWhenAllItsReceiversHave) {
    Flow f({.message_outputs = 2});
    EXPECT_TRUE(f.flow.has_room());
    for (std::size_t k = 0; k < MessageQueue::initial_capacity; ++k) f.to[1].push(seconds(1), "a");
    EXPECT_FALSE(f.flow.has_room());
    f.to[1].cancel();
    EXPECT_TRUE(f.flow.has_room());
}

TEST(MessageFlow, EndsWithUpToWhereItHasCome) {
    Flow f({.message_outputs = 1, .reach = 5});
    f.stage.feed(40);
    f.stage.end();
    f.flow.end(40, 0);
    EXPECT_TRUE(f.to[0].ended());
    EXPECT_EQ(f.to[0].final_watermark(), seconds(35));
    EXPECT_EQ(f.to[0].watermark(), Time::latest());
}

TEST(MessageFlow, SaysOfTheItemWhereAStretchBeginsThatItIsAtItsNominalBeginningButNotBeforeWhatWasThereLast) {
    for (const int late : {0, 5}) {
        Flow f({.message_outputs = 1, .stream = placed()});
        if (late > 0) f.stage.before().add_mark({9, late * deviation_unit});
        f.go_to_the_next_stretch();
        f.stage.block.says[0].send(10, "restart");
        // It does not depend on whether that item is there yet.
        f.stage.before().add_mark({10, 20 * deviation_unit});
        f.stage.feed(5);
        f.stage.block.says[0].send(10, "restart");
        f.flow.within_stretch();
        f.stage.block.says[0].send(10, "work");
        EXPECT_THAT(f.sent(), late == 0 ? ElementsAre("10 \"restart\"", "10 \"restart\"", "30 \"work\"")
                                        : ElementsAre("14 \"restart\"", "14 \"restart\"", "30 \"work\""));
    }
}

TEST(MessageFlow, SaysOfTheEndOfAStretchWithoutItemsThatItIsNotBeforeWhatWasThereLast) {
    Flow f({.message_outputs = 1, .stream = placed()});
    f.stage.before().add_mark({9, 5 * deviation_unit});
    f.go_to_the_next_stretch();
    f.stage.block.says[0].send(10, "restart");
    f.flow.within_stretch();
    f.flow.promise(10, 10, 10);
    f.stage.end();
    f.stage.block.says[0].send(10, "finish");
    EXPECT_THAT(f.sent(), ElementsAre("14 \"restart\"", "14 \"finish\""));
}

}  // namespace
}  // namespace flowspan::runtime

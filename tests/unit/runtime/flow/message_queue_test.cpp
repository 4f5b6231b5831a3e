// The messages of one connection on one rank.
#include "runtime/flow/message_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;

struct Sleeper final : Task {
    bool run() override { return false; }
    bool finished() const override { return false; }
};

/// A queue whose sender stands at position 0 and whose receiver at 1.
struct Queue : ::testing::Test {
    Queue() {
        ready.resize(2);
        sender.place(ready, 0);
        receiver.place(ready, 1);
        queue.sender = &sender;
        queue.receiver = &receiver;
    }
    /// Who has been woken since the last time: "", "sender", "receiver" or "sender receiver".
    std::string woken() {
        std::string who;
        ready.pass([&](std::size_t p) { who += (who.empty() ? "" : " ") + std::string(p == 0 ? "sender" : "receiver"); });
        return who;
    }
    void push(const Rational& stamp, const std::string& text = "x") { queue.push(Time(stamp), text); }
    std::vector<std::string> take_all() {
        std::vector<std::string> all;
        while (!queue.empty()) {
            const Message m = queue.take();
            all.push_back(m.stamp.text() + " " + m.value.string());
        }
        return all;
    }
    ReadyList ready;
    Sleeper sender, receiver;
    MessageQueue queue;
};

using MessageQueues = Queue;

TEST_F(MessageQueues, GiveInTheOrderOfStampAndThenOfSending) {
    push(2, "a");
    push(1, "b");
    push(2, "c");
    push(Rational(1, 3), "d");
    push(1, "e");
    EXPECT_EQ(queue.front().value.string(), "d");
    EXPECT_THAT(take_all(), ElementsAre("0+1/3 d", "1 b", "1 e", "2 a", "2 c"));
    EXPECT_EQ(queue.taken(), 5u);
}

TEST_F(MessageQueues, SortAsAStableSortDoes) {
    std::mt19937 random(1);
    std::vector<std::pair<int, int>> sent;
    for (int k = 0; k < 700; ++k) {
        sent.emplace_back(int(random() % 40), k);
        queue.push(Time(Rational(sent.back().first)), k);
    }
    std::stable_sort(sent.begin(), sent.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [stamp, number] : sent) {
        const Message m = queue.take();
        EXPECT_EQ(m.stamp, Time(Rational(stamp)));
        EXPECT_EQ(m.value.integer(), number);
    }
}

TEST_F(MessageQueues, HaveAWatermarkThatOnlyRises) {
    EXPECT_EQ(queue.watermark(), Time::earliest());
    queue.raise(Time(Rational(5)));
    EXPECT_EQ(woken(), "receiver");
    queue.raise(Time(Rational(3)));
    queue.raise(Time(Rational(5)));
    EXPECT_EQ(queue.watermark(), Time(Rational(5)));
    EXPECT_EQ(woken(), "") << "nothing has changed";
    queue.raise(Time(Rational(11, 2)));
    EXPECT_EQ(queue.watermark(), Time(Rational(11, 2)));
    EXPECT_EQ(woken(), "receiver");
}

TEST_F(MessageQueues, KnowTheEarliestStampThatCanComeNext) {
    queue.raise(Time(Rational(5)));
    EXPECT_EQ(queue.earliest(), Time(Rational(5)));
    push(9);
    EXPECT_EQ(queue.earliest(), Time(Rational(9)));
    push(7);
    EXPECT_EQ(queue.earliest(), Time(Rational(7)));
    take_all();
    EXPECT_EQ(queue.earliest(), Time(Rational(5)));
}

TEST_F(MessageQueues, DelayStampsAndWatermarksOfFeedbackOnTheReceiversSide) {
    queue.delay = Time(Rational(1, 4));
    queue.feedback = true;
    queue.begin_at(Time(Rational(1, 4)));
    EXPECT_EQ(queue.earliest(), Time(Rational(1, 4)));
    push(2);
    EXPECT_EQ(queue.front().stamp, Time(Rational(9, 4)));
    queue.raise(Time(Rational(3)));
    EXPECT_EQ(queue.watermark(), Time(Rational(13, 4)));
    queue.raise(Time::earliest());
    EXPECT_EQ(queue.watermark(), Time(Rational(13, 4)));
    queue.end();
    EXPECT_EQ(queue.watermark(), Time::latest()) << "the end is not delayed";
}

TEST_F(MessageQueues, AreFullAtTheirCapacityAndGrow) {
    for (std::size_t k = 0; k < MessageQueue::initial_capacity; ++k) {
        EXPECT_FALSE(queue.full());
        push(Rational(std::int64_t(k)));
    }
    EXPECT_TRUE(queue.full());
    push(9999);  // a block may send several in one call: bounded, but not refused
    EXPECT_EQ(queue.size(), MessageQueue::initial_capacity + 1);
    woken();
    queue.grow();
    EXPECT_EQ(woken(), "sender");
    EXPECT_EQ(queue.capacity(), 2 * MessageQueue::initial_capacity);
    EXPECT_FALSE(queue.full());
}

TEST_F(MessageQueues, WakeTheReceiverForAMessageAndTheSenderForRoom) {
    for (std::size_t k = 0; k < MessageQueue::initial_capacity; ++k) {
        push(1);
        EXPECT_EQ(woken(), "receiver");
    }
    queue.take();
    EXPECT_EQ(woken(), "sender") << "it was full";
    std::size_t wakes = 0;
    while (queue.size() > 1) {
        queue.take();
        wakes += woken() == "sender" ? 1 : 0;
    }
    EXPECT_EQ(wakes, 1u) << "once, when half is free, rather than at every message";
    queue.take();
    EXPECT_EQ(woken(), "sender") << "nothing is left: the sender may end";
}

TEST_F(MessageQueues, EndWithTheLatestWatermark) {
    push(1);
    woken();
    queue.end();
    EXPECT_TRUE(queue.ended());
    EXPECT_EQ(woken(), "receiver");
    EXPECT_EQ(queue.watermark(), Time::latest());
    EXPECT_FALSE(queue.empty()) << "what was sent before the end is still given";
}

TEST_F(MessageQueues, WakeTheReceiverForAnEndAfterTheLatestWatermark) {
    queue.raise(Time::latest());
    woken();
    queue.end();
    EXPECT_EQ(woken(), "receiver");
}

TEST_F(MessageQueues, CountWhatACancelDrops) {
    for (std::size_t k = 0; k < MessageQueue::initial_capacity; ++k) push(1);
    queue.take();
    push(1);
    woken();
    queue.cancel();
    EXPECT_EQ(woken(), "sender");
    EXPECT_TRUE(queue.cancelled());
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(queue.full()) << "nobody waits for room any more";
    push(2);
    push(3);
    EXPECT_EQ(woken(), "");
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.taken(), 1u);
    EXPECT_EQ(queue.dropped(), MessageQueue::initial_capacity + 2);
}

TEST_F(MessageQueues, DoWithoutTasks) {
    queue.sender = queue.receiver = nullptr;
    push(1);
    queue.raise(Time(Rational(2)));
    queue.take();
    queue.grow();
    queue.end();
    queue.cancel();
    EXPECT_EQ(woken(), "");
}

}  // namespace
}  // namespace flowspan::runtime

// What comes first of many queues, against plain loops over all of them, and what finding it costs.
#include "runtime/flow/message_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace flowspan::runtime {
namespace {

int comparisons = 0;

bool counted(const MessageQueue& a, const MessageQueue& b) {
    ++comparisons;
    return a.watermark() < b.watermark();
}

TEST(Tournament, PlaysTheGamesOfOneBranchAgain) {
    constexpr std::size_t players = 4096;
    std::deque<MessageQueue> queues(players);
    Tournament t(counted);
    for (MessageQueue& q : queues) t.add(q);
    comparisons = 0;
    t.play();
    EXPECT_EQ(comparisons, int(players) - 1);
    EXPECT_EQ(t.least(), 0U) << "of equal ones the first";
    for (std::size_t k = 0; k < players; ++k) {
        comparisons = 0;
        queues[k].raise(Time(std::int64_t(players + k), Rational()));
        t.changed(k);
        EXPECT_LE(comparisons, 12);
        EXPECT_EQ(t.least(), k + 1 < players ? k + 1 : 0);
    }
}

struct Plain {
    std::deque<MessageQueue>& queues;
    std::size_t first(bool arrival) const {
        std::size_t best = MessageOrder::nobody;
        for (std::size_t k = 0; k < queues.size(); ++k) {
            if (queues[k].arrival_order != arrival || queues[k].empty()) continue;
            if (best == MessageOrder::nobody || (!arrival && queues[k].front().stamp < queues[best].front().stamp)) best = k;
        }
        return best;
    }
    template <class F>
    Time least(F of, bool all) const {
        Time t = Time::latest();
        for (const MessageQueue& q : queues)
            if (all || !q.arrival_order) t = std::min(t, of(q));
        return t;
    }
    std::size_t open() const {
        return std::size_t(
            std::count_if(queues.begin(), queues.end(), [](const auto& q) { return !q.feedback && !q.ended(); }));
    }
};

TEST(MessageOrder, IsThatOfPlainLoops) {
    for (const std::size_t size : {1U, 2U, 3U, 7U, 40U}) {
        std::mt19937 random{unsigned(size)};
        std::deque<MessageQueue> queues(size);
        std::vector<MessageQueue*> all;
        for (MessageQueue& q : queues) {
            q.arrival_order = size > 2 && random() % 4 == 0;
            q.feedback = !q.arrival_order && size > 2 && random() % 5 == 0;
            all.push_back(&q);
        }
        MessageOrder order(all);
        const Plain plain{queues};
        const auto seconds = [&](unsigned n) { return Time(std::int64_t(n), Rational()); };
        for (unsigned step = 0; step < 2000; ++step) {
            MessageQueue& q = queues[random() % size];
            switch (random() % 6) {
                case 0:
                case 1:
                    q.push(seconds(step + unsigned(random() % 50)), Value(1));
                    break;
                case 2:
                    q.raise(seconds(step));
                    break;
                case 3:
                case 4:
                    if (!q.empty()) q.take();
                    break;
                default:
                    if (random() % 300 == 0) q.end();
                    if (random() % 300 == 0) q.cancel();
            }
            ASSERT_EQ(order.first(), plain.first(false)) << size << " queues, step " << step;
            ASSERT_EQ(order.first_arrived(), plain.first(true));
            ASSERT_EQ(order.least_watermark(), plain.least([](const auto& w) { return w.watermark(); }, false));
            ASSERT_EQ(order.earliest(), plain.least([](const auto& w) { return w.earliest(); }, false));
            ASSERT_EQ(order.earliest_of_all(), plain.least([](const auto& w) { return w.earliest(); }, true));
            ASSERT_EQ(order.open(), plain.open());
        }
    }
}

TEST(MessageOrder, LetsThoseGrowThatAreHalfFull) {
    std::deque<MessageQueue> queues(3);
    MessageOrder order({&queues[0], &queues[1], &queues[2]});
    const std::size_t capacity = queues[0].capacity();
    for (std::size_t k = 0; k < capacity / 2; ++k) queues[1].push(Time(), Value(1));
    for (std::size_t k = 0; k + 1 < capacity / 2; ++k) queues[2].push(Time(), Value(1));
    order.grow_filling();
    EXPECT_EQ(queues[0].capacity(), capacity);
    EXPECT_EQ(queues[1].capacity(), 2 * capacity);
    EXPECT_EQ(queues[2].capacity(), capacity);
    queues[2].push(Time(), Value(1));
    order.grow_filling();
    order.grow_filling();
    EXPECT_EQ(queues[1].capacity(), 2 * capacity);
    EXPECT_EQ(queues[2].capacity(), 2 * capacity);
}

}  // namespace
}  // namespace flowspan::runtime

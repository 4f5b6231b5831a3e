#include "core/fifo.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace flowspan {

TEST(Fifo, IsAsADequeInAnyOrderOfPushesAndPops) {
    std::mt19937 random(1);
    Fifo<int> fifo;
    std::deque<int> expected;
    for (int k = 0; k < 10000; ++k) {
        // (It becomes longer and shorter, and is empty at times.)
        if (random() % 100 < (k / 500 % 2 == 0 ? 60U : 40U) || expected.empty()) {
            fifo.push_back(k);
            expected.push_back(k);
        } else {
            ASSERT_EQ(fifo.front(), expected.front());
            fifo.pop_front();
            expected.pop_front();
        }
        ASSERT_EQ(fifo.size(), expected.size());
        ASSERT_EQ(fifo.empty(), expected.empty());
    }
}

TEST(Fifo, LetsGoOfWhatHasLeft) {
    const auto item = std::make_shared<int>(1);
    Fifo<std::shared_ptr<int>> fifo;
    for (int k = 0; k < 6; ++k) fifo.push_back(item);
    EXPECT_EQ(item.use_count(), 7);
    while (!fifo.empty()) fifo.pop_front();
    EXPECT_EQ(item.use_count(), 1);
}

}  // namespace flowspan

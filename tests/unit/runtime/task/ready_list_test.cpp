// The list of tasks that may have something to do.
#include "runtime/task/task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The positions of one pass, in the order in which they ran.
std::vector<std::size_t> pass(ReadyList& ready, const std::function<void(std::size_t)>& then = {}) {
    std::vector<std::size_t> ran;
    ready.pass([&](std::size_t position) {
        ran.push_back(position);
        if (then) then(position);
    });
    return ran;
}

ReadyList list(std::size_t tasks, const std::vector<std::size_t>& positions = {}) {
    ReadyList ready;
    ready.resize(tasks);
    for (const std::size_t p : positions) ready.add(p);
    return ready;
}

TEST(ReadyList, RunsInAscendingOrderAndTakesOut) {
    ReadyList ready = list(200, {130, 0, 63, 64, 199, 5, 5, 127, 128});
    EXPECT_FALSE(ready.empty());
    EXPECT_THAT(pass(ready), ElementsAre(0, 5, 63, 64, 127, 128, 130, 199));
    EXPECT_TRUE(ready.empty());
    EXPECT_THAT(pass(ready), IsEmpty());
}

TEST(ReadyList, WhatBecomesReadyFurtherOnRunsInTheSamePass) {
    for (const auto& [woken, waker] : {std::pair<std::size_t, std::size_t>{1, 0}, {63, 62}, {64, 63}, {128, 63}, {199, 0}}) {
        ReadyList ready = list(200, {waker});
        EXPECT_THAT(pass(ready, [&](std::size_t p) { p == waker ? ready.add(woken) : void(); }), ElementsAre(waker, woken));
        EXPECT_TRUE(ready.empty());
    }
}

TEST(ReadyList, WhatBecomesReadyFurtherBackRunsInTheNextPass) {
    for (const auto& [woken, waker] :
         {std::pair<std::size_t, std::size_t>{0, 1}, {62, 63}, {63, 64}, {63, 128}, {0, 199}, {63, 63}, {64, 64}, {7, 7}}) {
        ReadyList ready = list(200, {waker});
        EXPECT_THAT(pass(ready, [&](std::size_t) { ready.add(woken); }), ElementsAre(waker)) << "a pass ends";
        EXPECT_FALSE(ready.empty());
        EXPECT_THAT(pass(ready), ElementsAre(woken));
    }
}

TEST(ReadyList, ATaskWakesItsOwnPosition) {
    struct Idle final : Task {
        bool run() override { return false; }
        bool finished() const override { return false; }
    };
    ReadyList ready = list(65);
    Idle first, last;
    first.place(ready, 0);
    last.place(ready, 64);
    last.wake();
    EXPECT_THAT(pass(ready, [&](std::size_t) { first.wake(); }), ElementsAre(64));
    EXPECT_THAT(pass(ready), ElementsAre(0));
}

TEST(ReadyList, AgreesWithASetAtRandom) {
    std::mt19937 random(1);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t tasks = 1 + random() % 200;
        ReadyList ready = list(tasks);
        std::set<std::size_t> model;
        const auto add = [&](std::size_t p) {
            ready.add(p);
            model.insert(p);
        };
        for (std::size_t k = random() % 20; k > 0; --k) add(random() % tasks);
        for (int passes = 0; passes < 3; ++passes) {
            std::size_t least = 0;  // the pass has come so far
            pass(ready, [&](std::size_t p) {
                const auto next = model.lower_bound(least);
                ASSERT_NE(next, model.end());
                ASSERT_EQ(p, *next);
                model.erase(next);
                least = p + 1;
                for (std::size_t k = random() % 3; k > 0; --k) add(random() % tasks);
            });
            EXPECT_EQ(model.lower_bound(least), model.end()) << "the pass left out what was ready";
            EXPECT_EQ(ready.empty(), model.empty());
        }
    }
}

}  // namespace
}  // namespace flowspan::runtime

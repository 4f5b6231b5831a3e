// Hand-outs: order, groups, failures, losses, suspects; and a campaign of many units on many ranks, simulated.
#include "batch/deal/dealer.hpp"

#include "tests/unit/batch/journal/batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <queue>
#include <random>
#include <tuple>

namespace flowspan::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Units = std::vector<std::size_t>;

TEST(Dealer, GivesTheLongestFirstAndTwoUntilSomethingIsMeasured) {
    Dealer dealer({.host_of = {0}});
    dealer.add(0, 10);
    dealer.add(1, 30);
    dealer.add(2, 20);
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(1, 2));
    EXPECT_THAT(dealer.next(0, 0), IsEmpty());
    EXPECT_FALSE(dealer.seconds_left());
    dealer.done(1, 60);
    EXPECT_DOUBLE_EQ(*dealer.seconds_left(), 60);
    EXPECT_THAT(dealer.next(0, 60), ElementsAre(0));
    dealer.done(2, 40);
    EXPECT_FALSE(dealer.over());
    dealer.done(0, 20);
    EXPECT_TRUE(dealer.over());
    EXPECT_DOUBLE_EQ(*dealer.seconds_left(), 0);
}

TEST(Dealer, ARankKeepsToTheRecordingThatItHas) {
    Dealer dealer({.host_of = {0, 0}});
    for (std::size_t u = 0; u < 12; ++u) dealer.add(u, 10, 0, false, u / 4);  // three recordings
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(0, 1));
    EXPECT_THAT(dealer.next(1, 0), ElementsAre(4, 5)) << "one that nobody has";
    dealer.done(0, 1000);
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(2));
    for (const std::size_t u : {1, 2}) dealer.done(u, 1000);
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(3, 8)) << "its own, and then one that nobody has";
    for (const std::size_t u : {3, 8}) dealer.done(u, 1000);
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(9, 10));
    for (const std::size_t u : {4, 5, 9, 10}) dealer.done(u, 1000);
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(11, 6)) << "what another has, where nothing else is left";
    EXPECT_THAT(dealer.next(1, 0), ElementsAre(7));
    for (const std::size_t u : {6, 7, 11}) dealer.done(u, 1000);
    EXPECT_TRUE(dealer.over());
}

TEST(Dealer, WhatAHostLacksGoesToAnotherAndIsNoFailure) {
    Dealer dealer({.host_of = {0, 1, 1, 2}});
    dealer.add(5, 1);
    ASSERT_THAT(dealer.next(1, 0), ElementsAre(5));
    EXPECT_TRUE(dealer.elsewhere(5, 1));
    EXPECT_THAT(dealer.next(2, 1), IsEmpty()) << "the same host";
    ASSERT_THAT(dealer.next(3, 1), ElementsAre(5));
    EXPECT_TRUE(dealer.elsewhere(5, 1));
    EXPECT_EQ(dealer.attempts(5), 0);
    ASSERT_THAT(dealer.next(0, 1), ElementsAre(5));
    EXPECT_FALSE(dealer.elsewhere(5, 1)) << "no host has it";
    EXPECT_TRUE(dealer.failed(5, true, 1)) << "which is one";
}

TEST(Dealer, UnitsThatNeedADeviceGoToRanksThatHaveOneAndTheseTakeThemFirst) {
    Dealer dealer({.host_of = {0, 0, 1}});
    const std::size_t needs = dealer.kind_of({false, true, false});
    EXPECT_EQ(dealer.kind_of({true, true, true}), 0U);
    EXPECT_EQ(dealer.kind_of({false, true, false}), needs);
    for (std::size_t u = 0; u < 3; ++u) dealer.add(u, 100);
    for (std::size_t u = 3; u < 6; ++u) dealer.add(u, 1, 0, false, Dealer::no_group, needs);
    EXPECT_THAT(dealer.next(1, 0), ElementsAre(3, 4));
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(0, 1));
    EXPECT_THAT(dealer.next(2, 0), ElementsAre(2));
    dealer.done(2, 1);
    EXPECT_THAT(dealer.next(2, 1), IsEmpty()) << "what is left is not for it";
    EXPECT_TRUE(dealer.failed(3, true, 1));
    for (const std::size_t u : {0, 1, 4}) dealer.done(u, 1);
    EXPECT_THAT(dealer.next(0, 100), IsEmpty());
    EXPECT_THAT(dealer.next(1, 100), ElementsAre(3)) << "there is no elsewhere";
    dealer.done(3, 1);
    EXPECT_THAT(dealer.next(1, 100), ElementsAre(5));
    dealer.done(5, 1);
    EXPECT_TRUE(dealer.over());
}

TEST(Dealer, WhatHasFailedOnTheOnlyHostThatHasItIsTriedThereAgain) {
    Dealer dealer({.host_of = {0, 1}});
    dealer.add(0, 1);
    ASSERT_THAT(dealer.next(1, 0), ElementsAre(0));
    EXPECT_TRUE(dealer.elsewhere(0, 0));
    ASSERT_THAT(dealer.next(0, 0), ElementsAre(0));
    EXPECT_TRUE(dealer.failed(0, true, 0));
    EXPECT_THAT(dealer.next(1, 100), IsEmpty());
    EXPECT_THAT(dealer.next(0, 100), ElementsAre(0));
}

TEST(Dealer, ASuspectGoesToAHostThatHasWhatItNeeds) {
    Dealer dealer({.host_of = {0, 1}});
    dealer.add(5, 1, 0, true);
    ASSERT_THAT(dealer.next(1, 0), ElementsAre(5));
    EXPECT_TRUE(dealer.elsewhere(5, 0));
    EXPECT_THAT(dealer.next(1, 0), IsEmpty());
    EXPECT_THAT(dealer.next(0, 0), ElementsAre(5));
}

TEST(Dealer, GivesGroupsOfAboutASecondAndSharesTheRest) {
    Dealer dealer({.host_of = {0, 0}});
    for (std::size_t u = 0; u < 1000; ++u) dealer.add(u, 1);
    ASSERT_THAT(dealer.next(0, 0), ElementsAre(0, 1));
    ASSERT_THAT(dealer.next(1, 0), ElementsAre(2, 3));
    dealer.done(0, 0.01);
    EXPECT_EQ(dealer.next(0, 0).size(), 99U) << "a second's worth, with the one it has";
    for (const std::size_t u : {2, 3}) dealer.done(u, 0.01);
    EXPECT_EQ(dealer.next(1, 0).size(), 100U);
    Dealer few({.host_of = {0, 0}});
    for (std::size_t u = 0; u < 12; ++u) few.add(u, 1);
    ASSERT_EQ(few.next(0, 0).size(), 2U);
    few.done(0, 0.001);
    EXPECT_EQ(few.next(0, 0).size(), 3U) << "a share of the ten that are left";
}

TEST(Dealer, AFailedUnitIsTriedAgainElsewhereAfterAPause) {
    Dealer dealer({.host_of = {0, 0, 1}, .attempts = 3, .pause_s = 2});
    dealer.add(7, 1);
    ASSERT_THAT(dealer.next(0, 0), ElementsAre(7));
    EXPECT_TRUE(dealer.failed(7, true, 10));
    EXPECT_EQ(dealer.attempts(7), 1);
    EXPECT_EQ(*dealer.wakes(), 12);
    EXPECT_THAT(dealer.next(2, 11), IsEmpty()) << "too early";
    EXPECT_THAT(dealer.next(1, 12), IsEmpty()) << "the same host, where there is another";
    ASSERT_THAT(dealer.next(2, 12), ElementsAre(7));
    EXPECT_TRUE(dealer.failed(7, true, 20));
    EXPECT_EQ(*dealer.wakes(), 24);
    ASSERT_THAT(dealer.next(0, 24), ElementsAre(7));
    EXPECT_FALSE(dealer.failed(7, true, 30)) << "three in all";
    EXPECT_TRUE(dealer.over());
    dealer.add(8, 1);
    ASSERT_THAT(dealer.next(1, 31), ElementsAre(8));
    EXPECT_FALSE(dealer.failed(8, false, 31)) << "wrong input is not tried again";
    EXPECT_TRUE(dealer.over());
}

TEST(Dealer, OneRankTriesItsOwnFailuresAgain) {
    Dealer dealer({.host_of = {0}});
    dealer.add(0, 1);
    ASSERT_THAT(dealer.next(0, 0), ElementsAre(0));
    ASSERT_TRUE(dealer.failed(0, true, 0));
    EXPECT_THAT(dealer.next(0, 2), ElementsAre(0));
}

TEST(Dealer, OfALostRankOnlyTheUnitThatItWasAtHasFailed) {
    Dealer dealer({.host_of = {0, 0}});
    for (std::size_t u = 0; u < 4; ++u) dealer.add(u, 10.0 - double(u));
    ASSERT_THAT(dealer.next(1, 0), ElementsAre(0, 1));
    EXPECT_EQ(dealer.lost(1, 5), 0U);
    EXPECT_EQ(dealer.attempts(0), 1);
    EXPECT_EQ(dealer.attempts(1), 0);
    EXPECT_EQ(dealer.lost(1, 5), std::nullopt) << "once";
    EXPECT_THAT(dealer.next(1, 5), IsEmpty());
    EXPECT_THAT(dealer.next(0, 5), ElementsAre(1, 2));
    dealer.done(1, 1);
    dealer.done(2, 1);
    EXPECT_THAT(dealer.next(0, 7), ElementsAre(0, 3)) << "the pause is over, and there is no elsewhere";
}

TEST(Dealer, SuspectsComeLastAndAlone) {
    Dealer dealer({.host_of = {0, 0}});
    dealer.add(0, 100, 0, true);
    dealer.add(1, 100, 0, true);
    dealer.add(2, 1);
    ASSERT_THAT(dealer.next(0, 0), ElementsAre(2));
    EXPECT_THAT(dealer.next(1, 0), IsEmpty()) << "something else runs";
    dealer.done(2, 1);
    ASSERT_THAT(dealer.next(1, 1), ElementsAre(0));
    EXPECT_THAT(dealer.next(0, 1), IsEmpty());
    dealer.done(0, 1);
    EXPECT_THAT(dealer.next(0, 2), ElementsAre(1));
    dealer.done(1, 1);
    EXPECT_TRUE(dealer.over());
}

TEST(Dealer, AStopEndsHandOutsAndACancelledUnitIsNotGiven) {
    Dealer dealer({.host_of = {0}});
    for (std::size_t u = 0; u < 4; ++u) dealer.add(u, 4.0 - double(u));
    ASSERT_THAT(dealer.next(0, 0), ElementsAre(0, 1));
    EXPECT_FALSE(dealer.cancel(0)) << "it is under way";
    EXPECT_TRUE(dealer.cancel(2));
    EXPECT_FALSE(dealer.cancel(2));
    dealer.done(0, 1);
    dealer.stop();
    EXPECT_THAT(dealer.next(0, 1), IsEmpty());
    EXPECT_FALSE(dealer.over());
    dealer.done(1, 1);
    EXPECT_TRUE(dealer.over());
    EXPECT_EQ(dealer.left(), 1U);
}

// A rank takes a unit's time for each of what it has, in order; how long all take is compared with the best possible.
struct Campaign {
    double end = 0, work = 0;
    std::size_t computed = 0, most_at_once = 0;
};
Campaign simulated(int ranks, const std::vector<double>& seconds) {
    Dealer dealer({.host_of = std::vector<int>(std::size_t(ranks), 0)});
    Campaign c;
    for (std::size_t u = 0; u < seconds.size(); ++u) dealer.add(u, seconds[u] * 1e6);
    using Event = std::pair<double, int>;  // a rank has computed what it was at
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
    std::vector<std::deque<std::size_t>> has(static_cast<std::size_t>(ranks));
    const auto give = [&](int rank, double now) {
        auto& own = has[std::size_t(rank)];
        const bool idle = own.empty();
        for (const std::size_t u : dealer.next(rank, now)) own.push_back(u);
        c.most_at_once = std::max(c.most_at_once, own.size());
        if (idle && !own.empty()) events.push({now + seconds[own.front()], rank});
    };
    for (int r = 0; r < ranks; ++r) give(r, 0);
    while (!events.empty()) {
        const auto [now, rank] = events.top();
        events.pop();
        auto& own = has[std::size_t(rank)];
        const std::size_t unit = own.front();
        own.pop_front();
        dealer.done(unit, seconds[unit]);
        ++c.computed;
        c.work += seconds[unit];
        c.end = now;
        if (!own.empty()) events.push({now + seconds[own.front()], rank});
        give(rank, now);
    }
    EXPECT_TRUE(dealer.over());
    return c;
}

TEST(Dealer, AMillionUnitsOnTenThousandRanksEndTogether) {
    std::mt19937 random(5);
    std::exponential_distribution<double> length(1 / 0.7);
    std::vector<double> seconds(1'000'000);
    for (double& s : seconds) s = 0.001 + length(random);
    const Campaign c = simulated(10'000, seconds);
    EXPECT_EQ(c.computed, seconds.size());
    EXPECT_LT(c.end, 1.05 * c.work / 10'000 + 2) << "the longest went first, and nobody had more than about a second ahead";
}

/// As rank 0 does it: in turns, in each of which all answers are taken and every rank is asked for. Lines are made of hand-outs
/// and answers as they go into the journal.
struct Turns {
    double end = 0, work = 0;
    std::size_t turns = 0, computed = 0, bytes = 0;
};
Turns in_turns(int ranks, const std::vector<double>& seconds, double apart) {
    Dealer dealer({.host_of = std::vector<int>(std::size_t(ranks), 0)});
    Turns t;
    for (std::size_t u = 0; u < seconds.size(); ++u) dealer.add(u, seconds[u] * 1e6);
    std::vector<std::deque<std::size_t>> has(static_cast<std::size_t>(ranks));
    std::vector<double> free(std::size_t(ranks), 0);  // when a rank has computed what it was at
    const auto line = [&](const Value& value) { t.bytes += sealed_line(value).size(); };
    for (double now = 0; !dealer.over(); now += apart, ++t.turns) {
        for (std::size_t r = 0; r < has.size(); ++r) {
            while (!has[r].empty() && free[r] + seconds[has[r].front()] <= now) {
                const std::size_t unit = has[r].front();
                has[r].pop_front();
                t.end = free[r] += seconds[unit];
                t.work += seconds[unit];
                ++t.computed;
                dealer.done(unit, seconds[unit]);
                line(test::commit({1, std::uint32_t(unit)}, "0123456789ab"));
                line(test::done({1, std::uint32_t(unit)}, "0123456789ab"));
            }
            if (has[r].empty()) free[r] = now;
            for (const std::size_t unit : dealer.next(int(r), now)) {
                has[r].push_back(unit);
                line(test::start({1, std::uint32_t(unit)}, "0123456789ab"));
            }
        }
    }
    return t;
}

TEST(Dealer, InTurnsOfRankZeroAsWell) {
    std::mt19937 random(5);
    std::exponential_distribution<double> length(1 / 0.7);
    std::vector<double> seconds(100'000);
    for (double& s : seconds) s = 0.001 + length(random);
    const Turns t = in_turns(1'000, seconds, 0.05);
    EXPECT_EQ(t.computed, seconds.size());
    EXPECT_LT(t.end, 1.05 * t.work / 1'000 + 2);
    EXPECT_GT(t.bytes, 300 * t.computed);
}

// docs/performance.md has what it takes.
TEST(Dealer, DISABLED_InTurnsAMillionUnitsOnTenThousandRanks) {
    std::mt19937 random(5);
    std::exponential_distribution<double> length(1 / 0.7);
    std::vector<double> seconds(1'000'000);
    for (double& s : seconds) s = 0.001 + length(random);
    const Turns t = in_turns(10'000, seconds, 0.05);
    EXPECT_EQ(t.computed, seconds.size());
    RecordProperty("turns", int(t.turns));
    fmt::print("{} turns, {:.1f} s of the batch, {:.1f} s at best, {} bytes of journal\n", t.turns, t.end, t.work / 10'000,
               t.bytes);
}

TEST(Dealer, UnitsOfUnequalLengthKeepTwoRanksBusy) {
    std::vector<double> seconds;
    for (int k = 0; k < 40; ++k) seconds.push_back(k % 4 == 0 ? 1 : 0.05);
    const Campaign c = simulated(2, seconds);
    EXPECT_LT(c.end, 1.05 * c.work / 2);
    EXPECT_LT(c.most_at_once, 30U);
}

}  // namespace
}  // namespace flowspan::batch

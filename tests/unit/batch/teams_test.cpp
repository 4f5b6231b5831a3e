#include "batch/crew/teams.hpp"

#include "comm/local/local.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Ranks = std::vector<int>;

TEST(Teams, OfOneRankAreAllRanks) {
    const Teams teams = teams_of({"a", "b", "a"}, 1);
    EXPECT_THAT(teams.ranks, ElementsAre(Ranks{0}, Ranks{2}, Ranks{1}));
    EXPECT_THAT(teams.left_over, IsEmpty());
}

TEST(Teams, StayOnAHostAsFarAsItGoesRound) {
    const Teams teams = teams_of({"a", "b", "a", "b", "a", "b"}, 2);
    EXPECT_THAT(teams.ranks, ElementsAre(Ranks{0, 2}, Ranks{1, 3}, Ranks{4, 5}));
    EXPECT_THAT(teams.left_over, IsEmpty());
    EXPECT_EQ(teams.of(3), 1);
}

TEST(Teams, LargerThanAHostSpanSeveral) {
    const Teams teams = teams_of({"a", "a", "b", "b", "c"}, 3);
    EXPECT_THAT(teams.ranks, ElementsAre(Ranks{0, 1, 2}));
    EXPECT_THAT(teams.left_over, ElementsAre(3, 4));
    EXPECT_EQ(teams.of(4), -1);
}

TEST(Teams, LargerThanAllLeaveAllOver) {
    const Teams teams = teams_of({"a", "a"}, 3);
    EXPECT_THAT(teams.ranks, IsEmpty());
    EXPECT_THAT(teams.left_over, ElementsAre(0, 1));
}

TEST(Communicator, SplitsIntoGroupsThatDoNotHearEachOther) {
    std::vector<std::vector<std::string>> heard(5);
    comm::run_local(5, [&](comm::Communicator& all) {
        for (int round = 0; round < 3; ++round) {
            const int group = all.rank() == 4 ? -1 : (all.rank() + round) % 2;
            const auto part = all.split(group);
            ASSERT_EQ(part == nullptr, group < 0);
            if (part == nullptr) continue;
            auto& own = heard[std::size_t(all.rank())];
            own = part->all_gather(std::to_string(all.rank()));
            char text = char('a' + part->rank()), got = 0;
            auto sent = part->send(1 - part->rank(), comm::Lane::batch, &text, 1);
            auto received = part->receive(comm::any_rank, comm::Lane::batch, &got, 1);
            while (!part->test(sent) || !part->test(received)) {}
            own.emplace_back(1, got);
        }
    });
    EXPECT_THAT(heard, ElementsAre(ElementsAre("0", "2", "b"), ElementsAre("1", "3", "b"), ElementsAre("0", "2", "a"),
                                   ElementsAre("1", "3", "a"), IsEmpty()));
}

}  // namespace
}  // namespace flowspan::batch

// Who is said to be lost, by what ranks have told and what is seen of their processes.
#include "cli/launch/lost.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace flowspan::cli {
namespace {

/// Ranks 0 and 1 on node1, where the launcher is, and 2 and 3 on node2.
Told four() {
    Told told;
    told.here = {{0, {"node1", 100}}, {1, {"node1", 101}}, {2, {"node2", 100}}, {3, {"node2", 103}}};
    return told;
}

struct Seen {
    LostRanks ranks{"node1"};
    std::set<int> there{100, 101};
    void look(const Told& told) {
        ranks.look(told, [this](int process) { return there.contains(process); });
    }
};

TEST(LostRanks, AreThoseThatWentFirstHere) {
    Seen seen;
    Told told = four();
    seen.look(told);
    seen.there = {101};
    seen.look(told);
    seen.there = {};  // mpirun has ended the rest, without time for a word
    seen.look(told);
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 0 (node1, process 100) is lost");
    told.leaving = {1, 2, 3};
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 0 (node1, process 100) is lost");
}

TEST(LostRanks, AreAllThatWentFirstAtOnce) {
    Seen seen;
    seen.there = {};
    seen.look(four());
    EXPECT_EQ(seen.ranks.text(four(), 4), "rank 0 (node1, process 100), rank 1 (node1, process 101) are lost");
}

TEST(LostRanks, AreNotThoseWhoseWordCameLater) {
    Seen seen;
    Told told = four();
    seen.there = {101};
    seen.look(told);
    told.leaving = {0};
    seen.there = {};
    seen.look(told);
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 1 (node1, process 101) is lost");
}

TEST(LostRanks, OfOtherHostsAreThoseThatHaveNotSaidThatTheyLeave) {
    Seen seen;
    Told told = four();
    told.leaving = {0, 1, 3};
    seen.look(told);
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 2 (node2, process 100) is lost");
    told.leaving = {0, 1};
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 2 (node2, process 100) or rank 3 (node2, process 103) is lost");
}

TEST(LostRanks, MayNeverHaveSaidThatTheyAreThere) {
    Seen seen;
    Told told = four();
    told.leaving = {0, 1, 2};
    told.here.erase(3);
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 3 is lost before it had begun");
}

TEST(LostRanks, AreNotNamedWhereNobodyKnows) {
    Seen seen;
    EXPECT_EQ(seen.ranks.text(Told(), 4), "");
    Told told = four();
    told.leaving = {0, 1, 2, 3};
    EXPECT_EQ(seen.ranks.text(told, 4), "");
}

TEST(LostRanks, ThatCouldSayThatTheyCrashAreSaidToHaveDoneSo) {
    Seen seen;
    Told told = four();
    seen.look(told);
    seen.there = {100};
    seen.look(told);
    told.crashes = {{1, "SIGSEGV receive[3].demod"}};
    EXPECT_EQ(seen.ranks.text(told, 4), "rank 1 (node1, process 101) crashed by SIGSEGV in block receive[3].demod");
    told.crashes = {{1, "SIGABRT"}};
    EXPECT_EQ(LostRanks::crashed(told), "rank 1 (node1, process 101) crashed by SIGABRT, in no block");
    EXPECT_EQ(LostRanks::crashed(four()), "");
}

}  // namespace
}  // namespace flowspan::cli

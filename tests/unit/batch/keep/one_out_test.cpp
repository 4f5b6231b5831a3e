// Which hosts share a folder, by what each finds of the others there.
#include "batch/keep/one_out.hpp"

#include "tests/unit/io/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(OneOut, FirstRanksOfHosts) { EXPECT_THAT(first_ranks({"a", "b", "a", "c", "b"}), ElementsAre(0, 1, 0, 3, 1)); }

TEST(OneOut, NothingIsWrongWhereAllSeeAll) {
    const std::vector<OutSeen> all{{0, "n1", "", {0, 2}}, {2, "n2", "", {0, 2}}};
    EXPECT_EQ(why_not_one(all), "");
    EXPECT_THAT(apart_from_first(all), IsEmpty());
}

TEST(OneOut, NamesWhoDoesNotSeeWhom) {
    const std::vector<OutSeen> all{{0, "n1", "", {0}}, {2, "n2", "", {2, 4}}, {4, "n3", "", {2, 4}}};
    EXPECT_EQ(why_not_one(all), "n2 and n3 do not see what n1 writes there");
    EXPECT_THAT(apart_from_first(all), ElementsAre(2, 4));
}

TEST(OneOut, SeeingMustBeMutual) {
    const std::vector<OutSeen> all{{0, "n1", "", {0}}, {1, "n2", "", {0, 1}}};
    EXPECT_EQ(why_not_one(all), "n1 does not see what n2 writes there");
    EXPECT_THAT(apart_from_first(all), ElementsAre(1));
}

TEST(OneOut, TwoThatDifferAmongThemselvesAreBothApart) {
    const std::vector<OutSeen> all{{0, "n1", "", {0, 1, 2}}, {1, "n2", "", {0, 1}}, {2, "n3", "", {0, 1, 2}}};
    EXPECT_EQ(why_not_one(all), "n2 does not see what n3 writes there");
    EXPECT_THAT(apart_from_first(all), ElementsAre(1, 2));
}

TEST(OneOut, WhoCannotWriteSharesNothing) {
    const std::vector<OutSeen> all{{0, "n1", "", {0}}, {1, "n2", "cannot make /o: Permission denied", {}}};
    EXPECT_EQ(why_not_one(all), "n2 cannot write there: cannot make /o: Permission denied");
    EXPECT_THAT(apart_from_first(all), ElementsAre(1));
}

TEST(OneOut, TokensAreFoundAndGo) {
    Folder folder;
    Token a(folder.path(), "00000000000a", 0), b(folder.path(), "00000000000a", 3), other(folder.path(), "00000000000b", 3);
    a.make();
    other.make();
    EXPECT_THAT(a.found({0, 3}), ElementsAre(0));
    b.make();
    EXPECT_THAT(a.found({0, 3}), ElementsAre(0, 3));
    b.remove();
    EXPECT_THAT(other.found({3}), ElementsAre(3)) << "those of living starts stay";
    other.remove();
    EXPECT_THAT(a.found({0, 3}), ElementsAre(0));
    a.remove(true);
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/.flowspan")) << "which nobody else has made";
}

TEST(OneOut, TokensOfDeadStartsGo) {
    Folder folder;
    Token dead(folder.path(), "00000000000b", 1), own(folder.path(), "00000000000a", 0);
    dead.make();
    const std::string path = folder.path() + "/.flowspan/" + token_name("00000000000b", 1);
    const timespec long_ago[2] = {{.tv_sec = 1'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0), 0);
    own.make();
    own.remove();
    EXPECT_TRUE(std::filesystem::exists(folder.path() + "/.flowspan"));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(OneOut, ATokenThatCannotBeMadeIsASentence) {
    Folder folder;
    folder.write("out", "a file");
    Token token(folder.path() + "/out", "00000000000a", 0);
    EXPECT_THROW(token.make(), Failure);
}

}  // namespace
}  // namespace flowspan::batch

// A rank's own folder goes with it, and with the next start where it was killed; those of the living stay.
#include "batch/keep/rank_folder.hpp"

#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using flowspan::test::Folder;

TEST(RankFolder, GoesWithWhatLiesInIt) {
    Folder folder;
    {
        RankFolder own(folder.path(), "flowspan-stage", "00000000000a", 3);
        EXPECT_EQ(own.path(), folder.path() + "/.flowspan-stage-00000000000a-3");
        fs::create_directories(own.path() + "/a/b");
        std::ofstream(own.path() + "/a/b/c") << "text";
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RankFolder, ThoseOfTheLivingStay) {
    Folder folder;
    RankFolder a(folder.path(), "flowspan-stage", "00000000000a", 0), b(folder.path(), "flowspan-stage", "00000000000b", 0);
    EXPECT_TRUE(fs::exists(a.path()));
    remove_dead_folders(folder.path(), "flowspan-stage");
    EXPECT_TRUE(fs::exists(a.path()) && fs::exists(b.path()));
}

TEST(RankFolder, ThoseOfKilledProcessesGoAndOtherKindsStay) {
    Folder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        auto* killed = new RankFolder(folder.path(), "flowspan-stage", "00000000000a", 0);
        std::ofstream(killed->path() + "/copy") << "text";
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    fs::create_directories(folder.path() + "/.flowspan-stage-00000000000c-0");  // being made: no lock yet
    const std::string theirs = folder.path() + "/.flowspan-stage-notes";
    fs::create_directories(theirs);
    const timespec long_ago[2] = {{.tv_sec = 1'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, theirs.c_str(), long_ago, 0), 0);
    ASSERT_TRUE(fs::exists(folder.path() + "/.flowspan-stage-00000000000a-0"));
    RankFolder next(folder.path(), "flowspan-stage", "00000000000b", 0);
    EXPECT_FALSE(fs::exists(folder.path() + "/.flowspan-stage-00000000000a-0"));
    EXPECT_TRUE(fs::exists(folder.path() + "/.flowspan-stage-00000000000c-0"));
    EXPECT_TRUE(fs::exists(theirs));
}

}  // namespace
}  // namespace flowspan::batch

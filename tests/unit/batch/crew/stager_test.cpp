// Copies ahead of units: which, how many, what goes when, and what is read where it lies.
#include "batch/ahead/stager.hpp"

#include "core/files/stand_in.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using flowspan::test::Folder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Staging : public ::testing::Test {
protected:
    Staging() { fs::create_directories(own); }
    void old(const std::string& path) const {
        const timespec times[2] = {{.tv_sec = 1'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000, .tv_nsec = 5}};
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    }
    std::string recording(const std::string& name, const std::string& text) const {
        from.write(name, text);
        old(from / name);
        return from / name;
    }
    static Task task(std::uint64_t unit, const std::string& recording) {
        Task task;
        task.unit = unit;
        task.run = "00000000000" + std::to_string(unit);
        task.overrides.push_back({"recording", recording, ""});
        return task;
    }
    Stager stager(std::uint64_t limit, bool one = false) {
        return Stager({own, to.path(), limit, one}, [this](const std::string& run, const run::LogLine& line) {
            said.push_back(run + ": " + std::string(name_of(line.level)) + ": " + line.text);
        });
    }
    /// What comes until it has nothing more to give.
    static std::vector<Task> wait(Stager& stager, std::size_t count) {
        std::vector<Task> all;
        for (int k = 0; k < 5000 && all.size() < count; ++k) {
            for (Task& task : stager.turn(Stager::Clock::now())) all.push_back(std::move(task));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return all;
    }
    static bool has_more(Stager& stager) {
        for (int k = 0; k < 100; ++k) {
            if (!stager.turn(Stager::Clock::now()).empty()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }
    std::size_t copies() const { return std::size_t(std::distance(fs::directory_iterator(own), fs::directory_iterator())); }
    Folder from, to;
    std::string own = to.path() + "/.flowspan-stage-00000000000a-0";
    std::vector<std::string> said;
};

TEST_F(Staging, ATaskIsToldOfACopyAndWhatItHolds) {
    const std::string a = recording("a.cf32", "0123456789");
    Stager s = stager(1000);
    s.give(task(1, a));
    const std::vector<Task> tasks = wait(s, 1);
    ASSERT_EQ(tasks.size(), 1U);
    ASSERT_TRUE(tasks[0].copies.contains(a));
    const Task::Copy& copy = tasks[0].copies.at(a);
    EXPECT_EQ(copy.hash, Content::read({a}).hash_of(a));
    EXPECT_EQ(Content::from(tasks[0].known_content).value(), Content::read({a}).value()) << "facts of the original";
    struct stat original {
    }, there{};
    ASSERT_EQ(::stat(a.c_str(), &original), 0);
    ASSERT_EQ(::stat(copy.file.c_str(), &there), 0);
    EXPECT_EQ(original.st_size, there.st_size);
    EXPECT_EQ(original.st_mtim.tv_sec, there.st_mtim.tv_sec);
    EXPECT_THAT(said, IsEmpty());
    s.over(1);
    (void)s.turn(Stager::Clock::now() + std::chrono::seconds(5));
    EXPECT_FALSE(fs::exists(copy.file)) << "it goes with the unit";
}

TEST_F(Staging, BothFilesOfSigMF) {
    const std::string meta = recording("a.sigmf-meta", "{}"), data = recording("a.sigmf-data", "0123");
    Stager s = stager(1000);
    s.give(task(1, meta));
    const std::vector<Task> tasks = wait(s, 1);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_TRUE(tasks[0].copies.contains(meta) && tasks[0].copies.contains(data));
}

TEST_F(Staging, TheComputedAndTheNextUnitAndNoMore) {
    Stager s = stager(1000);
    for (std::uint64_t u = 1; u <= 4; ++u) s.give(task(u, recording("r" + std::to_string(u), "0123456789")));
    EXPECT_EQ(wait(s, 2).size(), 2U);
    EXPECT_FALSE(has_more(s));
    EXPECT_EQ(copies(), 2U);
    s.over(1);
    EXPECT_EQ(wait(s, 1).at(0).unit, 3U);
    EXPECT_FALSE(s.idle());
}

TEST_F(Staging, UnitsOfOneRecordingShareACopy) {
    const std::string a = recording("a.cf32", "0123456789");
    Stager s = stager(1000);
    for (std::uint64_t u = 1; u <= 3; ++u) s.give(task(u, a));
    const std::vector<Task> two = wait(s, 2);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].copies.at(a).file, two[1].copies.at(a).file);
    s.over(1);
    const std::vector<Task> third = wait(s, 1);
    ASSERT_EQ(third.size(), 1U);
    EXPECT_EQ(third[0].copies.at(a).file, two[0].copies.at(a).file);
    EXPECT_EQ(copies(), 1U);
}

TEST_F(Staging, AChangedRecordingIsCopiedAnew) {
    const std::string a = recording("a.cf32", "0123456789");
    Stager s = stager(1000);
    s.give(task(1, a));
    const std::string first = wait(s, 1).at(0).copies.at(a).file;
    recording("a.cf32", "9876543210x");
    s.give(task(2, a));
    const Task second = wait(s, 1).at(0);
    EXPECT_NE(second.copies.at(a).file, first);
    EXPECT_EQ(second.copies.at(a).hash, Content::read({a}).hash_of(a));
    EXPECT_TRUE(fs::exists(first)) << "the first unit still reads it";
    s.over(1);
    s.over(2);
    (void)s.turn(Stager::Clock::now() + std::chrono::seconds(5));
    EXPECT_EQ(copies(), 0U);
}

TEST_F(Staging, KeepsToItsLimitAndWaitsForRoom) {
    Stager s = stager(15);
    s.give(task(1, recording("a", "0123456789")));
    s.give(task(2, recording("b", "0123456789")));
    s.give(task(3, recording("c", std::string(16, 'x'))));
    EXPECT_EQ(wait(s, 1).at(0).copies.size(), 1U);
    EXPECT_FALSE(has_more(s)) << "there is room for one";
    EXPECT_EQ(copies(), 1U);
    s.over(1);
    EXPECT_EQ(wait(s, 1).at(0).copies.size(), 1U);
    EXPECT_FALSE(has_more(s));
    s.over(2);
    const std::vector<Task> third = wait(s, 1);
    ASSERT_EQ(third.size(), 1U);
    EXPECT_THAT(third[0].copies, IsEmpty()) << "larger than all";
    EXPECT_THAT(said, ElementsAre("000000000003: info: " + (from / "c") + " is read where it lies: --stage-limit"));
}

TEST_F(Staging, CopiesOfOtherRanksCount) {
    to.write(".flowspan-stage-00000000000a-1/0", std::string(10, 'x'));
    Stager s = stager(15);
    s.give(task(1, recording("a", "0123456789")));
    const std::vector<Task> tasks = wait(s, 1);
    ASSERT_EQ(tasks.size(), 1U) << "nobody waits while nothing is computed";
    EXPECT_THAT(tasks[0].copies, IsEmpty());
}

TEST_F(Staging, WithoutALimitOneCopyIsMadeWhateverItsSize) {
    Stager s = stager(5, true);
    s.give(task(1, recording("a", "0123456789")));
    EXPECT_EQ(wait(s, 1).at(0).copies.size(), 1U);
}

TEST_F(Staging, WhatCannotBeCopiedIsReadWhereItLiesAndSaid) {
    fs::remove_all(own);
    Stager s = stager(1000);
    s.give(task(1, recording("a", "0123456789")));
    const std::vector<Task> tasks = wait(s, 1);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_THAT(tasks[0].copies, IsEmpty());
    EXPECT_THAT(said, ElementsAre("000000000001: warning: " + (from / "a") + " is read where it lies: cannot create " + own +
                                  "/0: No such file or directory"));
}

TEST_F(Staging, WhatMayChangeWithinItsTimeStampIsNotCopied) {
    from.write("a", "0123456789");
    Stager s = stager(1000);
    s.give(task(1, from / "a"));
    EXPECT_THAT(wait(s, 1).at(0).copies, IsEmpty());
    EXPECT_THAT(said,
                ElementsAre("000000000001: info: " + (from / "a") + " is read where it lies: it is younger than two seconds"));
}

TEST_F(Staging, TakesBackWhatWaits) {
    Stager s = stager(1000);
    for (std::uint64_t u = 1; u <= 4; ++u) s.give(task(u, recording("r" + std::to_string(u), "0123456789")));
    const std::vector<Task> given = s.turn(Stager::Clock::now());
    // Its copy is being made, or has been made already.
    ASSERT_EQ(given.size() + s.take_back(1).size(), 1U);
    EXPECT_EQ(wait(s, 1).at(0).unit, 2U);
    EXPECT_GE(s.take_back(std::nullopt).size(), 1U);
    EXPECT_TRUE(s.idle());
}

TEST(StandIn, FilesAreOpenedInThePlaceOfOthersWhileItLives) {
    EXPECT_EQ(stand_in_for("/a"), "/a");
    {
        const StandIns all(std::map<std::string, std::string>{{"/a", "/b"}});
        EXPECT_EQ(stand_in_for("/a"), "/b");
        EXPECT_EQ(stand_in_for("/c"), "/c");
    }
    EXPECT_EQ(stand_in_for("/a"), "/a");
}

}  // namespace
}  // namespace flowspan::batch

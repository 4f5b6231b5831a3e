// Rolling forward: from wherever the renames stopped, once or twice, and nowhere but below OUT.
#include "batch/journal/roll.hpp"

#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using flowspan::test::content_of;
using flowspan::test::Folder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One unit, committed with its two products, whose parts lie there.
void commit_a(const Folder& out) {
    Journal journal(out.path());
    const UnitId a = journal.append(test::unit("n/a"));
    journal.append(test::start(a, "r1"));
    journal.append(test::commit(a, "r1"));
    journal.sync();
    out.write("n/a/.a.wav.r1.0.1.part", "12345");
    out.write("n/a/spectra/.b.h5.r1.0.2.part", "1234567");
}

std::vector<std::string> products(const Folder& out) {
    std::vector<std::string> names = out.names();
    std::erase_if(names, [](const std::string& name) { return name.starts_with(".flowspan/"); });
    return names;
}

/// As the next start does it, to the end of its first group.
Rolled start_again(const Folder& out) {
    const History h = History::read(out.path());
    Journal journal(out.path());
    Rolled rolled = roll_forward(out.path(), h, 0);
    append(journal, h, rolled);
    journal.append(line::End{0, {}}.value());
    journal.sync();
    return rolled;
}

TEST(RollForward, GivesNamesFromWhereverTheRenamesStopped) {
    for (int state = 0; state < 4; ++state) {
        const Folder out;
        commit_a(out);
        if ((state & 1) != 0) fs::rename(out / "n/a/.a.wav.r1.0.1.part", out / "n/a/a.wav");
        if ((state & 2) != 0) fs::rename(out / "n/a/spectra/.b.h5.r1.0.2.part", out / "n/a/spectra/b.h5");
        const History h = History::read(out.path());
        const std::size_t left = state == 0 ? 2 : state == 3 ? 0 : 1;
        // A crash before the journal is written: all of it again.
        for (int again = 0; again < 2; ++again) {
            const Rolled rolled = roll_forward(out.path(), h);
            EXPECT_THAT(products(out), ElementsAre("n/a/a.wav", "n/a/spectra/b.h5")) << state;
            EXPECT_EQ(rolled.done.size(), 1u);
            EXPECT_THAT(rolled.cannot, IsEmpty());
            EXPECT_TRUE(rolled.cleared);
            if (again == 0 && left > 0)
                EXPECT_THAT(rolled.did,
                            ElementsAre(fmt::format("published {} product{} of 1 unit, which an earlier start had committed",
                                                    left, left == 1 ? "" : "s")));
            else
                EXPECT_THAT(rolled.did, IsEmpty());
        }
        EXPECT_EQ(content_of(out / "n/a/a.wav"), "12345");
        start_again(out);
        const History after = History::read(out.path());
        EXPECT_EQ(after.state(0), State::done);
        EXPECT_THAT(after.committed(), IsEmpty());
        EXPECT_THAT(after.dead(), IsEmpty());
    }
}

TEST(RollForward, ReplacesAProductOfAnOlderKey) {
    const Folder out;
    commit_a(out);
    out.write("n/a/a.wav", "older");
    EXPECT_EQ(start_again(out).done.size(), 1u);
    EXPECT_EQ(content_of(out / "n/a/a.wav"), "12345");
}

TEST(RollForward, ComputesAgainWhatIsGone) {
    struct Case {
        std::string part, product, why;
    };
    const Case cases[] = {{"", "", "neither {0}/a.wav nor .a.wav.r1.0.1.part is there"},
                          {"1234", "", "{0}/.a.wav.r1.0.1.part has 4 bytes, not 5"},
                          {"", "123456", "{0}/a.wav has 6 bytes, not 5"}};
    for (const Case& c : cases) {
        const Folder out;
        commit_a(out);
        fs::remove(out / "n/a/.a.wav.r1.0.1.part");
        if (!c.part.empty()) out.write("n/a/.a.wav.r1.0.1.part", c.part);
        if (!c.product.empty()) out.write("n/a/a.wav", c.product);
        const Rolled rolled = start_again(out);
        ASSERT_EQ(rolled.lost.size(), 1u) << c.why;
        EXPECT_EQ(rolled.lost[0].why, fmt::format(fmt::runtime(c.why), out / "n/a"));
        EXPECT_THAT(rolled.done, IsEmpty());
        EXPECT_FALSE(fs::exists(out / "n/a/spectra/b.h5"));
        const History h = History::read(out.path());
        EXPECT_EQ(h.state(0), State::fresh);
        EXPECT_EQ(h.known(0).cause, rolled.lost[0].why);
        EXPECT_THAT(h.dead(), ElementsAre(Dead{0, "r1"}));
        // What is left of it goes at the next start.
        start_again(out);
        EXPECT_FALSE(fs::exists(out / "n/a/spectra/.b.h5.r1.0.2.part"));
        EXPECT_THAT(History::read(out.path()).dead(), IsEmpty());
    }
}

TEST(RollForward, KeepsACommitThatIsInTheWay) {
    const Folder out;
    commit_a(out);
    out.write("n/a/a.wav/file", "in the way");
    const Rolled rolled = start_again(out);
    EXPECT_THAT(rolled.cannot,
                ElementsAre("cannot publish " + (out / "n/a/a.wav") + ": Is a directory; the next start tries again"));
    EXPECT_THAT(rolled.done, IsEmpty());
    EXPECT_THAT(rolled.did, ElementsAre("published 1 product of 1 unit, which an earlier start had committed"));
    EXPECT_EQ(History::read(out.path()).state(0), State::committed);
    fs::remove_all(out / "n/a/a.wav");
    EXPECT_EQ(start_again(out).done.size(), 1u);
    EXPECT_EQ(History::read(out.path()).state(0), State::done);
}

TEST(RollForward, RemovesPartsOfAttemptsWithoutACommitAndNothingElse) {
    const Folder out;
    {
        Journal journal(out.path());
        const UnitId a = journal.append(test::unit("a")), b = journal.append(test::unit("b"));
        journal.append(test::start(a, "r1"));
        journal.append(test::start(a, "r2", 2));
        journal.append(test::start(b, "r3"));
        journal.sync();
    }
    for (const char* name : {"a/.x.r1.0.1.part", "a/sub/.y.r1.0.2.part", "a/.x.r2.0.1.part", "a/.x.r9.0.1.part", "a/x",
                             "a/.r1.part", "c/.x.r1.0.1.part"})
        out.write(name, "x");
    const Rolled rolled = start_again(out);
    EXPECT_THAT(products(out), ElementsAre("a/.r1.part", "a/.x.r9.0.1.part", "a/x", "c/.x.r1.0.1.part"));
    EXPECT_THAT(rolled.did, ElementsAre("removed 3 parts of 1 unit, which earlier starts had begun"));
    EXPECT_TRUE(rolled.cleared);
    EXPECT_THAT(History::read(out.path()).dead(), IsEmpty());
}

TEST(RollForward, FollowsNoLinkOutOfOut) {
    const Folder out, victim;
    commit_a(out);
    {
        Journal journal(out.path());
        const UnitId b = journal.append(test::unit("b"));
        journal.append(test::start(b, "r2"));
        journal.sync();
    }
    victim.write(".b.h5.r1.0.2.part", "1234567");
    victim.write(".x.r2.0.1.part", "x");
    fs::remove_all(out / "n/a/spectra");
    ::symlink(victim.path().c_str(), (out / "n/a/spectra").c_str());
    ::symlink(victim.path().c_str(), (out / "b").c_str());
    const auto before = victim.names();
    const Rolled rolled = start_again(out);
    EXPECT_EQ(victim.names(), before);
    EXPECT_THAT(rolled.cannot, ElementsAre(fmt::format("cannot publish {}: a link leads out of {}; the next start tries again",
                                                       out / "n/a/spectra/b.h5", out.path()),
                                           fmt::format("cannot clear {}: a link leads out of {}; the next start tries again",
                                                       out / "b", out.path())));
    EXPECT_FALSE(rolled.cleared);
    EXPECT_THAT(History::read(out.path()).dead(), ElementsAre(Dead{1, "r2"}));
    // A link within the unit's folder is not followed either.
    fs::remove(out / "b");
    fs::create_directory(out / "b");
    ::symlink(victim.path().c_str(), (out / "b/down").c_str());
    start_again(out);
    EXPECT_EQ(victim.names(), before);
}

TEST(RollForward, TouchesNothingThatAForgedJournalNames) {
    const Folder above;
    const std::string out = above / "out";
    above.write("victim", "untouched");
    above.write("out/a/.victim.r1.0.1.part", "forged!!!");
    above.write("out/a/.a.wav.r1.0.1.part", "12345");
    const UnitId a{1, 0};
    above.write("out/.flowspan/journal-0-0001", sealed_line(line::Described{a, test::unit("a")}.value()) +
                                                    sealed_line(test::commit(a, "r1", "k", {{"../../victim", 9, 0, 1}})) +
                                                    sealed_line(line::Described{{1, 1}, test::unit("../..")}.value()) +
                                                    sealed_line(test::start({1, 1}, "r1")));
    const History h = History::read(out);
    EXPECT_EQ(h.troubles().count, 3u);
    const Rolled rolled = roll_forward(out, h, 0);
    EXPECT_THAT(rolled.done, IsEmpty());
    EXPECT_THAT(above.names(),
                ElementsAre("out/.flowspan/journal-0-0001", "out/a/.a.wav.r1.0.1.part", "out/a/.victim.r1.0.1.part", "victim"));
    EXPECT_EQ(content_of(above / "victim"), "untouched");
}

}  // namespace
}  // namespace flowspan::batch

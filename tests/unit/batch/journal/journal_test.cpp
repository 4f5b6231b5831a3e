// The journal of a start: what is written stands there, and after an error the next lines do.
#include "batch/journal/journal.hpp"

#include "batch/journal/history.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace flowspan::batch {
namespace {

using flowspan::test::content_of;
using flowspan::test::Folder;
using flowspan::test::sentence_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The descriptor of this process that a path is open under.
int descriptor_of(const std::string& path) {
    struct stat wanted {
    }, there{};
    ::stat(path.c_str(), &wanted);
    for (int k = 3; k < 1024; ++k)
        if (::fstat(k, &there) == 0 && there.st_ino == wanted.st_ino && there.st_dev == wanted.st_dev) return k;
    return -1;
}

/// The journal's file is another one for a while.
class Instead {
public:
    Instead(const Journal& journal, int other) : descriptor_(descriptor_of(journal.path())), kept_(::dup(descriptor_)) {
        ::dup2(other, descriptor_);
    }
    ~Instead() {
        ::dup2(kept_, descriptor_);
        ::close(kept_);
    }

private:
    int descriptor_, kept_;
};

/// No file may be longer.
class Limit {
public:
    explicit Limit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const struct rlimit now { bytes, before_.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &now);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
    }
    ~Limit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    struct rlimit before_ {};
    void (*handler_)(int) = nullptr;
};

std::vector<std::string> units_in(const History& h) {
    std::vector<std::string> names;
    for (std::size_t u = 0; u < h.size(); ++u) names.push_back(h.known(u).unit.folder);
    return names;
}

TEST(Journal, OfEachStartAndPartHasItsNumber) {
    const Folder out;
    Journal a(out.path()), b(out.path()), part(out.path(), 3);
    out.write(".flowspan/journal-0-0041", "");
    out.write(".flowspan/journal-0-99", "");  // none of ours
    out.write(".flowspan/journal-0-4000000000", "");
    const Journal c(out.path());
    EXPECT_EQ(a.path(), out / ".flowspan/journal-0-0001");
    EXPECT_EQ(b.path(), out / ".flowspan/journal-0-0002");
    EXPECT_EQ(part.path(), out / ".flowspan/journal-3-0001");
    EXPECT_EQ(c.path(), out / ".flowspan/journal-0-0042");
    EXPECT_TRUE(a.overtaken());
    EXPECT_FALSE(part.overtaken());
    EXPECT_FALSE(c.overtaken());
}

TEST(Journal, MakesItsFolderButFollowsNoLink) {
    const Folder out;
    ::mkdir((out / "elsewhere").c_str(), 0777);
    ::symlink("elsewhere", (out / ".flowspan").c_str());
    EXPECT_EQ(sentence_of([&] { Journal(out.path()); }),
              "cannot open the folder " + (out / ".flowspan") + ": it is a link, or no folder");
    EXPECT_EQ(sentence_of([&] { History::read(out.path()); }),
              "cannot open the folder " + (out / ".flowspan") + ": it is a link, or no folder");
    EXPECT_EQ(Journal(out / "new/below").path(), out / "new/below/.flowspan/journal-0-0001");
    EXPECT_THAT(flowspan::test::Folder().names(), IsEmpty());
}

TEST(Journal, WritesNothingBeforeItIsAsked) {
    const Folder out;
    Journal journal(out.path());
    journal.append(test::begin().value());
    EXPECT_TRUE(journal.has_pending());
    EXPECT_EQ(content_of(journal.path()), "");
    journal.write();
    EXPECT_FALSE(journal.has_pending());
    EXPECT_EQ(content_of(journal.path()), sealed_line(test::begin().value()));
    journal.append(test::unit("dropped"));
    journal.drop();
    journal.sync();
    EXPECT_EQ(content_of(journal.path()), sealed_line(test::begin().value()));
}

TEST(Journal, SaysThatTheDiskIsFullAndWritesLater) {
    const Folder out;
    Journal journal(out.path());
    journal.append(test::unit("a"));
    {
        const int full = ::open("/dev/full", O_WRONLY);
        const Instead instead(journal, full);
        EXPECT_EQ(sentence_of([&] { journal.write(); }), "cannot write " + journal.path() + ": No space left on device");
        ::close(full);
    }
    journal.append(test::unit("b"));
    journal.sync();
    const History h = History::read(out.path());
    EXPECT_THAT(units_in(h), ElementsAre("a", "b"));
    EXPECT_EQ(h.troubles().count, 0u);
}

TEST(Journal, GoesOnBehindALineTornAnywhere) {
    const std::size_t one = sealed_line(line::Described{{1, 0}, test::unit("a")}.value()).size();
    for (std::size_t room = 0; room <= 3 * one; ++room) {
        const Folder out;
        Journal journal(out.path());
        for (const char* name : {"a", "b", "c"}) journal.append(test::unit(name));
        {
            const Limit limit(room);
            const std::string said = sentence_of([&] { journal.write(); });
            EXPECT_EQ(said, room == 3 * one ? "" : "cannot write " + journal.path() + ": File too large") << room;
            EXPECT_EQ(content_of(journal.path()).size(), room);
            EXPECT_EQ(sentence_of([&] { journal.write(); }), said);  // again
        }
        journal.append(test::unit("d"));
        journal.write();
        const History h = History::read(out.path());
        EXPECT_THAT(units_in(h), ElementsAre("a", "b", "c", "d")) << room;
        EXPECT_EQ(h.troubles().count, room % one == 0 || room % one == one - 1 ? 0u : 1u) << room;
    }
}

TEST(Journal, DropsATornLineForGood) {
    const Folder out;
    Journal journal(out.path());
    for (const char* name : {"a", "b"}) journal.append(test::unit(name));
    {
        const Limit limit(100);
        EXPECT_EQ(sentence_of([&] { journal.write(); }), "cannot write " + journal.path() + ": File too large");
    }
    EXPECT_TRUE(journal.has_pending());
    journal.drop();
    EXPECT_FALSE(journal.has_pending());
    journal.append(test::unit("c"));
    journal.write();
    EXPECT_THAT(units_in(History::read(out.path())), ElementsAre("a", "c"));
}

// A file system says once that it could not keep something, and may have thrown it away.
TEST(Journal, WritesAgainWhatCouldNotBeMadeDurable) {
    const Folder out;
    Journal journal(out.path());
    journal.append(test::begin().value());
    journal.sync();
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const UnitId a = journal.append(test::unit("a"));
    journal.append(test::start(a, "r1"));
    {
        const Instead instead(journal, pipe[1]);  // takes all, and cannot be made durable
        EXPECT_EQ(sentence_of([&] { journal.sync(); }), "cannot make durable " + journal.path() + ": Invalid argument");
    }
    journal.append(test::commit(a, "r1"));
    journal.append(test::done(a, "r1"));
    journal.sync();
    const History h = History::read(out.path());
    EXPECT_EQ(test::state_of(h, "a"), State::done);
    EXPECT_EQ(h.troubles().count, 0u);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(Journal, SaysThatItHasBeenRemoved) {
    const Folder out;
    Journal journal(out.path());
    ::unlink(journal.path().c_str());
    EXPECT_EQ(sentence_of([&] { journal.sync(); }), "cannot make durable " + journal.path() + ": it has been removed");
}

TEST(Journal, RefusesALineThatNobodyCouldRead) {
    const Folder out;
    Journal journal(out.path());
    EXPECT_EQ(sentence_of([&] {
                  journal.append(Value::Map{{"is", std::string(longest_line, 'x')}});
              }),
              "cannot write " + journal.path() + ": a line of 67108900 bytes, at most 67108864 can be read");
    EXPECT_FALSE(journal.has_pending());
}

}  // namespace
}  // namespace flowspan::batch

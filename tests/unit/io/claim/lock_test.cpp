#include "io/claim/lock.hpp"

#include "io/claim/folder.hpp"
#include "io/record/sealed.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <optional>
#include <thread>

#include "../folder.hpp"

namespace flowspan::io {
namespace {
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

Claims claim(const std::string& folder, const std::vector<std::string>& names, const std::vector<Pattern>& patterns = {}) {
    Claims claims;
    Claim& c = claims[canonical_folder(folder)];
    c.folder = folder;
    c.elsewhere = false;
    for (const auto& name : names) c.names.add(name);
    for (const auto& pattern : patterns) c.names.add(pattern);
    return claims;
}

void set_age(const std::string& path, long seconds) {
    const timespec then{time(nullptr) - seconds, 0}, both[2] = {then, then};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), both, 0), 0);
}

/// A lock as a process of another host leaves it.
std::string foreign_lock(const Folder& folder, const std::string& run, const std::string& name, bool held, long age_s) {
    Process process = Process::own();
    process.host = "elsewhere";
    Names names;
    names.add(name);
    Value content = names.value();
    content["run"] = run;
    content["process"] = process.value();
    const std::string path = folder.write(".flowspan." + run + ".lock", sealed("lock", content));
    chmod(path.c_str(), held ? 0444 : 0644);
    set_age(path, age_s);
    return path;
}

/// Waits for something that another thread or process does.
template <class Condition>
bool comes_true(Condition condition) {
    for (int k = 0; k < 2000 && !condition(); ++k) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
}

/// A process that holds a lock on a.wav until it is killed.
class Holder {
public:
    explicit Holder(const Folder& folder) {
        pid_ = fork();
        if (pid_ == 0) {
            const RunLocks lock("h1", claim(folder.path(), {"a.wav"}));
            for (;;) pause();
        }
        EXPECT_TRUE(comes_true([&] {
            const auto found = locks_in(folder.path());
            return found.locks.size() == 1 && found.locks[0].held;
        }));
    }
    ~Holder() { end(); }
    void signal(int which) const { kill(pid_, which); }
    void end() {
        if (pid_ == 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = 0;
};

TEST(RunLocks, TwoRunsWithOtherNamesShareAFolder) {
    const Folder folder;
    {
        const RunLocks one("r1", claim(folder.path(), {"a.wav"})), two("r2", claim(folder.path(), {"b.wav"}));
        EXPECT_THAT(folder.names(), ElementsAre(".flowspan.r1.lock", ".flowspan.r2.lock"));
        EXPECT_THAT(two.folders(), ElementsAre(canonical_folder(folder.path())));
    }
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(RunLocks, ANameThatALivingRunMayWriteIsRefused) {
    const Folder folder;
    const RunLocks one("r1", claim(folder.path(), {"a.wav"}, {{"a.", ProductPattern::Field::stretch, ".wav"}}));
    const std::string who = "which run r1 (" + Process::own().host + ", process " + std::to_string(getpid()) +
                            ") may write\n   hint: wait for that run, or give another --out";
    EXPECT_EQ(sentence_of([&] { RunLocks("r2", claim(folder.path(), {"a.wav"})); }),
              "expected products that no other run is writing, got " + folder.path() + "/a.wav, " + who);
    EXPECT_EQ(sentence_of([&] { RunLocks("r2", claim(folder.path(), {"a.7.wav"})); }),
              "expected products that no other run is writing, got " + folder.path() + "/a.7.wav, " + who);
    EXPECT_THAT(folder.names(), ElementsAre(".flowspan.r1.lock")) << "what was refused leaves nothing";
}

TEST(RunLocks, AFolderIsTheSameByWhateverLinkItIsReached) {
    const Folder folder;
    fs::create_directory(folder / "real");
    fs::create_directory_symlink(folder / "real", folder / "link");
    const RunLocks one("r1", claim(folder / "real", {"a.wav"}));
    EXPECT_NE(sentence_of([&] { RunLocks("r2", claim(folder / "link", {"a.wav"})); }), "");
    const RunLocks other("r3", claim(folder / "link", {"b.wav"}));
}

TEST(RunLocks, AreDeadWhenTheirProcessIsGoneAndNotBefore) {
    const Folder folder;
    Holder holder(folder);
    holder.signal(SIGSTOP);
    set_age(folder / ".flowspan.h1.lock", 3600);
    EXPECT_NE(sentence_of([&] { RunLocks("r2", claim(folder.path(), {"a.wav"})); }), "") << "stopped for an hour";
    holder.end();
    const RunLocks after("r2", claim(folder.path(), {"a.wav"}));
}

TEST(RunLocks, AreDeadWhenAnotherProcessHasTheirNumber) {
    const Folder folder;
    Process process = Process::own();
    process.began += 1;
    Names names;
    names.add("a.wav");
    Value content = names.value();
    content["run"] = "r1";
    content["process"] = process.value();
    folder.write(".flowspan.r1.lock", sealed("lock", content));
    const RunLocks after("r2", claim(folder.path(), {"a.wav"}));
}

TEST(RunLocks, OfAZombieAreDead) {
    const Folder folder;
    const Holder holder(folder);
    holder.signal(SIGKILL);
    EXPECT_TRUE(comes_true([&] { return sentence_of([&] { RunLocks("r2", claim(folder.path(), {"a.wav"})); }).empty(); }));
}

TEST(RunLocks, OfAnotherHostAreDeadAMinuteAfterTheirLastRenewal) {
    const Folder folder;
    foreign_lock(folder, "r1", "a.wav", true, 55);
    EXPECT_THAT(sentence_of([&] { RunLocks("r2", claim(folder.path(), {"a.wav"})); }),
                testing::HasSubstr("/a.wav, which run r1 (elsewhere, process " + std::to_string(getpid()) + ") may write"));
    foreign_lock(folder, "r3", "b.wav", true, 65);
    const RunLocks after("r2", claim(folder.path(), {"b.wav"}));
}

// A time in the future is that of a file system whose clock is ahead of ours; the order is that of one file system.
TEST(RunLocks, OfTwoThatBeginTheOlderWins) {
    const Folder folder;
    foreign_lock(folder, "r1", "a.wav", false, 5);
    EXPECT_NE(sentence_of([&] { RunLocks("r2", claim(folder.path(), {"a.wav"})); }), "");
    foreign_lock(folder, "r3", "b.wav", false, -5);
    const RunLocks wins("r4", claim(folder.path(), {"b.wav"}));
    foreign_lock(folder, "r5", "c.wav", true, -5);
    EXPECT_NE(sentence_of([&] { RunLocks("r6", claim(folder.path(), {"c.wav"})); }), "") << "it has won, whatever its time";
}

TEST(RunLocks, OfManyThatBeginAtOnceOneWinsEachName) {
    const Folder folder;
    constexpr int runs = 8;
    std::atomic<int> won{0}, lost{0}, ready{0};
    std::vector<std::thread> all;
    for (int r = 0; r < runs; ++r) {
        all.emplace_back([&, r] {
            ++ready;
            while (ready < runs) std::this_thread::yield();
            try {
                const RunLocks lock("r" + std::to_string(r), claim(folder.path(), {"a.wav"}));
                ++won;
                comes_true([&] { return won + lost == runs; });  // it holds the lock while the others try
            } catch (const Refused&) { ++lost; }
        });
    }
    for (auto& thread : all) thread.join();
    EXPECT_EQ(won, 1);
}

TEST(RunLocks, AreRenewed) {
    const Folder folder;
    const RunLocks lock("r1", claim(folder.path(), {"a.wav"}), 0, {.renew_every_ms = 5});
    const std::string path = folder / ".flowspan.r1.lock";
    set_age(path, 1000);
    EXPECT_TRUE(
        comes_true([&] { return locks_in(folder.path()).locks.at(0).modified_ns / 1'000'000'000 > time(nullptr) - 500; }));
}

TEST(RunLocks, KnowThatOneIsGoneOrAnotherFile) {
    const Folder folder;
    const RunLocks lock("r1", claim(folder.path(), {"a.wav"}));
    lock.verify();
    const std::string path = folder / ".flowspan.r1.lock",
                      sentence = "the lock of this run in " + folder.path() +
                                 " is gone: another run may have taken it for dead, and nothing is published";
    fs::copy_file(path, folder / "copy");
    fs::rename(folder / "copy", path);
    EXPECT_EQ(sentence_of([&] { lock.verify(); }), sentence);
    fs::remove(path);
    EXPECT_EQ(sentence_of([&] { lock.verify(); }), sentence);
}

TEST(RunLocks, AnotherRanksLockIsNotTakenForAMissingOne) {
    const Folder folder;
    const RunLocks zero("r1", claim(folder.path(), {"a.wav"}));
    const RunLocks one("r1", claim(folder.path(), {"a.wav"}), 1);
    EXPECT_THAT(one.folders(), IsEmpty());
    fs::create_directory(folder / "of-the-node");
    const RunLocks two("r1", claim(folder / "of-the-node", {"b.wav"}), 2);
    EXPECT_THAT(two.folders(), ElementsAre(canonical_folder(folder / "of-the-node")));
}

TEST(RunLocks, LeaveAloneWhatIsNoLock) {
    const Folder folder;
    folder.write(".flowspan.x1.lock", "{}");
    folder.write(".flowspan.x2.lock", sealed("lock", Value::Map{{"run", "x2"}, {"process", 3}}));
    folder.write(".flowspan.x3.lock", sealed("lock", Value::Map{{"run", "another"}}));
    folder.write(".flowspan.x4.lock", "flowspan lock 100000 0000\n" + std::string(100'000, '['));
    std::string deep(100'000, '[');
    folder.write(".flowspan.x5.lock", "flowspan lock " + std::to_string(deep.size()) + " 0\n" + deep);
    fs::create_symlink("/dev/zero", folder / ".flowspan.x6.lock");
    fs::create_directory(folder / ".flowspan.x7.lock");
    ASSERT_EQ(mkfifo((folder / ".flowspan.x8.lock").c_str(), 0666), 0);
    const RunLocks lock("r1", claim(folder.path(), {"a.wav"}));
    const std::string at = canonical_folder(folder.path()) + "/.flowspan.";
    EXPECT_THAT(lock.strange(), testing::UnorderedElementsAre(
                                    at + "x1.lock is no lock of a run: it does not begin as one; it is left alone",
                                    at + "x2.lock is no lock of a run: it does not say what it must; it is left alone",
                                    at + "x3.lock is no lock of a run: it does not say what it must; it is left alone",
                                    at + "x4.lock is no lock of a run: its length or checksum is another; it is left alone",
                                    at + "x5.lock is no lock of a run: its length or checksum is another; it is left alone",
                                    at + "x6.lock is no lock of a run: it is a link; it is left alone",
                                    at + "x7.lock is no lock of a run: it is no regular file; it is left alone",
                                    at + "x8.lock is no lock of a run: it is no regular file; it is left alone"));
    for (int k = 1; k <= 8; ++k) EXPECT_TRUE(is_there(folder / (".flowspan.x" + std::to_string(k) + ".lock")));
}

TEST(Sealed, DeepNestingIsNotReadThoughItsChecksumIsRight) {
    const Folder folder;
    Value deep = Value::List{};
    for (int k = 0; k < 20; ++k) deep = Value::List{std::move(deep)};
    const std::string path = folder.write("deep", sealed("lock", deep));
    const Unsealed u = unseal("lock", path);
    EXPECT_FALSE(u.content);
    EXPECT_EQ(u.why, "it is nested too deep");
    EXPECT_EQ(unseal("commit", folder.write("kind", sealed("lock", Value::Map{}))).why, "it does not begin as one");
    EXPECT_EQ(unseal("lock", folder / "none").why, "");
    EXPECT_EQ(unseal("lock", folder.write("good", sealed("lock", Value::Map{{"a", "[[[[[[[[[[\"[[[[[["}}))).content,
              Value(Value::Map{{"a", "[[[[[[[[[[\"[[[[[["}}));
}

}  // namespace
}  // namespace flowspan::io

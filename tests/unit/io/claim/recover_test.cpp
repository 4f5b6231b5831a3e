#include "io/record/recover.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/commit.hpp"
#include "io/record/record.hpp"
#include "io/record/sealed.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "../folder.hpp"

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

void fill(Product& product, const std::string& text) {
    File file = File::create(product.part(), product.path());
    file.append(std::as_bytes(std::span(text)));
    file.close();
    product.complete();
}

Claims claim(const std::vector<std::string>& folders) {
    Claims claims;
    for (const auto& folder : folders) claims[canonical_folder(folder)] = {folder, {}, {}, false};
    return claims;
}

/// What a run does in another process, which ends without any clearing up, as kill -9 would.
template <class Action>
void die_after(const std::string& run, const std::vector<std::string>& folders, Action action) {
    const pid_t child = fork();
    if (child == 0) {
        const RunLocks lock(run, claim(folders));
        action();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
}

/// A run that makes these products in `out`, commits, and dies.
void die_committed(const std::string& run, const std::vector<std::string>& paths, const std::vector<std::string>& folders) {
    die_after(run, folders, [&] {
        Publisher publisher(run);
        for (const auto& path : paths) fill(*publisher.create(path), "content of " + name_of(path));
        Commit(run).write(publisher.entries());
    });
}

TEST(Recover, ARunThatDiedBetweenCommitAndRenamingIsRolledForward) {
    const Folder folder;
    die_committed("r1", {folder / "a.wav", folder / "b.h5", "/dev/null"}, {folder.path()});
    rename_durably(folder / ".a.wav.r1.0.0.part", folder / "a.wav");  // one rank got that far
    const Recovered done = recover({folder.path()});
    EXPECT_THAT(done.published, ElementsAre(folder / "b.h5"));
    EXPECT_THAT(done.removed, IsEmpty());
    EXPECT_THAT(done.warnings, IsEmpty());
    EXPECT_THAT(folder.names(), ElementsAre("a.wav", "b.h5"));
    EXPECT_EQ(content_of(folder / "b.h5"), "content of b.h5");
}

TEST(Recover, ARunThatDiedBeforeItsCommitLeavesNothing) {
    const Folder folder;
    die_after("r1", {folder.path()}, [&] {
        Publisher publisher("r1");
        fill(*publisher.create(folder / "a.wav"), "aaa");
        folder.write(".flowspan.r1.commit.new", "half");
    });
    EXPECT_THAT(recover({folder.path()}).removed,
                ElementsAre(folder / ".a.wav.r1.0.0.part", folder / ".flowspan.r1.commit.new"));
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(Recover, TouchesOnlyTemporariesThatALockOrRecordNamesInThatVeryFolder) {
    const Folder folder;
    const std::vector<std::string> foreign{
        ".a.wav.r1.part",    ".a.wav.r9.0.0.part", ".flowspan.r9.commit.new",  ".hidden",
        ".holiday.zip.part", "a.r1.0.0.part",      "below/.a.wav.r1.0.0.part", "below/.holiday.zip.part"};
    die_after("r1", {folder.path()}, [] {});
    for (const auto& name : foreign) folder.write(name, "keep");
    fs::create_symlink(folder / ".hidden", folder / ".link.r1.0.0.part");
    EXPECT_THAT(recover({folder.path()}).removed, IsEmpty());
    EXPECT_EQ(folder.names().size(), foreign.size() + 1) << "and the link";
    EXPECT_TRUE(is_there(folder / ".link.r1.0.0.part"));
}

TEST(EndOfRun, SaysWhatHasBecomeOfTheProductsOfARunThatIsGone) {
    const Folder folder;
    EXPECT_EQ(end_of_run({folder.path()}, "r1", false), "nothing is published");
    EXPECT_EQ(end_of_run({folder.path()}, "r1", true), all_published) << "its record may be gone already";
    die_committed("r1", {folder / "a.wav"}, {folder.path()});
    EXPECT_EQ(end_of_run({folder.path()}, "r1", false), "the products had been committed and are published");
    EXPECT_THAT(folder.names(), ElementsAre("a.wav"));
}

TEST(Recover, LeavesALivingRunAlone) {
    const Folder folder;
    const RunLocks living("r1", claim({folder.path()}));
    Publisher publisher("r1");
    fill(*publisher.create(folder / "a.wav"), "aaa");
    Commit(std::string("r1")).write(publisher.entries());
    fs::create_directory_symlink(folder.path(), folder / "link");
    for (const std::string& way : {folder.path(), folder / "link"}) {
        const Recovered done = recover({way});
        EXPECT_THAT(done.published, IsEmpty());
        EXPECT_THAT(done.removed, IsEmpty());
    }
    EXPECT_THAT(folder.names(), ElementsAre(".a.wav.r1.0.0.part", ".flowspan.r1.commit", ".flowspan.r1.lock"));
}

TEST(Recover, TheRecordSurvivesMovingTheFolders) {
    const Folder folder;
    die_committed("r1", {folder / "out/a.wav", folder / "out/sub/b.wav"}, {folder / "out", folder / "out/sub"});
    fs::rename(folder / "out", folder / "moved");
    EXPECT_THAT(recover({folder / "moved/sub"}).published, ElementsAre(folder / "moved/sub/b.wav"));
    EXPECT_THAT(recover({folder / "moved"}).published, ElementsAre(folder / "moved/a.wav"));
    EXPECT_THAT(folder.names(), ElementsAre("moved/a.wav", "moved/sub/b.wav"));
}

TEST(Recover, EachFolderOfACommittedRunIsRolledForwardByItself) {
    const Folder folder;
    const std::vector<std::string> both{folder / "one", folder / "two"};
    die_committed("r1", {folder / "one/a.wav", folder / "two/b.wav"}, both);
    const std::string one = canonical_folder(both[0]), two = canonical_folder(both[1]);
    const std::string stays = one + "/.flowspan.r1.commit stays until `flowspan recover ";
    Recovered done = recover({both[0]});
    EXPECT_THAT(done.published, ElementsAre(folder / "one/a.wav"));
    EXPECT_THAT(done.warnings, ElementsAre(stays + two + "` has done what its run has left there"));
    EXPECT_TRUE(fs::exists(folder / "one/.flowspan.r1.commit")) << "two's record depends on it";
    folder.write("one/a.wav", "replaced by a later run");
    done = recover({both[0]});
    EXPECT_THAT(done.published, IsEmpty());
    EXPECT_THAT(done.warnings, ElementsAre(stays + two + "` has done what its run has left there"));
    done = recover({both[1]});
    EXPECT_THAT(done.published, ElementsAre(folder / "two/b.wav"));
    EXPECT_THAT(done.warnings, IsEmpty());
    EXPECT_THAT(folder.names(), ElementsAre("one/a.wav", "two/b.wav")) << "one's record waited for two alone";
    EXPECT_EQ(content_of(folder / "one/a.wav"), "replaced by a later run");
}

TEST(Recover, SaysWhichFolderAMainRecordWaitsFor) {
    const Folder folder;
    const std::vector<std::string> both{folder / "out", folder / "out/sub"};
    die_committed("r1", {folder / "out/a.wav", folder / "out/sub/b.wav"}, both);
    const std::string out = canonical_folder(both[0]);
    Recovered done = recover({both[1]});
    EXPECT_THAT(done.published, ElementsAre(folder / "out/sub/b.wav"));
    EXPECT_THAT(done.warnings, ElementsAre(out + "/.flowspan.r1.commit stays until `flowspan recover " + out +
                                           "` has done what its run has left there"));
    EXPECT_THAT(recover({both[0]}).warnings, IsEmpty());
    EXPECT_THAT(folder.names(), ElementsAre("out/a.wav", "out/sub/b.wav"));

    die_committed("r2", {folder / "out/c.wav", folder / "out/sub/d.wav"}, both);
    fs::rename(both[1], folder / "away");
    done = recover({both[0]});
    EXPECT_THAT(done.warnings, ElementsAre(out + "/.flowspan.r2.commit stays: its run has written into " + out +
                                           "/sub too, which cannot be seen from here"));
}

TEST(Recover, ARecordWithoutTheMainOneIsVoid) {
    const Folder folder;
    const std::vector<std::string> both{folder / "one", folder / "two"};
    die_committed("r1", {folder / "one/a.wav", folder / "two/b.wav"}, both);
    fs::remove(folder / "one/.flowspan.r1.commit");  // as if it had not come to be
    EXPECT_THAT(recover(both).removed, ElementsAre(folder / "one/.a.wav.r1.0.0.part", folder / "two/.b.wav.r1.0.0.part"));
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(Recover, ARecordWhoseMainOneIsOutOfSightIsLeftAloneWithAWarning) {
    const Folder folder;
    const std::vector<std::string> both{folder / "one", folder / "two"};
    die_committed("r1", {folder / "one/a.wav", folder / "two/b.wav"}, both);
    fs::rename(folder / "one", folder / "away");
    const Recovered done = recover({both[1]});
    EXPECT_THAT(done.removed, IsEmpty());
    EXPECT_THAT(done.warnings, ElementsAre(folder / "two/.flowspan.r1.commit belongs to a record in " +
                                           canonical_folder(folder / "one") + ", which cannot be read; it is left alone"));
    fs::rename(folder / "away", folder / "one");
    EXPECT_THAT(recover({both[1]}).published, ElementsAre(folder / "two/b.wav"));
}

TEST(Recover, WhatCannotTakeItsNameStaysCommittedAndTheRestIsPublished) {
    const Folder folder;
    die_committed("r1", {folder / "a.wav", folder / "b.wav"}, {folder.path()});
    fs::create_directories(folder / "a.wav/in the way");
    for (int times = 0; times < 2; ++times) {
        const Recovered done = recover({folder.path()});
        ASSERT_EQ(done.blocked.size(), 1u);
        EXPECT_EQ(done.blocked[0].text(), "cannot publish " + (folder / "a.wav") +
                                              ", which run r1 committed: Is a directory; mend that, or remove " +
                                              (folder / ".flowspan.r1.commit") + " to give it up");
        EXPECT_EQ(fs::exists(folder / "b.wav"), true);
        EXPECT_TRUE(fs::exists(folder / ".a.wav.r1.0.0.part"));
        folder.write("b.wav", "of a later run");  // which is not the record's any more
    }
    fs::remove_all(folder / "a.wav");
    EXPECT_THAT(recover({folder.path()}).published, ElementsAre(folder / "a.wav"));
    EXPECT_THAT(folder.names(), ElementsAre("a.wav", "b.wav"));
    EXPECT_EQ(content_of(folder / "b.wav"), "of a later run");
}

TEST(Recover, AProductThatIsGoneIsNamed) {
    const Folder folder;
    die_committed("r1", {folder / "a.wav", folder / "b.wav"}, {folder.path()});
    fs::remove(folder / ".a.wav.r1.0.0.part");
    folder.write(".b.wav.r1.0.0.part", "short");
    const Recovered done = recover({folder.path()});
    ASSERT_EQ(done.blocked.size(), 2u);
    EXPECT_EQ(done.blocked[0].why, "neither it nor .a.wav.r1.0.0.part is there");
    EXPECT_EQ(done.blocked[1].why, ".b.wav.r1.0.0.part has 5 bytes, not 16");
}

/// A record with these products, whole and of this user.
std::string record_of(const std::string& run, const Value& products, const Value& stale = Value::List{}) {
    return sealed(
        "commit",
        Value::Map{{"run", run}, {"main", Value()}, {"others", Value::List{}}, {"products", products}, {"stale", stale}});
}
Value product(const std::string& part, const std::string& name) { return Value::List{Value::List{part, name, 6}}; }

// Each with a dead lock of its run beside it: whatever stands there, nothing outside is touched and nothing crashes.
TEST(Recover, ARecordIsTrustedOnlyWithPlainNamesOfItsOwnFolderAndRun) {
    std::string deep = "{\"run\":";
    deep += std::string(1'000'000, '[');
    const std::vector<std::pair<std::string, std::string>> records{
        {"{}", "it does not begin as one"},
        {"", "it is empty"},
        {deep, "it does not begin as one"},
        {"flowspan commit 5 0\n{}", "its length or checksum is another"},
        {sealed("commit", Value::Map{}), "it does not say what it must"},
        {sealed("commit", 7), "it does not say what it must"},
        {sealed("commit", Value::Map{{"run", "r1"}, {"main", Value()}, {"others", 1}, {"products", "x"}, {"stale", true}}),
         "it does not say what it must"},
        {record_of("r2", Value::List{}), "it does not say what it must"},
        {record_of("r1", product(".victim.r1.0.0.part", "../victim")), "it does not say what it must"},
        {record_of("r1", product("../.victim.r1.0.0.part", "victim")), "it does not say what it must"},
        {record_of("r1", product(".victim.r2.0.0.part", "victim")), "it does not say what it must"},
        {record_of("r1", product("other", "victim")), "it does not say what it must"},
        {record_of("r1", product(".a.r1.0.0.part", "victim")), "it does not say what it must"},
        {record_of("r1", product("..r1.0.0.part", "..")), "it does not say what it must"},
        {record_of("r1", Value::List{}, Value::List{"../victim"}), "it does not say what it must"},
        {record_of("r1", Value::List{}, Value::List{".flowspan.r3.lock"}), "it does not say what it must"}};
    for (const auto& [text, why] : records) {
        const Folder folder;
        die_after("r1", {folder / "out"}, [] {});
        folder.write("victim", "victim");
        folder.write("out/other", "forged");
        folder.write("out/.victim.r1.0.0.part", "forged");
        folder.write("out/.flowspan.r1.commit", text);
        const auto before = folder.names();
        const Recovered done = recover({folder / "out"});
        EXPECT_THAT(done.warnings,
                    ElementsAre(folder / "out/.flowspan.r1.commit is no record of a run: " + why + "; it is left alone"))
            << text.substr(0, 200);
        EXPECT_EQ(folder.names(), before);
        EXPECT_EQ(content_of(folder / "victim"), "victim");
    }
}

TEST(Recover, ARecordThatIsALinkOrAnotherUsersIsLeftAlone) {
    const Folder folder;
    die_committed("r1", {folder / "a.wav"}, {folder.path()});
    const std::string record = folder / ".flowspan.r1.commit";
    fs::rename(record, folder / "record");
    fs::create_symlink(folder / "record", record);
    EXPECT_THAT(recover({folder.path()}).warnings,
                ElementsAre(record + " is no record of a run: it is a link; it is left alone"));
    fs::remove(record);
    fs::rename(folder / "record", record);
    if (::chown(record.c_str(), 12345, gid_t(-1)) != 0) GTEST_SKIP() << "only root can give a file away";
    EXPECT_THAT(recover({folder.path()}).warnings,
                ElementsAre(record + " is no record of a run: it belongs to another user; it is left alone"));
    EXPECT_TRUE(fs::exists(folder / ".a.wav.r1.0.0.part"));
}

TEST(Recover, AFolderThatIsNotThereNeedsNone) { EXPECT_THAT(recover({"/nonexistent/folder"}).removed, IsEmpty()); }

TEST(Commit, RemovesStretchesThatWereNotMadeAgainAndNothingElseThatMatches) {
    const Folder folder;
    for (const char* name : {"a.2.wav", "a.3.wav", "a.02.wav", "a.b.wav", "b.2.wav", "burst-1.wav", "burst-2.wav"})
        folder.write(name, "old");
    using Field = ProductPattern::Field;
    Claims claims = claim({folder.path()});
    Claim& own = claims.begin()->second;
    for (const char* name : {"a.wav", "b.wav"}) own.names.add(name);
    const Pattern numbered{"a.", Field::stretch, ".wav"};
    own.names.add(numbered);
    own.numbered.add(numbered);
    own.names.add({"burst-", Field::digits, ".wav"});
    Publisher publisher("r", true);
    for (const char* name : {"a.wav", "a.2.wav", "burst-2.wav"}) fill(*publisher.create(folder / name), "new");
    Commit commit("r", &claims, nullptr, true);
    commit.write(publisher.entries());
    EXPECT_THAT(publisher.publish(), IsEmpty());
    EXPECT_THAT(commit.finish({}), IsEmpty());
    EXPECT_THAT(folder.names(),
                ElementsAre("a.02.wav", "a.2.wav", "a.b.wav", "a.wav", "b.2.wav", "burst-1.wav", "burst-2.wav"));
    EXPECT_EQ(content_of(folder / "burst-1.wav"), "old");
    EXPECT_EQ(content_of(folder / "burst-2.wav"), "new");
    EXPECT_EQ(content_of(folder / "a.2.wav"), "new");
}

TEST(Commit, TheDeadRunsStaleFilesGoWithItsRecord) {
    const Folder folder;
    folder.write("a.2.wav", "old");
    die_after("r1", {folder.path()}, [&] {
        Claims claims = claim({folder.path()});
        claims.begin()->second.numbered.add({"a.", ProductPattern::Field::stretch, ".wav"});
        Publisher publisher("r1", true);
        fill(*publisher.create(folder / "a.wav"), "new");
        Commit("r1", &claims, nullptr, true).write(publisher.entries());
    });
    recover({folder.path()});
    EXPECT_THAT(folder.names(), ElementsAre("a.wav"));
}

TEST(Commit, OfARunWhoseLockIsGoneDoesNotCome) {
    const Folder folder;
    const Claims claims = claim({folder / "one", folder / "two"});
    const RunLocks locks("r1", claims);
    Publisher publisher("r1");
    fill(*publisher.create(folder / "one/a.wav"), "a");
    fill(*publisher.create(folder / "two/b.wav"), "b");
    fs::remove(folder / "two/.flowspan.r1.lock");
    Commit commit("r1", &claims, &locks);
    EXPECT_EQ(sentence_of([&] { commit.write(publisher.entries()); }),
              "the lock of this run in " + (folder / "two") +
                  " is gone: another run may have taken it for dead, and nothing is published");
    EXPECT_FALSE(commit.durable());
    EXPECT_THAT(folder.names(), ElementsAre("one/.a.wav.r1.0.0.part", "one/.flowspan.r1.lock", "two/.b.wav.r1.0.0.part"));
}

TEST(Commit, OneNameOfTwoRanksIsRefused) {
    const Folder folder;
    Publisher zero("r1"), one("r1", false, 1);
    fill(*zero.create(folder / "a.wav"), "a");
    fs::create_directory_symlink(folder.path(), folder / "link");
    fill(*one.create(folder / "link/a.wav"), "b");
    auto all = zero.entries();
    all.push_back(one.entries()[0]);
    EXPECT_EQ(sentence_of([&] { Commit("r1").write(all); }),
              "cannot publish " + (folder / "link/a.wav") + ": two blocks of this run have made it");
}

TEST(Commit, RollsForwardWhatRanksCannot) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "a.wav"), "a");
    fill(*publisher.create(folder / "b.wav"), "b");
    Commit commit("r1");
    commit.write(publisher.entries());
    fs::create_directory(folder / "b.wav");
    const auto left = commit.roll_forward();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].path, folder / "b.wav");
    EXPECT_EQ(left[0].why, "Is a directory");
    EXPECT_EQ(commit.record_of(left[0].path), folder / ".flowspan.r1.commit");
    EXPECT_THAT(folder.names(), ElementsAre(".b.wav.r1.0.0.part", ".flowspan.r1.commit", "a.wav"));
}

std::size_t open_descriptors() {
    std::size_t n = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) n += entry.path().empty() ? 0 : 1;
    return n;
}

TEST(Commit, HoldsForManyProductsWithFewDescriptors) {
    constexpr std::size_t many = 5000;
    const Folder folder;
    Publisher publisher("r1");
    publisher.declare(0, {}, {{folder / "out", {"burst-", ProductPattern::Field::digits, ".cf32"}}});
    const std::size_t before = open_descriptors();
    for (std::size_t k = 0; k < many; ++k) fill(*publisher.create(folder / ("out/burst-" + std::to_string(k) + ".cf32")), "x");
    EXPECT_LE(open_descriptors(), before + 1);
    publisher.make_durable();
    Commit commit("r1");
    commit.write(publisher.entries());
    fs::rename(publisher.entries()[0].part, publisher.entries()[0].path);  // one has got that far
    const Recovered done = recover({folder / "out"});
    EXPECT_EQ(done.published.size(), many - 1);
    EXPECT_THAT(done.blocked, IsEmpty());
    EXPECT_EQ(folder.names().size(), many);
}

}  // namespace
}  // namespace flowspan::io

#include "io/publish/commit.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "folder.hpp"

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::IsEmpty;

void fill(Product& product, const std::string& text) {
    File file = File::create(product.part(), product.path());
    file.append(std::as_bytes(std::span(text)));
    file.close();
    product.complete();
}

TEST(Commit, ARunThatDiedBetweenCommitAndRenamingIsRolledForward) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "a.wav"), "aaa");
    fill(*publisher.create(folder / "sub/b.h5"), "bb");
    fill(*publisher.create("/dev/null"), "x");
    write_commit_record(commit_record_path(folder.path(), "r1"), "r1", publisher.entries());
    rename_durably(folder / ".a.wav.r1.part", folder / "a.wav");  // one rank got that far
    const Recovered done = recover(folder.path());
    EXPECT_THAT(done.published, ElementsAre(folder / "a.wav", folder / "sub/b.h5"));
    EXPECT_THAT(done.removed, IsEmpty());
    EXPECT_THAT(folder.names(), ElementsAre("a.wav", "sub/b.h5"));
    EXPECT_EQ(content_of(folder / "sub/b.h5"), "bb");
}

TEST(Commit, TemporariesWithoutARecordAreRemovedAndNothingElse) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "sub/a.wav"), "aaa");
    for (const char* name : {"mine.part", ".hidden", "a.wav", ".flowspan.r2.commit.new"}) folder.write(name, "keep");
    const Recovered done = recover(folder.path());
    EXPECT_THAT(done.published, IsEmpty());
    EXPECT_THAT(done.removed, ElementsAre(folder / ".flowspan.r2.commit.new", folder / "sub/.a.wav.r1.part"));
    EXPECT_THAT(folder.names(), ElementsAre(".hidden", "a.wav", "mine.part"));
}

TEST(Commit, TheRecordSurvivesMovingTheFolder) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "out/a.wav"), "aaa");
    write_commit_record(commit_record_path(folder / "out", "r1"), "r1", publisher.entries());
    std::filesystem::rename(folder / "out", folder / "moved");
    EXPECT_THAT(recover(folder / "moved").published, ElementsAre(folder / "moved/a.wav"));
}

TEST(Commit, AProductThatIsGoneIsNamed) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "a.wav"), "aaa");
    const std::string record = commit_record_path(folder.path(), "r1");
    write_commit_record(record, "r1", publisher.entries());
    folder.write(".a.wav.r1.part", "aaaa");
    EXPECT_EQ(sentence_of([&] { roll_forward(record); }), "cannot publish " + (folder / "a.wav") +
                                                              ": the run r1 committed it, but neither it nor " +
                                                              (folder / ".a.wav.r1.part") + " is there with 3 bytes");
    EXPECT_TRUE(std::filesystem::exists(record));
}

TEST(Commit, AFolderThatIsNotThereNeedsNoRecovery) { EXPECT_THAT(recover("/nonexistent/folder").removed, IsEmpty()); }

// One job writes to results/day1 while another begins in results, or the other way round.
TEST(Commit, WhatAnotherRunIsWritingIsLeftAlone) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "results/a.wav"), "aaa");
    fill(*publisher.create(folder / "results/day1/b.wav"), "bb");
    const std::string above = folder / "results/.a.wav.r1.part", below = folder / "results/day1/.b.wav.r1.part";
    {
        const OutLock all(folder / "results");
        EXPECT_THAT(recover(folder / "results/day1").removed, IsEmpty());
    }
    {
        const OutLock one(folder / "results/day1");
        EXPECT_THAT(recover(folder / "results").removed, ElementsAre(above));
    }
    EXPECT_THAT(recover(folder / "results").removed, ElementsAre(below));
}

TEST(OutLock, OneRunAtATimeHoldsAFolder) {
    const Folder folder;
    const std::string out = folder / "out";
    std::optional<OutLock> lock(out);
    const std::string refusal = sentence_of([&] { OutLock second(out); });
    EXPECT_THAT(refusal, testing::HasSubstr("--out: expected a folder that no other run is writing to, got " + out));
    EXPECT_THAT(refusal, testing::HasSubstr("wait for the other run, or give another --out"));
    lock.reset();
    EXPECT_THAT(folder.names(), IsEmpty());
    const OutLock again(out);
}

TEST(OutLock, TheLockOfADeadRunHoldsNobodyUp) {
    const Folder folder;
    const pid_t child = fork();
    if (child == 0) {
        const OutLock lock(folder.path());
        _exit(0);  // without the destructor, as kill -9 would
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_THAT(folder.names(), ElementsAre(".flowspan.lock"));
    const OutLock lock(folder.path());
}

}  // namespace
}  // namespace flowspan::io

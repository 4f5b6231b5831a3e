// What a person has removed: products of units, leavings of dead starts, nothing else.
#include "batch/keep/tidy.hpp"

#include "batch/keep/hold.hpp"
#include "io/claim/folder.hpp"
#include "io/claim/process.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using flowspan::test::sentence_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Tidy : public ::testing::Test {
protected:
    /// a.wav is done, b.wav was handed out when the batch died.
    Tidy() {
        Journal journal(out);
        journal.append(test::begin().value());
        const UnitId a = journal.append(test::unit("a.wav")), b = journal.append(test::unit("b.wav"));
        journal.append(test::start(a, "00000000000a"));
        journal.append(test::commit(a, "00000000000a"));
        journal.append(test::done(a, "00000000000a"));
        journal.append(test::start(b, "00000000000b"));
        journal.sync();
        folder.write("a.wav/a.wav", "12345");
        folder.write("a.wav/spectra/b.h5", "1234567");
    }
    State state(const std::string& unit) { return test::state_of(History::read(out), unit); }
    Folder folder;
    std::string out = folder.path();
    std::vector<std::string> command{"flowspan"};
};

TEST_F(Tidy, DeletesTheProductsOfAUnitAndItsFolder) {
    const Tidied tidied = delete_units(out, {"a.wav"}, command);
    EXPECT_THAT(tidied.did, ElementsAre("a.wav: 2 products removed"));
    EXPECT_THAT(tidied.warnings, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(folder / "a.wav"));
    EXPECT_EQ(state("a.wav"), State::deleted);
    EXPECT_THAT(delete_units(out, {"a.wav"}, command).did, ElementsAre("a.wav: 0 products removed"));
}

TEST_F(Tidy, LeavesFilesOfOthersAndWhatLiesBehindLinks) {
    folder.write("a.wav/mine", "x");
    EXPECT_THAT(delete_units(out, {"a.wav"}, command).warnings, ElementsAre(out + "/a.wav holds other files, which stay"));
    EXPECT_EQ(flowspan::test::content_of(folder / "a.wav/mine"), "x");
}

TEST_F(Tidy, FollowsNoLinkOutOfTheBatch) {
    const Folder elsewhere;
    elsewhere.write("b.h5", "1234567");
    std::filesystem::remove_all(folder / "a.wav/spectra");
    std::filesystem::create_directory_symlink(elsewhere.path(), folder / "a.wav/spectra");
    EXPECT_THAT(delete_units(out, {"a.wav"}, command).warnings,
                ElementsAre("cannot remove " + out + "/a.wav/spectra/b.h5: a link leads out of " + out +
                            "; a.wav stays as it is in the journal"));
    EXPECT_TRUE(std::filesystem::exists(elsewhere / "b.h5"));
    EXPECT_EQ(state("a.wav"), State::done);
}

TEST_F(Tidy, IsRefusedWhileTheBatchRuns) {
    const auto lock = lock_parts(out, {0}, "0a1b2c3d4e5f");
    const auto own = io::Process::own();
    const std::string sentence = fmt::format(
        "expected a batch that does not run, got {}, which process {} on {} works on\n   hint: wait for it, or "
        "stop it: TERM, USR1 or Ctrl-C",
        out, own.pid, own.host);
    EXPECT_EQ(sentence_of([&] { delete_units(out, {"a.wav"}, command); }), sentence);
    EXPECT_EQ(sentence_of([&] { clean(out, command); }), sentence);
    EXPECT_TRUE(std::filesystem::exists(folder / "a.wav/a.wav"));
}

TEST_F(Tidy, CleansWhatDeadStartsLeftAndWhatNoLineNames) {
    folder.write("b.wav/.x.cf32.00000000000b.0.3.part", "x");
    folder.write("b.wav/.x.cf32.0000000000ff.0.3.part", "of a start whose line is lost");
    folder.write(".flowspan/index-0123.part", "x");
    folder.write(".flowspan/requests/.request-1.new", "x");
    const Tidied tidied = clean(out, command);
    EXPECT_THAT(tidied.did, ElementsAre("removed 1 part of 1 unit, which earlier starts had begun",
                                        "removed 1 part of attempts that nobody committed and 2 files aside"));
    EXPECT_EQ(flowspan::test::content_of(folder / "a.wav/a.wav"), "12345");
    EXPECT_THAT(clean(out, command).did, ElementsAre("nothing was left aside"));
    EXPECT_EQ(state("a.wav"), State::done);
}

TEST_F(Tidy, LeavesPartsOfARunThatLives) {
    const std::string part = folder.write("runs/.x.wav.abcdefabcdef.0.3.part", "x");
    io::Claims claims;
    claims[io::canonical_folder(folder / "runs")].folder = folder / "runs";
    claims.begin()->second.elsewhere = false;
    claims.begin()->second.names.add("x.wav");
    const io::RunLocks lock("abcdefabcdef", claims);
    EXPECT_THAT(clean(out, command).warnings, ElementsAre(part + " stays: a run has committed it, or is writing it"));
    EXPECT_TRUE(std::filesystem::exists(part));
}

TEST_F(Tidy, RefusesUnitsThatThereAreNot) {
    EXPECT_EQ(sentence_of([&] {
                  delete_units(out, {"a.wav", "c.wav"}, command);
              }),
              "expected a unit of this batch, got c.wav\n   hint: did you mean `a.wav`?");
    EXPECT_TRUE(std::filesystem::exists(folder / "a.wav/a.wav"));
}

}  // namespace
}  // namespace flowspan::batch

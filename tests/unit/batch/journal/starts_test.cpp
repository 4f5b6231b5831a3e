// What starts say of themselves, what attempts took, and the history that keeps less.
#include "batch/journal/lines/line.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using test::Script;

line::Begin told_begin() {
    line::Begin begin = test::begin();
    begin.folder = "/where\xff";
    begin.set = {"gain=1", "x=a b"};
    begin.isa = "avx2";
    begin.fft = "portable";
    begin.plugin_files = {"./p.so"};
    begin.graphs = {{"", "recording", "h1"}, {"/other.yaml", "source.path", "h2"}};
    begin.fingerprint = "0123456789abcdef";
    return begin;
}

TEST(Starts, AreReadAsTheyWereWritten) {
    const std::string json = tellable(told_begin().value()).json();
    EXPECT_EQ(line::Begin::from(Fields(json)), told_begin());
}

TEST(Starts, OfBeforeAreReadWithoutWhatTheyDidNotSay) {
    Value old = test::begin().value();
    for (const char* key : {"folder", "set", "isa", "fft", "plugin_files", "graphs", "fingerprint"}) old.map().erase(key);
    const std::string json = old.json();
    EXPECT_EQ(line::Begin::from(Fields(json)), test::begin());
    Value commit = test::commit({1, 0}, "000000000001");
    for (const char* key : {"rank", "began", "cpu_s", "peak_bytes"}) commit.map().erase(key);
    const std::string line = commit.json();
    EXPECT_EQ(line::Commit::from(Fields(line)).measured, (line::Measured{-1, 0, 0.25, 0, 0}));
}

TEST(Starts, AttemptsSayWhatTheyTook) {
    const line::Measured measured{7, 1732800001.5, 0.25, 0.125, 1 << 20};
    line::Commit commit{{1, 2}, "000000000001", "k", Value(), "f", {}, 0.25, 9, measured};
    const std::string made = commit.value().json();
    EXPECT_EQ(line::Commit::from(Fields(made)).measured, measured);
    line::Failed failed;
    failed.unit = {1, 2};
    failed.run = "000000000001";
    failed.rank = 7;
    failed.measured = measured;
    const std::string lost = failed.value().json();
    EXPECT_EQ(line::Failed::from(Fields(lost)).measured, measured);
}

TEST(Starts, AreKnownByNumberWithTheirEnds) {
    Script first(1), second(2);
    const UnitId a = first.unit("a");
    first.add(test::start(a, "00000000000a"));
    first.add(test::commit(a, "00000000000a"));
    first.add(line::End{4, Value::Map{}}.value());
    second.add(test::done(a, "00000000000a"));
    const History h = test::history({first.text(), second.text()});
    EXPECT_EQ(h.starts().at(1).code, 4);
    EXPECT_EQ(h.starts().at(2).code, std::nullopt);
    EXPECT_EQ(h.starts().at(1).begin, test::begin());
    EXPECT_EQ(test::known_of(h, "a").made_by, 1U) << "the start that committed it, not the one that ended it";
    EXPECT_EQ(h.find(a), h.find("a"));
    EXPECT_EQ(h.find(UnitId{9, 9}), std::nullopt);
}

TEST(Starts, ALightHistoryJudgesAlike) {
    const flowspan::test::Folder folder;
    {
        Journal journal(folder.path());
        journal.append(test::begin().value());
        for (int k = 0; k < 40; ++k) {
            const UnitId id = journal.append(test::unit(fmt::format("u{}", k)));
            const std::string run = fmt::format("{:012x}", k);
            if (k % 5 > 0) journal.append(test::start(id, run));
            if (k % 5 == 1) journal.append(test::failed(id, run, 1, k % 2 == 0));
            if (k % 5 > 1) journal.append(test::commit(id, run, fmt::format("k{}", k % 3)));
            if (k % 5 > 2) journal.append(test::done(id, run));
            if (k % 5 == 4) journal.append(line::Unchanged{id, "", "k9", Value(), "f"}.value());
        }
        journal.sync();
    }
    const History whole = History::read(folder.path()), light = History::read(folder.path(), 0, false, true);
    ASSERT_EQ(whole.size(), light.size());
    for (std::size_t u = 0; u < whole.size(); ++u) {
        EXPECT_EQ(whole.state(u), light.state(u)) << u;
        EXPECT_EQ(whole.known(u).key, light.known(u).key) << u;
        EXPECT_TRUE(light.known(u).products.empty());
    }
}

}  // namespace
}  // namespace flowspan::batch

// What `batch status` counts, of journals in every state.
#include "batch/see/status.hpp"

#include "batch/see/live.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using flowspan::test::sentence_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A unit in each state: done, failed, handed out, new, deleted.
void write_all_states(Journal& journal, int part = 0) {
    line::Begin begin = test::begin();
    begin.part = part;
    begin.parts = part == 0 ? 0 : 2;
    begin.flowspan = "0.1.0";
    journal.append(begin.value());
    std::vector<UnitId> ids;
    for (const char* name : {"done", "failed", "out", "new", "deleted"})
        ids.push_back(journal.append(test::unit(fmt::format("{}{}", name, part))));
    journal.append(test::start(ids[0], "000000000001"));
    journal.append(test::commit(ids[0], "000000000001"));
    journal.append(test::done(ids[0], "000000000001"));
    journal.append(test::start(ids[1], "000000000002"));
    journal.append(test::failed(ids[1], "000000000002", 3, false));
    journal.append(test::start(ids[2], "000000000003"));
    journal.append(line::Asked{"delete", ids[4], ""}.value());
    journal.sync();
}

TEST(Status, CountsTheUnitsOfABatchThatDied) {
    const Folder folder;
    const std::string out = folder.path();
    Journal journal(out);
    write_all_states(journal);
    const Status status = status_of(out, true);
    EXPECT_EQ(status.text(),
              "4 units: 1 done, 1 failed, 2 left, 0 running, 1 deleted\n50.0 % are over\n"
              "the last start, of 2024-11-28T13:20:00Z on node1, died without a word, with 1 under way; the same "
              "command goes on\nfailed0: fft: it \"failed\"\n");
    EXPECT_THAT(status.warnings, IsEmpty());
    const Value v = status.value();
    for (const auto& [key, count] :
         {std::pair{"units", 4}, {"done", 1}, {"failed", 1}, {"left", 2}, {"running", 0}, {"deleted", 1}})
        EXPECT_EQ(v.at(key).integer(), count) << key;
    EXPECT_EQ(v.at("failed_units").json(),
              R"([{"attempts":3,"cause":"fft: it \"failed\"","code":4,"host":"node1","unit":"failed0"}])");
    EXPECT_EQ(v.at("parts").json(),
              R"([{"cached":0,"deleted":1,"done":1,"failed":1,"host":"node1","left":2,"part":0,"parts":0,"running":0,)"
              R"("state":"died","under_way":1,"units":4}])");
}

TEST(Status, AddsUpOverPartsAndSaysHowEachEnded) {
    const Folder folder;
    for (const int part : {1, 2}) {
        Journal journal(folder.path(), part);
        write_all_states(journal, part);
        if (part == 2) journal.append(line::End{75, Value::Map{}}.value());
        journal.sync();
    }
    EXPECT_EQ(
        status_of(folder.path(), false).text(),
        "8 units: 2 done, 2 failed, 4 left, 0 running, 2 deleted\n50.0 % are over\n"
        "the last start of part 1/2, of 2024-11-28T13:20:00Z on node1, died without a word, with 1 under way; the same "
        "command goes on: 4 units: 1 done, 1 failed, 2 left, 0 running, 1 deleted\n"
        "the last start of part 2/2, of 2024-11-28T13:20:00Z on node1, has ended with code 75: 4 units: 1 done, 1 failed, 2 "
        "left, 0 running, 1 deleted\n");
}

TEST(Status, OfABatchThatRunsBelievesWhatItsHolderSays) {
    const Folder folder;
    const std::string out = folder.path();
    Journal journal(out);
    write_all_states(journal);
    const auto lock = lock_parts(out, {0}, "0a1b2c3d4e5f");
    LiveSaid said{.run = "0a1b2c3d4e5f",
                  .time = line::now_s(),
                  .begun = line::now_s() - 10,
                  .ranks = 4,
                  .units = 4,
                  .done = 20,
                  .work_left_s = 60};
    said.running = {{"out0", 3, "node1", 0.25, line::now_s() - 2}};
    folder.write(".flowspan/status-0.json", sealed_line(said.value()));
    const Status status = status_of(out, false);
    EXPECT_EQ(status.tally.running, 1U);
    EXPECT_EQ(status.tally.left, 1U);
    EXPECT_NEAR(status.units_per_s().value(), 2, 0.1);
    EXPECT_EQ(status.seconds_left(), 15);
    EXPECT_THAT(status.text(), HasSubstr("  out0: rank 3 (node1), 25 %, 2."));
    said.run = "ffffffffffff";  // of one that is gone
    folder.write(".flowspan/status-0.json", sealed_line(said.value()));
    EXPECT_EQ(status_of(out, false).units_per_s(), std::nullopt);
    EXPECT_THAT(status_of(out, false).text(), HasSubstr("it runs on "));
    folder.write(".flowspan/status-0.json", "half of one");
    EXPECT_EQ(status_of(out, false).tally.running, 1U);
}

TEST(Status, SaysDamageOnceAndALastLineThatIsHalfNever) {
    const Folder folder;
    const std::string out = folder.path();
    std::string path;
    {
        Journal journal(out);
        write_all_states(journal);
        path = journal.path();
    }
    const std::string whole = flowspan::test::content_of(path);
    folder.write(".flowspan/journal-0-0001", whole + "120 00ff00ff");
    EXPECT_THAT(status_of(out, false).warnings, IsEmpty());
    std::string damaged = whole;
    damaged.replace(damaged.find("\"is\":\"commit\""), 4, "\"iz\"");
    folder.write(".flowspan/journal-0-0001", damaged);
    EXPECT_THAT(status_of(out, false).warnings, ElementsAre(HasSubstr("is passed over: its checksum is another"),
                                                            HasSubstr("no line commits what it says is done")));
}

TEST(Status, SaysWhenANewerVersionWasThere) {
    const Folder folder;
    Journal journal(folder.path());
    line::Begin begin = test::begin();
    begin.flowspan = "99.1.0";
    journal.append(begin.value());
    journal.sync();
    ASSERT_EQ(status_of(folder.path(), false).warnings.size(), 1U);
    EXPECT_THAT(status_of(folder.path(), false).warnings[0],
                HasSubstr("flowspan 99.1.0 has worked on " + folder.path() + ", this is "));
    EXPECT_TRUE(is_newer("0.10.0", "0.9.9"));
    EXPECT_FALSE(is_newer("0.9.9", "0.10.0"));
    EXPECT_FALSE(is_newer("1.2.3", "1.2.3"));
    EXPECT_FALSE(is_newer("nonsense", "0.0.1"));
}

TEST(Status, RefusesWhatIsNoBatch) {
    const Folder folder;
    EXPECT_EQ(sentence_of([&] { status_of(folder.path(), false); }),
              "expected a folder with a batch, got " + folder.path() + " (a batch keeps its journal in OUT/.flowspan)");
    std::filesystem::create_directories(folder / ".flowspan");
    EXPECT_THAT(sentence_of([&] { status_of(folder.path(), false); }), HasSubstr("expected a folder with a batch"));
}

TEST(Seen, NamesUnitsThatAreNear) {
    const auto refused = [](const std::string& name, const std::vector<std::string>& names) {
        return no_such_unit(name,
                            [&](const auto& give) {
                                for (const std::string& one : names) give(one);
                            })
            .diagnostics()
            .at(0)
            .text();
    };
    EXPECT_EQ(refused("r9.cf32", {"r1.cf32"}), "expected a unit of this batch, got r9.cf32\n   hint: did you mean `r1.cf32`?");
    EXPECT_EQ(refused("night", {"2026/a-night-1.wav", "b.wav"}),
              "expected a unit of this batch, got night\n   hint: there are: 2026/a-night-1.wav");
    EXPECT_EQ(refused("x", {"aaaa", "bbbb", "cccc", "dddd"}),
              "expected a unit of this batch, got x\n   hint: there are 4: aaaa, bbbb, cccc, …");
    EXPECT_EQ(refused("x", {}), "expected a unit of this batch, got x\n   hint: there is none");
    EXPECT_EQ(unit_name("out/", "out/a.wav/"), "a.wav");
    EXPECT_EQ(unit_name("out", "./a/b"), "a/b");
}

TEST(Live, IsReadAsItWasWritten) {
    LiveSaid said{
        .run = "r", .time = 2, .begun = 1, .ranks = 3, .units = 9, .over = 5, .done = 4, .samples = 1e9, .work_left_s = 0.5};
    said.running = {{"a\xff", 1, "h", 0.5, 1.5}, {"b", 2, "h", -1, 1.5}};
    said.left_out = 7;
    const Folder folder;
    Journal journal(folder.path());
    folder.write(".flowspan/status-3.json", sealed_line(said.value()));
    EXPECT_EQ(read_live(folder.path(), 3), said);
    EXPECT_EQ(read_live(folder.path(), 2), std::nullopt);
    EXPECT_EQ(read_live(folder / "none", 3), std::nullopt);
}

}  // namespace
}  // namespace flowspan::batch

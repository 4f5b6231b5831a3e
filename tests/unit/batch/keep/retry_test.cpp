// Requests to try again: taken once, of failed units alone.
#include "batch/keep/retry.hpp"

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
using ::testing::SizeIs;

class Retry : public ::testing::Test {
protected:
    Retry() {
        Journal journal(folder.path());
        journal.append(test::begin().value());
        for (const char* name : {"done", "failed", "too", "new"}) ids.push_back(journal.append(test::unit(name)));
        journal.append(test::start(ids[0], "000000000001"));
        journal.append(test::commit(ids[0], "000000000001"));
        journal.append(test::done(ids[0], "000000000001"));
        for (const std::size_t k : {1U, 2U}) journal.append(test::failed(ids[k], "000000000002", 3, false));
        journal.append(line::End{4, Value::Map{}}.value());
        journal.sync();
    }
    History history() { return History::read(folder.path()); }
    /// Of the next start.
    std::vector<std::string> take() {
        Journal journal(folder.path());
        Troubles troubles;
        const auto files = take_retries(folder.path(), 0, history(), journal, troubles);
        journal.append(line::End{}.value());
        journal.sync();
        return files;
    }
    Folder folder;
    std::vector<UnitId> ids;
};

TEST_F(Retry, OfOneUnitIsTakenByTheNextStart) {
    EXPECT_EQ(ask_to_retry(folder.path(), {"failed/"}), "1 unit will be tried again, by the next start");
    EXPECT_EQ(test::state_of(history(), "failed"), State::failed);
    const auto files = take();
    EXPECT_THAT(files, SizeIs(1));
    EXPECT_EQ(test::state_of(history(), "failed"), State::fresh);
    EXPECT_EQ(test::state_of(history(), "too"), State::failed);
    EXPECT_TRUE(history().has_answered(files[0]));
}

TEST_F(Retry, IsNotDoneTwiceWhereTheFileWasNotRemoved) {
    ask_to_retry(folder.path(), {"failed"});
    take();
    {
        Journal journal(folder.path());
        journal.append(test::failed(ids[1], "000000000005", 1, false));
        journal.append(line::End{4, Value::Map{}}.value());
        journal.sync();
    }
    EXPECT_THAT(take(), SizeIs(1)) << "it is to be removed all the same";
    EXPECT_EQ(test::state_of(history(), "failed"), State::failed);
}

TEST_F(Retry, WithoutUnitsIsOfAllThatHaveFailed) {
    EXPECT_EQ(ask_to_retry(folder.path(), {}), "2 units will be tried again, by the next start");
    take();
    for (const char* name : {"failed", "too"}) EXPECT_EQ(test::state_of(history(), name), State::fresh);
    EXPECT_EQ(test::state_of(history(), "done"), State::done);
    EXPECT_EQ(ask_to_retry(folder.path(), {}), "no unit has failed: nothing is asked for");
}

TEST_F(Retry, RefusesAllMistakesAtOnceAndAsksForNothing) {
    EXPECT_EQ(sentence_of([&] {
                  ask_to_retry(folder.path(), {"done", "new", "failed", "fialed"});
              }),
              "expected a unit that has failed, got done, one that is done\n   hint: `flowspan batch delete " + folder.path() +
                  " done` has it made again\nexpected a unit that has failed, got new, one that is still to be done\nexpected "
                  "a unit of this "
                  "batch, got fialed\n   hint: did you mean `failed`?");
    Troubles troubles;
    EXPECT_THAT(retries_asked(folder.path(), 0, troubles), IsEmpty());
}

TEST_F(Retry, OfAnotherPartIsLeftAlone) {
    put_request(folder.path(), RetryAsked{"", 7, std::vector<std::string>{"failed"}}.value());
    put_request(folder.path(), Value::Map{{"request", "something new"}});
    put_request(folder.path(), Value("nonsense"));
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(test::state_of(history(), "failed"), State::failed);
}

TEST_F(Retry, OfManyUnitsIsSeveralFiles) {
    const Folder big;
    {
        Journal journal(big.path());
        journal.append(test::begin().value());
        for (int k = 0; k < 4000; ++k)
            journal.append(test::failed(journal.append(test::unit(fmt::format("{:0150}", k))), "000000000002", 3, false));
        journal.sync();
    }
    EXPECT_EQ(ask_to_retry(big.path(), {}), "4000 units will be tried again, by the next start");
    Troubles troubles;
    std::size_t asked = 0;
    for (const RetryAsked& one : retries_asked(big.path(), 0, troubles)) asked += one.units->size();
    EXPECT_EQ(asked, 4000U);
    EXPECT_EQ(troubles.count, 0U);
}

}  // namespace
}  // namespace flowspan::batch

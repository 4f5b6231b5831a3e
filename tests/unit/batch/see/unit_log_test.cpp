// Logs of units: found by attempt, without the others, whatever has happened to the index.
#include "batch/see/unit_log.hpp"

#include "batch/journal/journal.hpp"
#include "io/publish/product.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UnitLogTest : public ::testing::Test {
protected:
    UnitLogTest() : journal(folder.path()) {}
    void say(UnitLog& log, const std::string& run, const std::string& text) {
        log.add(run, {run::LogLevel::warning, 0, "", "source", "", text});
    }
    std::string end(UnitLog& log) {
        std::string said;
        log.end_of_attempt();
        for (int k = 0; k < 5000 && (said += log.turn(UnitLog::Clock::now()), !log.idle()); ++k)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return said;
    }
    std::vector<std::string> texts(const std::string& run) {
        std::vector<std::string> found;
        for (const std::string& line : read_log(folder.path(), name, run))
            found.push_back(Value::from_json(line).at("text").string());
        return found;
    }
    Folder folder;
    Journal journal;
    io::Publisher none{"batch"};
    io::Thread io{none};
    const std::string name = log_name(0, 3, 12);
};

TEST_F(UnitLogTest, KeepsTheLinesOfEachAttempt) {
    UnitLog log(io, folder.path(), name);
    EXPECT_FALSE(std::filesystem::exists(folder / ".flowspan/log-0-0003-12.jsonl"));
    say(log, "aaa", "one");
    say(log, "aaa", "two\nlines");
    say(log, "bbb", "three");
    EXPECT_EQ(end(log), "");
    say(log, "aaa", "four");
    EXPECT_EQ(end(log), "");
    EXPECT_THAT(texts("aaa"), ElementsAre("one", "two\nlines", "four"));
    EXPECT_THAT(texts("bbb"), ElementsAre("three"));
    EXPECT_THAT(texts("ccc"), IsEmpty());
    EXPECT_THAT(log_text(read_log(folder.path(), name, "aaa").at(1)), HasSubstr(" warning [source] two lines"));
}

TEST_F(UnitLogTest, ReadsOnlyWhatTheIndexNames) {
    UnitLog log(io, folder.path(), name);
    say(log, "aaa", "one");
    say(log, "bbb", "two");
    end(log);
    // Were the lines of others read, this one would be among them.
    const std::string path = folder / ".flowspan/log-0-0003-12.jsonl";
    std::string text = flowspan::test::content_of(path);
    const std::size_t second = text.find("\"run\":\"bbb\"");
    text.replace(second, 11, "\"run\":\"aaa\"");
    folder.write(".flowspan/log-0-0003-12.jsonl", text);
    EXPECT_THAT(texts("aaa"), ElementsAre("one"));
}

TEST_F(UnitLogTest, LosesNoLineWithItsIndex) {
    UnitLog log(io, folder.path(), name);
    say(log, "aaa", "one");
    say(log, "bbb", "two");
    end(log);
    for (const std::string index :
         {"", "nonsense\n\n", "aaa 99999999999999999999 5\n", "aaa 5", "aaa 0 18446744073709551615\n"}) {
        folder.write(".flowspan/log-0-0003-12.index", index);
        EXPECT_THAT(texts("aaa"), ElementsAre("one")) << index;
        EXPECT_THAT(texts("bbb"), ElementsAre("two")) << index;
    }
    std::filesystem::remove(folder / ".flowspan/log-0-0003-12.index");
    EXPECT_THAT(texts("bbb"), ElementsAre("two"));
}

TEST_F(UnitLogTest, SaysOnceThatItCannotBeKept) {
    std::filesystem::create_directories(folder / ".flowspan/log-0-0003-12.jsonl");
    UnitLog log(io, folder.path(), name);
    say(log, "aaa", "one");
    EXPECT_EQ(end(log), "cannot create " + (folder / ".flowspan/log-0-0003-12.jsonl") +
                            ": Is a directory: what units say is kept no more");
    say(log, "aaa", "two");
    EXPECT_EQ(end(log), "");
}

}  // namespace
}  // namespace flowspan::batch

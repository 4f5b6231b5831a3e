#include "run/job/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace flowspan::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Printed {
    std::vector<std::string> lines;
    LogBook book{[this](const std::string& line) { lines.push_back(line.substr(line.find(' ') + 1)); }};  // without the time
};

LogLine warning(int rank, const std::string& host, const std::string& block, std::uint64_t count = 1) {
    return {LogLevel::warning, rank, host, block, "", "clipped", count};
}

TEST(LogBook, PrintsATextOnceAndThenHowOftenItCame) {
    Printed p;
    p.book.add(warning(2, "node7", "demod"));
    EXPECT_THAT(p.lines, ElementsAre("warning [2 node7 demod] clipped"));
    p.book.add(warning(2, "node7", "demod", 8000));
    p.book.add(warning(2, "node7", "demod", 121));
    EXPECT_EQ(p.lines.size(), 1u);
    p.book.finish();
    EXPECT_EQ(p.lines.back(), "warning [2 node7 demod] clipped … 8121 more");
}

TEST(LogBook, UnitesTheSameLineOfManyRanksAndBlocks) {
    Printed p;
    for (const int rank : {1, 2, 3, 7})
        p.book.add(warning(rank, rank < 3 ? "a" : "b", "receive[" + std::to_string(rank) + "]"));
    EXPECT_THAT(p.lines, ElementsAre("warning [1 a receive[1]] clipped"));
    p.book.finish();
    EXPECT_EQ(p.lines.back(), "warning [1-3,7 2 hosts 4 blocks] clipped … 3 more");
}

TEST(LogBook, SaysNothingMoreOfWhatCameOnce) {
    Printed p;
    p.book.add({LogLevel::info, 0, "a", "", "u17", "begins", 1});
    p.book.finish();
    EXPECT_THAT(p.lines, ElementsAre("info [0 a u17] begins"));
}

TEST(LogBook, PrintsEveryLineOfADebugLog) {
    Printed p;
    for (const int rank : {0, 1}) p.book.add({LogLevel::debug, rank, "a", "", "", "done", 1});
    p.book.finish();
    EXPECT_THAT(p.lines, ElementsAre("debug [0 a] done", "debug [1 a] done"));
}

TEST(LogBook, BeginsALineWithTheTimeOfDay) {
    std::string line;
    LogBook book([&](const std::string& text) { line = text; });
    book.add(warning(0, "a", "b"), LogBook::Clock::time_point{} + std::chrono::milliseconds(1007));
    EXPECT_THAT(line, ::testing::MatchesRegex("[0-9][0-9]:[0-9][0-9]:01.007 warning .*"));
}

TEST(LogLevel, HasItsNamesAndNoOthers) {
    EXPECT_EQ(log_level("trace"), LogLevel::trace);
    EXPECT_EQ(log_level("error"), LogLevel::error);
    EXPECT_EQ(log_level("warn"), std::nullopt);
    EXPECT_EQ(name_of(LogLevel::info), "info");
}

TEST(LogLine, TravelsAsAValue) {
    const LogLine line{LogLevel::debug, 3, "host", "block", "unit", "text", 5};
    const LogLine same = LogLine::from(line.value());
    EXPECT_EQ(same.value().json(), line.value().json());
    EXPECT_EQ(same.count, 5u);
}

}  // namespace
}  // namespace flowspan::run

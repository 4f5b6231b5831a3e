// Tasks and answers say the same on the other side.
#include "batch/work/compute.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using ::testing::IsEmpty;

TEST(Words, ATaskKeepsItsCopiesAndTheCache) {
    Task task;
    task.copies["/far/a\xff.cf32"] = {"/near/0", "00ff"};
    task.cache = "/cache";
    task.cache_limit = 1 << 20;
    const Task read = Task::read(task.value());
    ASSERT_TRUE(read.copies.contains("/far/a\xff.cf32")) << "names may be any bytes";
    EXPECT_EQ(read.copies.at("/far/a\xff.cf32").file, "/near/0");
    EXPECT_EQ(read.copies.at("/far/a\xff.cf32").hash, "00ff");
    EXPECT_EQ(read.cache, "/cache");
    EXPECT_EQ(read.cache_limit, std::uint64_t(1 << 20));
    EXPECT_THAT(Task::read(Task().value()).copies, IsEmpty());
    EXPECT_EQ(Task::read(Task().value()).cache, "");
}

TEST(Words, AnAnswerKeepsWhereItIsFrom) {
    for (const bool yes : {true, false}) {
        Answer answer;
        answer.lacks = yes;
        answer.cached = !yes;
        EXPECT_EQ(Answer::from(answer.value()).lacks, yes);
        EXPECT_EQ(Answer::from(answer.value()).cached, !yes);
    }
}

}  // namespace
}  // namespace flowspan::batch

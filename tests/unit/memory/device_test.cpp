// What is linked into the program, where there is no device.
#include "memory/device/device.hpp"

#include <gtest/gtest.h>

using namespace flowspan;

TEST(Device, SaysWhyThereIsNone) {
    const device::Seen seen = device::seen();
    if (seen.count > 0) GTEST_SKIP() << "there is one";
    EXPECT_FALSE(seen.why_none.empty());
    EXPECT_THROW(device::Queue(0), device::Error);
    EXPECT_THROW(device::PinnedMemory(0, 1), device::Error);
}

TEST(Device, ErrorsAreOneSentenceOfTheirFields) {
    const device::Error error(2, "cudaMalloc", "out of memory");
    EXPECT_STREQ(error.what(), "device 2: cudaMalloc failed: out of memory");
    EXPECT_EQ(error.code(), ExitCode::block);
    EXPECT_EQ(error.device(), 2);
    EXPECT_EQ(error.call(), "cudaMalloc");
    EXPECT_EQ(error.words(), "out of memory");
}

TEST(Device, ThatFailedOnceFailsWithItsFirstWords) {
    EXPECT_FALSE(device::failed(7));
    device::give_up(7, "a queue", "nothing for 15 s");
    device::give_up(7, "another", "later");
    EXPECT_TRUE(device::failed(7));
    EXPECT_FALSE(device::failed(8));
}

// The tests of kernels on a real device; 77 where there is none, with the reason.
#include "memory/device/device.hpp"

#include <gtest/gtest.h>

#include <cstdio>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const auto seen = flowspan::device::seen();
    if (seen.count > 0 || GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
    std::printf("skipped: %s\n", seen.why_none.c_str());
    return 77;
}

// The peak of memory begins anew.
#include "core/process/peak.hpp"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace flowspan {
namespace {

TEST(Peak, GrowsWithWhatIsTouchedAndBeginsAnew) {
    constexpr std::size_t bytes = std::size_t{64} << 20;
    const std::uint64_t before = peak_bytes();
    ASSERT_GT(before, 0U);
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    std::memset(memory, 1, bytes);
    const std::uint64_t high = peak_bytes();
    EXPECT_GE(high, bytes);
    ::munmap(memory, bytes);
    EXPECT_EQ(peak_bytes(), high);
    begin_peak();
    EXPECT_LT(peak_bytes(), high);
}

}  // namespace
}  // namespace flowspan

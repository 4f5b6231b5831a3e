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
    constexpr std::size_t counted_late = std::size_t{8} << 20;  // the kernel counts pages by processor, and adds up later
    const std::uint64_t before = peak_bytes();
    ASSERT_GT(before, 0U);
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    std::memset(memory, 1, bytes);
    const std::uint64_t high = peak_bytes();
    EXPECT_GE(high, bytes);
    ::munmap(memory, bytes);
    EXPECT_GT(peak_bytes(), high - counted_late);
    begin_peak();
    EXPECT_LT(peak_bytes(), high - bytes + 2 * counted_late);
}

}  // namespace
}  // namespace flowspan

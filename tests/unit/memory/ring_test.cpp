#include "memory/ring.hpp"

#include <gtest/gtest.h>

#include <cstring>

using namespace flowspan;

TEST(Ring, RepeatsItselfAfterItsEnd) {
    auto rings = memory::make_rings({1, 3 * memory::page_size()});
    ASSERT_EQ(rings.size(), 2U);
    EXPECT_EQ(rings[0].size(), memory::page_size());
    memory::Ring& r = rings[1];
    std::memcpy(r.base() + r.size() - 2, "abcd", 4);
    EXPECT_EQ(std::memcmp(r.base(), "cd", 2), 0);
    EXPECT_EQ(std::memcmp(r.base() + 2 * r.size() - 2, "ab", 2), 0);
}

TEST(Ring, IsZeroAtFirst) {
    auto rings = memory::make_rings({memory::page_size()});
    for (std::size_t k = 0; k < 2 * rings[0].size(); ++k) ASSERT_EQ(rings[0].base()[k], std::byte(0));
}

TEST(Ring, RingsOfOneFileDoNotOverlap) {
    auto rings = memory::make_rings({memory::page_size(), memory::page_size()});
    std::memset(rings[0].base(), 1, rings[0].size());
    EXPECT_EQ(rings[1].base()[0], std::byte(0));
}

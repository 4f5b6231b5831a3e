// Runs a test at every instruction-set level of the processor.
#pragma once

#include <flowspan/kernels.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace flowspan::kernels {

/// Calls `test` at each level and pins the best one afterwards.
template <class F>
void at_every_level(F test) {
    for (const auto& level : isa_levels()) {
        SCOPED_TRACE(level);
        pin_isa(level);
        test();
    }
    pin_isa("best");
}

template <class T>
bool same_bytes(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// Calls `make` (which returns a vector) at each level; expects the same bytes at all, or, when `fused`, at those that have
/// fused multiply-add.
template <class F>
void expect_same_at_levels(F make, bool fused = false) {
    std::vector<decltype(make())> made;
    for (const auto& level : isa_levels()) {
        if (fused && level == "x86-64-v2") continue;
        pin_isa(level);
        made.push_back(make());
        EXPECT_TRUE(same_bytes(made.front(), made.back())) << level << " differs from the lowest level";
    }
    pin_isa("best");
}

inline constexpr std::size_t awkward_sizes[] = {0, 1, 2, 7, 15, 32, 33, 128, 1023};

/// Samples with all bits in use, from a linear congruential generator.
inline std::vector<cf32> noise(std::size_t n) {
    std::uint64_t state = 12345;
    const auto next = [&] {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return float(std::int32_t(state >> 32)) / 2147483648.0F;
    };
    std::vector<cf32> x(n);
    for (auto& z : x) {
        const float re = next();
        z = {re, next()};
    }
    return x;
}
inline std::vector<f32> real_noise(std::size_t n) {
    std::vector<f32> x;
    for (const cf32 z : noise(n)) x.push_back(z.real());
    return x;
}

}  // namespace flowspan::kernels

#include "kernels/tree_sum/tree_sum.hpp"
#include "kernels/spectrum/spectrum.hpp"

#include "tests/unit/kernels/levels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <stdexcept>

using namespace flowspan::kernels;

namespace {

constexpr std::size_t size = 70;  // more than go at once

/// The number of column c in the frame with this index: of many magnitudes, so that another order of sums shows.
double number(std::uint64_t index, std::size_t c) {
    const std::uint64_t h = (index * size + c + 1) * 0x9e3779b97f4a7c15U;
    return std::exp2(double(h % 24)) * double(h >> 16) / 3;
}

TreeSum sum_of(std::uint64_t first, std::uint64_t end, int top = TreeSum::highest) {
    TreeSum sum(size, first, top);
    for (std::uint64_t i = first; i < end; ++i) sum.add([i](std::size_t c) { return number(i, c); });
    return sum;
}

std::vector<double> total(const TreeSum& sum) {
    std::vector<double> all(size, -1);
    sum.write(all.data());
    return all;
}

/// The tree by its definition: of [begin, begin + width) what lies in [first, end).
double by_definition(std::uint64_t first, std::uint64_t end, std::size_t c, std::uint64_t begin, std::uint64_t width) {
    if (width == 1) return number(begin, c);
    const std::uint64_t middle = begin + width / 2;
    if (end <= middle) return by_definition(first, end, c, begin, width / 2);
    if (first >= middle) return by_definition(first, end, c, middle, width / 2);
    return by_definition(first, end, c, begin, width / 2) + by_definition(first, end, c, middle, width / 2);
}

std::vector<double> by_definition(std::uint64_t first, std::uint64_t end) {
    std::vector<double> all(size);
    for (std::size_t c = 0; c < size && first < end; ++c) all[c] = by_definition(first, end, c, 0, std::bit_ceil(end));
    return all;
}

/// [first, end) cut at random into 2 to 6 parts, of which some may be empty.
std::vector<std::uint64_t> random_cuts(std::uint64_t first, std::uint64_t end, std::mt19937& random) {
    std::vector<std::uint64_t> cuts{first, end};
    for (auto more = 1 + random() % 5; more > 0; --more) cuts.push_back(first + random() % (end - first + 1));
    std::sort(cuts.begin(), cuts.end());
    return cuts;
}

}  // namespace

TEST(TreeSum, IsTheTreeOverTheIndex) {
    for (std::uint64_t first = 0; first < 20; ++first)
        for (std::uint64_t end = first; end < 70; ++end)
            ASSERT_EQ(total(sum_of(first, end)), by_definition(first, end)) << first << " to " << end;
}

TEST(TreeSum, PartialSumsJoinToTheSameBits) {
    std::mt19937 random(1);
    for (int trial = 0; trial < 3000; ++trial) {
        const std::uint64_t first = trial % 2 == 0 ? 0 : random() % 300, end = first + random() % 600;
        const std::vector<double> whole = by_definition(first, end);
        const auto cuts = random_cuts(first, end, random);
        TreeSum joined = sum_of(cuts[0], cuts[1]);
        for (std::size_t k = 1; k + 1 < cuts.size(); ++k) joined.join(sum_of(cuts[k], cuts[k + 1]));
        ASSERT_EQ(joined.frames(), end - first);
        ASSERT_EQ(total(joined), whole) << "trial " << trial;
    }
}

TEST(TreeSum, PartialSumsJoinInAnyOrder) {
    std::mt19937 random(2);
    for (int trial = 0; trial < 1000; ++trial) {
        const std::uint64_t end = random() % 600;
        std::vector<TreeSum> parts;
        const auto cuts = random_cuts(0, end, random);
        for (std::size_t k = 0; k + 1 < cuts.size(); ++k) parts.push_back(sum_of(cuts[k], cuts[k + 1]));
        while (parts.size() > 1) {
            const std::size_t k = random() % (parts.size() - 1);
            parts[k].join(parts[k + 1]);
            parts.erase(parts.begin() + std::ptrdiff_t(k) + 1);
        }
        ASSERT_EQ(total(parts[0]), by_definition(0, end)) << "trial " << trial;
    }
}

TEST(TreeSum, GoesOnAfterAJoin) {
    TreeSum sum = sum_of(0, 37);
    sum.join(sum_of(37, 90));
    for (std::uint64_t i = 90; i < 131; ++i) sum.add([i](std::size_t c) { return number(i, c); });
    EXPECT_EQ(total(sum), by_definition(0, 131));
}

TEST(TreeSum, ItemsOfAHundredFramesBeginAnywhere) {
    TreeSum sum(size);
    for (std::uint64_t item = 0; item < 40; ++item) {
        const std::uint64_t first = 100 * item, cut = first + item * 37 % 101;
        sum.reset(first);
        sum.join(sum_of(first, cut));
        sum.join(sum_of(cut, first + 100));
        ASSERT_EQ(total(sum), by_definition(first, first + 100)) << item;
    }
}

TEST(TreeSum, IsAsExactAsLongDouble) {
    for (const std::uint64_t n : {1U, 2U, 100U, 4097U, 100000U}) {
        const std::vector<double> all = total(sum_of(0, n));
        for (std::size_t c = 0; c < size; c += 23) {
            long double exact = 0;
            for (std::uint64_t i = 0; i < n; ++i) exact += (long double)number(i, c);
            EXPECT_NEAR(double((long double)all[c] / exact), 1, 1e-15) << n;
        }
    }
}

TEST(TreeSum, HoldsFewNodesAndUsesTheirMemoryAgain) {
    for (const std::uint64_t first : {0U, 1U, 100U, 1023U}) {
        TreeSum sum(1, first);
        for (std::uint64_t n = 1; n <= 5000; ++n) {
            sum.add([](std::size_t) { return 1.0; });
            const double most = 2 * std::log2(double(n)) + 2;
            ASSERT_LE(double(sum.nodes()), most) << n;
            ASSERT_LE(double(sum.capacity()), most) << n;
        }
        const std::size_t capacity = sum.capacity();
        for (int item = 0; item < 50; ++item) {
            sum.reset(first);
            for (int n = 0; n < 5000; ++n) sum.add([](std::size_t) { return 1.0; });
        }
        EXPECT_EQ(sum.capacity(), capacity);
    }
}

TEST(TreeSum, HoldsAsFewNodesAfterJoins) {
    std::mt19937 random(3);
    for (int trial = 0; trial < 300; ++trial) {
        const std::uint64_t first = random() % 100, end = first + 1 + random() % 2000;
        const auto cuts = random_cuts(first, end, random);
        TreeSum joined(size, first);
        for (std::size_t k = 0; k + 1 < cuts.size(); ++k) joined.join(sum_of(cuts[k], cuts[k + 1]));
        ASSERT_EQ(joined.nodes(), sum_of(first, end).nodes());
    }
}

TEST(TreeSum, GroupsStayApartUntilTheyMayMerge) {
    TreeSum sum = sum_of(5, 43, 3);  // 5 6-7 8-15 16-23 24-31 32-39 40-41 42
    EXPECT_EQ(sum.nodes(), 8u);
    EXPECT_EQ(total(sum), by_definition(5, 43));
    std::vector<double> group(size);
    sum.write(16, 24, group.data());
    EXPECT_EQ(group, by_definition(16, 24));
    sum.write(40, 43, group.data());
    EXPECT_EQ(group, by_definition(40, 43));
    sum.raise(4);  // 5 6-7 8-15 16-31 32-39 40-41 42
    EXPECT_EQ(sum.nodes(), 7u);
    sum.write(5, 16, group.data());
    EXPECT_EQ(group, by_definition(5, 16));
    EXPECT_EQ(total(sum), by_definition(5, 43));
}

TEST(TreeSum, RefusesWhatDoesNotFollow) {
    TreeSum sum = sum_of(0, 10);
    EXPECT_THROW(sum.join(sum_of(11, 12)), std::invalid_argument);
    EXPECT_THROW(sum.join(TreeSum(size + 1, 10)), std::invalid_argument);
}

TEST(AddPower, MakesTheTreeOfTheSquares) {
    at_every_level([] {
        for (const std::size_t n : {1U, 7U, 64U, 1031U}) {
            TreeSum sum(n, 5), squares(n, 5);
            for (std::uint64_t i = 0; i < 43; ++i) {
                std::vector<flowspan::cf32> bins(n);
                for (std::size_t k = 0; k < n; ++k) bins[k] = {float(i * 7919 % 101 + k), float(k) / 3};
                add_power(bins.data(), sum);
                squares.add([&](std::size_t k) {
                    const float re = bins[k].real() * bins[k].real(), im = bins[k].imag() * bins[k].imag();
                    return double(re + im);
                });
            }
            std::vector<double> a(n), b(n);
            sum.write(a.data());
            squares.write(b.data());
            EXPECT_EQ(a, b) << n;
        }
    });
}

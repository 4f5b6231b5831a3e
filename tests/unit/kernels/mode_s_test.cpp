// Preambles, formats and parity of Mode S in powers: what the plain loops give, at every level, as a whole and in pieces.
#include "kernels/mode_s/mode_s.hpp"

#include "tests/unit/kernels/levels.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <random>

namespace flowspan::kernels {
namespace {

std::vector<cf32> gaussian(std::size_t n) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<cf32> x(n);
    for (cf32& v : x) v = {normal(random), normal(random)};
    return x;
}
std::vector<f32> power_of(const std::vector<cf32>& x) {
    std::vector<f32> p(x.size());
    reference::powers(x.data(), p.data(), x.size());
    return p;
}
std::vector<std::uint64_t> random_words(std::size_t n, unsigned sparse = 0) {
    std::mt19937_64 random(n + sparse);
    std::vector<std::uint64_t> words(n);
    for (std::uint64_t& w : words) {
        w = random();
        for (unsigned k = 0; k < sparse; ++k) w &= random();
    }
    return words;
}

/// The four lines of marks of so many words, and kernels::mark's argument.
struct Marks {
    explicit Marks(std::size_t words) {
        for (auto& line : lines) line.assign(words, 0);
    }
    ModeSMarks from(std::size_t word) {
        return {{lines[0].data() + word, lines[1].data() + word}, {lines[2].data() + word, lines[3].data() + word}};
    }
    std::array<std::vector<std::uint64_t>, 4> lines;
};

TEST(ModeS, PowersAreThoseOfThePlainLoop) {
    for (const std::size_t n : {0, 1, 7, 16, 33, 1000}) {
        const auto x = gaussian(n), y = gaussian(n + 3);
        at_every_level([&] {
            std::vector<f32> p(n), both(2 * n);
            powers(x.data(), p.data(), n);
            EXPECT_EQ(p, power_of(x));
            powers_in_turn(x.data(), y.data() + 3, both.data(), n);
            for (std::size_t k = 0; k < n; ++k) {
                ASSERT_EQ(both[2 * k], p[k]);
                ASSERT_EQ(both[2 * k + 1], power_of(y)[k + 3]);
            }
        });
    }
}

TEST(ModeS, MarksAreThoseOfThePlainLoop) {
    for (const std::size_t words : {0, 1, 2, 7, 8, 9, 23}) {
        auto p = power_of(gaussian(64 * words + mode_s_marks_see));
        if (words > 5) p[100] = std::numeric_limits<f32>::quiet_NaN(), p[300] = std::numeric_limits<f32>::infinity();
        for (const f32 ratio : {1.0F, 1.7F}) {
            Marks expected(words);
            reference::mark(p.data(), words, ratio, expected.from(0));
            at_every_level([&] {
                Marks got(words);
                mark(p.data(), words, ratio, got.from(0));
                EXPECT_EQ(got.lines, expected.lines);
                Marks pieces(words);
                for (std::size_t w = 0, n = 1; w < words; w += n, n = std::min(words - w, n % 5 + 1))
                    mark(p.data() + 64 * w, n, ratio, pieces.from(w));
                EXPECT_EQ(pieces.lines, expected.lines);
            });
        }
    }
}

// A preamble that stands alone, seen from every place about it.
TEST(ModeS, APreambleIsMarkedWhereItBegins) {
    for (const std::size_t at : {0, 17, 63}) {
        std::vector<f32> p(64 + mode_s_marks_see, 0.1F);
        for (const std::size_t half_bit : {0, 2, 7, 9}) p[at + 2 * half_bit] = p[at + 2 * half_bit + 1] = 1;
        Marks marks(1);
        mark(p.data(), 1, 9.9F, marks.from(0));  // it is ten times as high as its gaps
        EXPECT_EQ(marks.lines[0][0], std::uint64_t{1} << at);
        EXPECT_EQ(marks.lines[1][0], 0U);
        EXPECT_EQ(marks.lines[2][0] >> at & 1, 1U) << "and its first half bit is higher than its second";
    }
}

TEST(ModeS, FormatsAreThoseOfThePlainLoop) {
    for (const std::size_t words : {0, 1, 3, 8, 11, 64}) {
        const auto preambles = random_words(words), ones = random_words(words + 1);
        for (const std::uint32_t formats : {0xffffffffU, 0x60800U, 0x800U, 0U}) {
            std::vector<std::uint64_t> expected(words), got(words);
            reference::find_formats(preambles.data(), ones.data(), words, formats, expected.data());
            if (formats == 0xffffffffU) { EXPECT_EQ(expected, preambles); }
            at_every_level([&] {
                find_formats(preambles.data(), ones.data(), words, formats, got.data());
                EXPECT_EQ(got, expected);
            });
        }
    }
}

TEST(ModeS, PlacesAreThoseOfThePlainLoop) {
    for (const unsigned sparse : {0U, 2U, 5U, 70U})
        for (const std::size_t words : {0, 1, 5, 40}) {
            auto begins = random_words(words, sparse);
            if (words > 3) begins[1] = 0, begins[2] = ~std::uint64_t{0};
            std::vector<std::uint32_t> expected(64 * words + 4), got(64 * words + 4);
            const std::size_t n = reference::list_places(begins.data(), words, expected.data());
            at_every_level([&] {
                ASSERT_EQ(list_places(begins.data(), words, got.data()), n);
                EXPECT_TRUE(std::equal(got.begin(), got.begin() + std::ptrdiff_t(n), expected.begin()));
            });
        }
}

TEST(ModeS, WhatIsSiftedIsWhatThePlainLoopSifts) {
    constexpr std::size_t words = 30, bytes = 2 * words + 40;
    std::array<std::vector<std::uint64_t>, 4> random;
    ModeSLines lines{};
    for (std::size_t i = 0; i < 4; ++i)
        lines[i] = reinterpret_cast<const u8*>((random[i] = random_words(bytes / 8 + unsigned(i))).data());
    const auto begins = random_words(words);
    std::vector<std::uint32_t> all(64 * words + 4);
    all.resize(reference::list_places(begins.data(), words, all.data()));
    for (const std::size_t bits : {56, 112}) {
        auto expected = all;
        expected.resize(reference::sift_by_parity(lines, bits, expected.data(), expected.size()));
        EXPECT_NEAR(double(expected.size()), double(all.size()) / 16, 0.4 * double(all.size()) / 16);
        at_every_level([&] {
            auto got = all;
            got.resize(sift_by_parity(lines, bits, got.data(), got.size()));
            EXPECT_EQ(got, expected);
            EXPECT_EQ(sift_by_parity(lines, bits, got.data(), 0), 0U);
        });
    }
}

// A frame of a published example (J. Sun, The 1090 Megahertz Riddle, 2nd edition, 2021) leaves nothing.
TEST(ModeS, RemaindersAreThoseOfTheParity) {
    constexpr std::array<u8, 14> frame{0x8d, 0x48, 0x40, 0xd6, 0x20, 0x2c, 0xc3, 0x71, 0xc3, 0x2c, 0xe0, 0x57, 0x60, 0x98};
    std::uint32_t remainder = 0;
    for (std::size_t k = 0; k < 112; ++k)
        if ((frame[k / 8] >> (7 - k % 8) & 1) != 0) remainder ^= mode_s_remainders[k];
    EXPECT_EQ(remainder, 0U);
    EXPECT_EQ(mode_s_remainders[87], 0xfff409U);
    EXPECT_EQ(mode_s_remainders[111], 1U);
}

}  // namespace
}  // namespace flowspan::kernels

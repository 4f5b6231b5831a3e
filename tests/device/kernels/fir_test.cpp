// Filters and rotations on a device against sums in double precision, and against themselves in other pieces.
#include "kernels/fir/fir.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/rotate/rotate.hpp"
#include "tests/device/kernels.hpp"

#include <cmath>
#include <limits>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

struct Case {
    std::size_t taps, decimation;
    bool complex_taps = false;
    std::uint64_t increment = 0;
};
// A tile of each width, the block an output, pieces of sums, and taps that are fewer or more than whole rows of them.
const std::vector<Case> cases = {{1, 1},
                                 {2, 1, true},
                                 {81, 10},
                                 {81, 10, true, 0x123456789abcdefULL},
                                 {64, 8},
                                 {65, 64},
                                 {7, 10, true},
                                 {129, 1},
                                 {1000, 3, true},
                                 {300, 150},
                                 {30, 100},
                                 {517, 400, true, 99999},
                                 {1, 1, false, std::uint64_t(1) << 61}};

std::vector<cf64> taps_of(const Case& c) {
    std::vector<cf64> taps(c.taps);
    for (std::size_t k = 0; k < c.taps; ++k)
        taps[k] = {std::cos(0.3 * double(k)) / double(c.taps), c.complex_taps ? std::sin(0.7 * double(k)) / double(c.taps) : 0};
    return taps;
}

/// The sum in double precision, turned.
std::vector<cf32> expected_of(const Case& c, const std::vector<cf32>& x, std::size_t n, std::uint64_t first,
                              std::uint64_t phase) {
    std::vector<cf32> y(n);
    const auto taps = taps_of(c);
    std::vector<double> real;
    for (const cf64& tap : taps) real.push_back(tap.real());
    if (c.complex_taps)
        kernels::reference::fir(x.data() + c.taps - 1, y.data(), n, taps, c.decimation);
    else
        kernels::reference::fir(x.data() + c.taps - 1, y.data(), n, std::span<const double>(real), 1, c.decimation);
    if (c.increment != 0 || phase != 0) kernels::reference::rotate(y.data(), y.data(), n, first, c.increment, phase);
    return y;
}

/// `x` begins with the history; outputs in pieces of these lengths, `together` in one call.
std::vector<cf32> made_of(const Case& c, const std::vector<cf32>& x, const std::vector<std::size_t>& lengths,
                          std::uint64_t first, std::uint64_t phase, bool together) {
    Queue queue(0);
    const DeviceFir fir(queue, taps_of(c), c.decimation, c.increment);
    EXPECT_EQ(fir.history(), c.taps - 1);
    const Array<cf32> in(queue, x);
    std::size_t n = 0;
    for (const std::size_t length : lengths) n += length;
    Array<cf32> out(n + 2 * margin);
    std::vector<DeviceFir::Piece> pieces;
    std::size_t m = 0;
    for (const std::size_t length : lengths) {
        pieces.push_back({in.data() + c.taps - 1 + m * c.decimation, out.data() + margin + m, length, first + m, phase});
        m += length;
    }
    if (together) {
        fir(queue, pieces);
    } else {
        for (const auto& piece : pieces) fir(queue, {&piece, 1});
    }
    return unpoisoned(out.get(queue), 0, n);
}

std::vector<cf32> input_of(const Case& c, std::size_t n) {
    return noise(c.taps - 1 + (n == 0 ? 0 : (n - 1) * c.decimation + 1));
}

TEST(DeviceFir, IsTheSumWithin1eMinus6) {
    in_every_order([] {
        for (const Case& c : cases) {
            for (const std::size_t n : {0U, 1U, 3U, 127U, 513U}) {
                if (n > 200 && c.decimation > 100) continue;
                const auto x = input_of(c, n);
                const std::uint64_t first = 0xfedcba9876543ULL, phase = 0x123456789ULL << 20;
                const auto made = made_of(c, x, {n}, first, phase, false);
                EXPECT_LE(relative_error(made, expected_of(c, x, n, first, phase)), 1e-6)
                    << c.taps << "/" << c.decimation << ", " << n;
            }
        }
    });
}

TEST(DeviceFir, MakesTheSameBitsInAnyPieces) {
    std::mt19937 random(3);
    for (const Case& c : cases) {
        constexpr std::size_t n = 301;
        const auto x = input_of(c, n);
        behave("order=early");
        const auto whole = made_of(c, x, {n}, 1000, 7, false);
        for (const std::size_t most : {2U, 50U, 200U}) {
            std::vector<std::size_t> lengths;
            for (std::size_t left = n; left > 0; left -= lengths.back())
                lengths.push_back(std::min<std::size_t>(left, random() % most));
            behave("order=random,seed=9");
            EXPECT_TRUE(same_bytes(made_of(c, x, lengths, 1000, 7, most == 50), whole)) << c.taps << "/" << c.decimation;
        }
    }
}

TEST(DeviceFir, TurnsAsTheHostDoesBitForBit) {
    behave("order=random,seed=2");
    const Case c{.taps = 1, .decimation = 1, .increment = kernels::phase_increment(0.1234567)};
    const auto x = noise(777);
    for (const std::uint64_t first : {std::uint64_t(0), std::uint64_t(63), (std::uint64_t(1) << 63) + 5}) {
        std::vector<cf32> expected(x.size());
        kernels::Rotator(c.increment)(x.data(), expected.data(), x.size(), first, 12345);
        EXPECT_TRUE(same_bytes(made_of(c, x, {x.size()}, first, 12345, false), expected)) << first;
    }
}

TEST(DeviceFir, OfManyTapsKeepsItsBound) {
    behave("");
    const Case c{.taps = 20011, .decimation = 1}, d{.taps = 100003, .decimation = 700};
    for (const Case& of : {c, d}) {
        const auto x = input_of(of, 5);
        EXPECT_LE(relative_error(made_of(of, x, {5}, 0, 0, false), expected_of(of, x, 5, 0, 0)), 1e-6) << of.taps;
    }
}

TEST(DeviceFir, NanAndInfinitiesTouchTheOutputsThatHaveThemInTheirSum) {
    behave("");
    for (const Case& c : {Case{81, 10}, Case{81, 10, true}, Case{30, 100}, Case{1000, 1}, Case{517, 400, true}}) {
        constexpr std::size_t n = 200;
        auto x = input_of(c, n);
        x[c.taps + 40 * c.decimation] = {std::numeric_limits<f32>::quiet_NaN(), 0};
        x[c.taps + 120 * c.decimation] = {0, std::numeric_limits<f32>::infinity()};
        const auto made = made_of(c, x, {n}, 0, 0, false), expected = expected_of(c, x, n, 0, 0);
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_EQ(std::isfinite(made[i].real()), std::isfinite(expected[i].real())) << i;
            EXPECT_EQ(std::isnan(made[i].imag()), std::isnan(expected[i].imag())) << i;
            EXPECT_EQ(std::isinf(made[i].imag()), std::isinf(expected[i].imag())) << i;
        }
    }
}

}  // namespace
}  // namespace flowspan::device

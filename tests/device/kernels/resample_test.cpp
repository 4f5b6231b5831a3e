// Filters by any ratio on a device against sums in double precision, and themselves in other pieces and channels.
#include "kernels/fir/fir.hpp"
#include "kernels/resample/resample_device.hpp"
#include "tests/device/kernels.hpp"

#include <cmath>
#include <limits>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

struct Case {
    std::size_t taps, interpolation, decimation, channels = 1;
};
// Tiles and none, phases with fewer taps or none, pieces of sums, channels that do not divide a block of threads.
const std::vector<Case> cases = {{1, 1, 1},     {81, 1, 1},     {81, 1, 10},     {65, 3, 2},     {7, 16, 3},
                                 {3, 5, 7},     {1000, 7, 3},   {500, 160, 147}, {40, 1, 300},   {20000, 1, 7000},
                                 {31, 1, 4, 3}, {129, 2, 3, 7}, {90, 4, 9, 64},  {500, 1, 1, 40}};

template <class T>
std::vector<T> taps_of(std::size_t n) {
    std::vector<T> taps(n);
    for (std::size_t k = 0; k < n; ++k) {
        if constexpr (std::is_same_v<T, cf32>)
            taps[k] = {std::cos(0.3F * f32(k)) / f32(n), std::sin(0.7F * f32(k)) / f32(n)};
        else
            taps[k] = std::cos(0.3F * f32(k)) / f32(n);
    }
    return taps;
}
template <class S>
std::vector<S> input_of(std::size_t n) {
    if constexpr (std::is_same_v<S, f32>)
        return real_noise(n);
    else
        return noise(n);
}
std::size_t history_of(const Case& c) { return (c.taps - 1) / c.interpolation; }
std::size_t items_of(const Case& c, std::size_t n, std::uint64_t first) {
    return n == 0 ? 0 : std::size_t((first * c.decimation % c.interpolation + (n - 1) * c.decimation) / c.interpolation) + 1;
}

/// `x` begins with the history of output `first`.
template <class S, class T>
std::vector<S> made_of(const Case& c, const std::vector<S>& x, std::size_t n, std::uint64_t first, std::size_t most) {
    Queue queue(0);
    using Resampler = DeviceResampler<S, T>;
    const auto taps = taps_of<T>(c.taps);
    const Resampler resampler(queue, std::span<const T>(taps), c.interpolation, c.decimation, c.channels);
    EXPECT_EQ(resampler.history(), history_of(c));
    const Array<S> in(queue, x);
    Array<S> out(n * c.channels + 2 * margin);
    std::vector<typename Resampler::Piece> pieces;
    for (std::size_t m = 0; m < n; m += most) {
        const std::uint64_t begins = (first * c.decimation % c.interpolation + m * c.decimation) / c.interpolation;
        pieces.push_back({in.data() + (history_of(c) + begins) * c.channels, out.data() + margin + m * c.channels,
                          std::min(most, n - m), first + m});
    }
    resampler(queue, pieces);
    return unpoisoned(out.get(queue), 0, n * c.channels);
}

/// The reference's sum of each channel in double precision.
template <class S, class T>
std::vector<S> expected_of(const Case& c, const std::vector<S>& x, std::size_t n, std::uint64_t first) {
    std::vector<S> all(n * c.channels), channel(x.size() / c.channels), y(n);
    const auto taps = taps_of<T>(c.taps);
    for (std::size_t k = 0; k < c.channels; ++k) {
        for (std::size_t i = 0; i < channel.size(); ++i) channel[i] = x[i * c.channels + k];
        const S* newest = channel.data() + history_of(c);
        if constexpr (std::is_same_v<T, cf32>)
            kernels::reference::fir(newest, y.data(), n, std::vector<cf64>(taps.begin(), taps.end()), c.decimation);
        else
            kernels::reference::fir(newest, y.data(), n, std::vector<double>(taps.begin(), taps.end()), c.interpolation,
                                    c.decimation, first);
        for (std::size_t m = 0; m < n; ++m) all[m * c.channels + k] = y[m];
    }
    return all;
}

double error_of(const std::vector<cf32>& made, const std::vector<cf32>& expected) { return relative_error(made, expected); }
double error_of(const std::vector<f32>& made, const std::vector<f32>& expected) {
    return relative_error({made.begin(), made.end()}, {expected.begin(), expected.end()});
}

template <class S, class T>
void expect_right(const Case& c, std::size_t n, std::uint64_t first) {
    const auto x = input_of<S>((history_of(c) + items_of(c, n, first)) * c.channels);
    EXPECT_LE(error_of(made_of<S, T>(c, x, n, first, n + 1), expected_of<S, T>(c, x, n, first)), 1e-6)
        << c.taps << ", " << c.interpolation << "/" << c.decimation << ", " << c.channels << ", " << n;
}

TEST(DeviceResampler, IsTheSumWithin1eMinus6) {
    in_every_order([] {
        for (const Case& c : cases) {
            for (const std::size_t n : {0U, 1U, 7U, 259U}) {
                if (n > 200 && c.taps * c.channels > 1000) continue;
                expect_right<cf32, f32>(c, n, 12345);
                expect_right<f32, f32>(c, n, 7);
                if (c.interpolation == 1) expect_right<cf32, cf32>(c, n, 3);
            }
        }
    });
}

TEST(DeviceResampler, MakesTheSameBitsInAnyPieces) {
    for (const Case& c : cases) {
        if (c.taps > 5000) continue;
        constexpr std::size_t n = 300;
        const auto x = noise((history_of(c) + items_of(c, n, 99)) * c.channels);
        behave("order=early");
        const auto whole = made_of<cf32, f32>(c, x, n, 99, n);
        for (const std::size_t most : {1U, 29U, 257U}) {
            behave("order=random,seed=9");
            EXPECT_TRUE(same_bytes(made_of<cf32, f32>(c, x, n, 99, most), whole)) << c.taps << ", " << most;
        }
    }
}

TEST(DeviceResampler, NanAndInfinitiesTouchTheOutputsThatHaveThemInTheirSum) {
    behave("");
    for (const Case& c : {Case{81, 1, 10}, Case{65, 3, 2}, Case{7, 16, 3}, Case{1000, 7, 3}}) {
        constexpr std::size_t n = 200;
        auto x = noise(history_of(c) + items_of(c, n, 0));
        x[history_of(c) + 3] = {std::numeric_limits<f32>::quiet_NaN(), 0};
        x[history_of(c) + items_of(c, n / 2, 0)] = {0, std::numeric_limits<f32>::infinity()};
        const auto made = made_of<cf32, f32>(c, x, n, 0, n), expected = expected_of<cf32, f32>(c, x, n, 0);
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_EQ(std::isnan(made[i].real()), std::isnan(expected[i].real())) << i;
            EXPECT_EQ(std::isinf(made[i].imag()), std::isinf(expected[i].imag())) << i;
        }
    }
}

/// Ratios of many phases, by a table with straight lines between.
struct Large {
    std::size_t phases;
    std::uint64_t taps, interpolation, decimation, first;
    std::size_t channels = 1;
};

template <class S>
void expect_interpolated(const Large& c, std::size_t n, std::size_t most) {
    std::vector<double> table(InterpolatedFir<S>::table_size(c.phases, c.taps, c.interpolation));
    for (std::size_t k = 0; k < table.size(); ++k) table[k] = std::cos(0.01 * double(k)) / 20;
    using Wide = unsigned __int128;
    const auto phase = std::uint64_t(Wide(c.first % c.interpolation) * c.decimation % c.interpolation);
    const auto item_of = [&](std::size_t m) { return std::size_t((phase + Wide(m) * c.decimation) / c.interpolation); };
    const auto history = std::size_t((c.taps - 1) / c.interpolation);
    const auto x = input_of<S>((history + item_of(n - 1) + 1) * c.channels);
    Queue queue(0);
    using Resampler = DeviceInterpolatedResampler<S>;
    const Resampler resampler(queue, table, c.phases, c.taps, c.interpolation, c.decimation, c.channels);
    ASSERT_EQ(resampler.history(), history);
    const Array<S> in(queue, x);
    Array<S> out(n * c.channels + 2 * margin);
    std::vector<typename Resampler::Piece> pieces;
    for (std::size_t m = 0; m < n; m += most)
        pieces.push_back({in.data() + (history + item_of(m)) * c.channels, out.data() + margin + m * c.channels,
                          std::min(most, n - m), c.first + m});
    resampler(queue, pieces);
    const auto made = unpoisoned(out.get(queue), 0, n * c.channels);
    std::vector<S> expected(made.size()), channel(x.size() / c.channels), y(n);
    for (std::size_t k = 0; k < c.channels; ++k) {
        for (std::size_t i = 0; i < channel.size(); ++i) channel[i] = x[i * c.channels + k];
        kernels::reference::interpolated_fir(channel.data() + history, y.data(), n, table, c.phases, c.taps, c.interpolation,
                                             c.decimation, c.first);
        for (std::size_t m = 0; m < n; ++m) expected[m * c.channels + k] = y[m];
    }
    EXPECT_LE(error_of(made, expected), 1e-6) << c.interpolation << "/" << c.decimation << ", by " << most;
}

TEST(DeviceResampler, OfManyPhasesIsTheSumOnLinesBetweenThem) {
    in_every_order([] {
        for (const Large& c : {Large{64, 20'000'003, 1'000'003, 999'983, 5}, Large{128, 999, 100'000, 70'001, 12345},
                               Large{32, 41'000'000'000, 999'999'999'989, 1'000'000'000'000, 77'777'777'777},
                               Large{64, 3'000'017, 100'003, 1'000'003, 9, 3}}) {
            for (const std::size_t most : {500U, 13U}) {
                expect_interpolated<cf32>(c, 300, most);
                expect_interpolated<f32>(c, 300, most);
            }
        }
    });
}

}  // namespace
}  // namespace flowspan::device

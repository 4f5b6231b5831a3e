// Conversions on a device against the plain loops, and the formula of the block.
#include "kernels/convert/convert_device.hpp"
#include "kernels/volk/volk.hpp"
#include "tests/device/kernels.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

template <class Integer>
std::vector<Integer> integers(std::size_t n) {
    std::mt19937 random(std::uint32_t(n + sizeof(Integer)));
    std::vector<Integer> x(n);
    for (auto& v : x) v = Integer(random());
    if (n > 1) x[0] = std::numeric_limits<Integer>::min(), x[1] = std::numeric_limits<Integer>::max();
    return x;
}

/// All of it from place `at` on, in pieces of at most so many numbers in one launch.
template <class In, class Out, class Make>
std::vector<Out> converted(const std::vector<In>& x, std::size_t at, std::size_t most, f32 scale, Make make) {
    Queue queue(0);
    const Array<In> in(queue, std::vector<In>(x));
    Array<Out> out(x.size() + 2 * margin);
    std::vector<Conversion<In, Out>> pieces;
    for (std::size_t from = at; from < x.size(); from += most)
        pieces.push_back({in.data() + from, out.data() + margin + from, std::min(most, x.size() - from), scale});
    make(queue, std::span<const Conversion<In, Out>>(pieces));
    return unpoisoned(out.get(queue), at, x.size());
}

template <class Integer>
void expect_floats_of(f32 full_scale) {
    for (const std::size_t n : awkward_sizes) {
        const auto x = integers<Integer>(n);
        std::vector<f32> expected(n);
        const f32 zero = std::is_signed_v<Integer> ? 0 : std::ldexp(1.0F, int(8 * sizeof(Integer)) - 1) - 0.5F;
        for (std::size_t i = 0; i < n; ++i) expected[i] = (f32(x[i]) - zero) * (1 / full_scale);
        for (const std::size_t most : {n + 1, std::size_t(257)}) {
            const auto made = converted<Integer, f32>(x, 0, most, 1 / full_scale,
                                                      [](Queue& queue, auto pieces) { to_floats(queue, pieces); });
            EXPECT_TRUE(same_bytes(made, expected)) << n << " in pieces of " << most;
        }
    }
}

/// What the block `convert` counts.
struct Expected {
    std::uint64_t clipped = 0, not_finite = 0;
    double peak = 0;
};

template <class Integer>
Integer rounded(f32 x, double scale, Expected& counts) {
    using Limits = std::numeric_limits<Integer>;
    const double zero = Limits::is_signed ? 0 : (double(Limits::max()) + 1) / 2 - 0.5;
    if (!std::isfinite(x)) ++counts.not_finite;
    const double of_zero = std::isnan(x) ? 0 : double(x) * scale, v = std::nearbyint(of_zero + zero);
    const double low = double(Limits::min()), high = double(Limits::max());
    if (std::isfinite(x) && (v < low || v > high)) {
        ++counts.clipped;
        counts.peak = std::max(counts.peak, Limits::is_signed ? of_zero / (x > 0 ? high : low) : std::abs(of_zero) / zero);
    }
    return Integer(std::clamp(v, low, high));
}

template <class Integer>
void expect_integers_of(double scale) {
    constexpr f32 infinity = std::numeric_limits<f32>::infinity();
    for (const std::size_t n : awkward_sizes) {
        std::vector<f32> x = real_noise(n);
        for (f32& v : x) v *= 1.25F;
        const f32 odd[] = {infinity, -infinity, std::numeric_limits<f32>::quiet_NaN(), 3e38F, -3e38F, -0.0F, 1e-40F};
        for (std::size_t k = 0; k < 7 && 5 * k + 3 < n; ++k) x[5 * k + 3] = odd[k];
        Expected counts;
        std::vector<Integer> expected;
        for (const f32 v : x) expected.push_back(rounded<Integer>(v, scale, counts));
        Queue queue(0);
        Array<ClippedOnDevice> counted(1);
        queue.zero(counted.data(), sizeof(ClippedOnDevice));
        ASSERT_TRUE(queue.finish(1));
        const auto made = converted<f32, Integer>(
            x, 0, n / 3 + 1, f32(scale), [&](Queue& other, auto pieces) { to_integers(other, pieces, counted.data()); });
        EXPECT_EQ(made, expected) << n;
        const ClippedOnDevice seen = counted.get(queue).front();
        EXPECT_EQ(seen.clipped, counts.clipped);
        EXPECT_EQ(seen.not_finite, counts.not_finite);
        EXPECT_EQ(std::bit_cast<double>(seen.peak_bits), counts.peak);
    }
}

TEST(DeviceConvert, MakesTheBitsOfTheHostsFloats) {
    in_every_order([] {
        expect_floats_of<i8>(128);
        expect_floats_of<u8>(128);
        expect_floats_of<i16>(32768);
        expect_floats_of<u16>(32768);
        expect_floats_of<i16>(1000);
    });
    const auto x = integers<i16>(1023);
    std::vector<f32> expected(x.size());
    kernels::reference::to_floats(x.data(), expected.data(), x.size(), 2048);
    behave("");
    const auto made = converted<i16, f32>(x, 0, 1023, 1 / 2048.0F, [](Queue& queue, auto pieces) { to_floats(queue, pieces); });
    EXPECT_TRUE(same_bytes(made, expected));
}

TEST(DeviceConvert, MakesTheIntegersOfTheBlockAndCounts) {
    in_every_order([] {
        expect_integers_of<i16>(32768);
        expect_integers_of<i8>(128);
        expect_integers_of<u8>(128);
    });
}

TEST(DeviceConvert, TakesNumbersOfAnyAlignment) {
    behave("");
    const auto x = integers<i8>(301);
    for (const std::size_t at : {1U, 2U, 3U}) {
        std::vector<f32> expected;
        for (std::size_t i = at; i < x.size(); ++i) expected.push_back(f32(x[i]) / 128);
        const auto make = [](Queue& queue, auto pieces) { to_floats(queue, pieces); };
        EXPECT_TRUE(same_bytes(converted<i8, f32>(x, at, 1000, 1 / 128.0F, make), expected)) << at;
        EXPECT_TRUE(same_bytes(converted<i8, f32>(x, at, 2, 1 / 128.0F, make), expected)) << at;
    }
}

TEST(DeviceConvert, MakesOneLaunchOfManyPieces) {
    behave("");
    Queue queue(0);
    const Array<i16> in(queue, integers<i16>(2000));
    const Array<f32> out(2000);
    std::vector<Conversion<i16, f32>> pieces;
    for (std::size_t k = 0; k < 100; ++k) pieces.push_back({in.data() + 20 * k, out.data() + 20 * k, 20, 1});
    to_floats(queue, std::span<const Conversion<i16, f32>>(pieces));
    EXPECT_EQ(queue.counts().launches, 1U);
    to_floats(queue, std::span<const Conversion<i16, f32>>());
    EXPECT_EQ(queue.counts().launches, 1U);
}

}  // namespace
}  // namespace flowspan::device

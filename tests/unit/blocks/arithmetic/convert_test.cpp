// Every type into every other, against the formula in long double.
#include <gmock/gmock.h>

#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <limits>
#include <random>

namespace flowspan::test {
namespace {
using testing::HasSubstr;

template <class N>
long double unit_of() {
    if (std::is_floating_point_v<N>) return 1;
    return std::ldexp(1.0L, int(8 * sizeof(N)) - 1);
}
template <class N>
long double zero_of() {
    return std::is_unsigned_v<N> ? unit_of<N>() - 0.5L : 0;
}

struct Expected {
    std::int64_t clipped = 0, not_finite = 0;
};

/// By the definition in docs/graph-file.md; the rounding is that of long double to nearest, ties to even.
template <class In, class Out>
Out converted(In x, long double full_scale, Expected& counts) {
    using Limits = std::numeric_limits<Out>;
    const long double y = (static_cast<long double>(x) - zero_of<In>()) / full_scale * unit_of<Out>() + zero_of<Out>();
    if (!std::isfinite(double(x))) ++counts.not_finite;
    if constexpr (std::is_floating_point_v<Out>) {
        if (!std::isfinite(double(x))) return Out(x);
        const bool beyond = std::isinf(static_cast<Out>(y));
        counts.clipped += beyond ? 1 : 0;
        return beyond ? (y > 0 ? Limits::max() : Limits::lowest()) : Out(y);
    } else {
        if (std::isnan(double(x))) return Out(std::nearbyint(zero_of<Out>()));
        const long double whole = std::nearbyint(y);
        const bool beyond = whole < static_cast<long double>(Limits::min()) || whole > static_cast<long double>(Limits::max());
        counts.clipped += beyond && std::isfinite(double(x)) ? 1 : 0;
        return beyond ? (y > 0 ? Limits::max() : Limits::min()) : Out(whole);
    }
}

template <class In>
std::vector<In> numbers() {
    std::mt19937_64 random(7);
    std::vector<In> all;
    if constexpr (std::is_integral_v<In>) {
        for (const long double at : {0.0L, 0.25L, 0.5L, 0.75L, 1.0L})
            all.push_back(
                In(static_cast<long double>(std::numeric_limits<In>::min()) + std::floor(at * (2 * unit_of<In>() - 1))));
        for (int k = 0; k < 300; ++k) all.push_back(In(random()));
    } else {
        const In big = std::numeric_limits<In>::max();
        all = {0,
               1,
               -1,
               In(0.5),
               In(-0.5),
               In(1.5),
               -2,
               In(0x1p-8),
               In(3 * 0x1p-9),
               In(0x1p-32),
               big,
               -big,
               std::numeric_limits<In>::quiet_NaN(),
               std::numeric_limits<In>::infinity(),
               -std::numeric_limits<In>::infinity()};
        std::uniform_real_distribution<double> one(-1.1, 1.1);
        for (int k = 0; k < 300; ++k) all.push_back(In(one(random)));
    }
    return all;
}

template <class In, class Out>
void expect_pair(const std::string& to) {
    const std::vector<In> from = numbers<In>();
    const Outcome made = run("convert", {{"to", to}}, {Stream::of(from)});
    const auto out = made.outputs.at(0).template samples<Out>();
    ASSERT_EQ(out.size(), from.size());
    Expected counts;
    for (std::size_t k = 0; k < from.size(); ++k) {
        const Out expected = converted<In, Out>(from[k], unit_of<In>(), counts);
        if (std::isnan(double(expected)))
            EXPECT_TRUE(std::isnan(double(out[k])));
        else
            EXPECT_EQ(out[k], expected) << to << " of " << +from[k];
    }
    EXPECT_EQ(made.results.at("clipped").integer(), counts.clipped) << to;
    EXPECT_EQ(made.results.at("not_finite").integer(), counts.not_finite) << to;
    EXPECT_EQ(made.warnings.size(), counts.clipped > 0 ? 1U : 0U);
}

template <class In>
void expect_all_of() {
    expect_pair<In, f32>("rf32");
    expect_pair<In, f64>("rf64");
    expect_pair<In, i8>("ri8");
    expect_pair<In, i16>("ri16");
    expect_pair<In, i32>("ri32");
    expect_pair<In, u8>("ru8");
    expect_pair<In, u16>("ru16");
    expect_pair<In, u32>("ru32");
}

TEST(Convert, EveryTypeBecomesEveryOther) {
    expect_all_of<f32>();
    expect_all_of<f64>();
    expect_all_of<i8>();
    expect_all_of<i16>();
    expect_all_of<i32>();
    expect_all_of<u8>();
    expect_all_of<u16>();
    expect_all_of<u32>();
}

TEST(Convert, ComplexSamplesAreTwoNumbers) {
    const std::vector<ci32> from{{1 << 30, -(1 << 30)}, {INT32_MAX, INT32_MIN}};
    EXPECT_EQ(made<cf64>("convert", {{"to", "cf64"}}, {Stream::of(from)}),
              (std::vector<cf64>{{0.5, -0.5}, {INT32_MAX / 0x1p31, -1.0}}));
    EXPECT_EQ(made<ci16>("convert", {{"to", "ci16"}}, {Stream::of(std::vector<cf64>{{0.5, -0.25}})}),
              (std::vector<ci16>{{16384, -8192}}));
    EXPECT_EQ(made<cu16>("convert", {{"to", "cu16"}}, {Stream::of(std::vector<ci8>{{0, -128}})}),
              (std::vector<cu16>{{32768, 0}}));
    EXPECT_EQ(made<cf32>("convert", {{"to", "cf32"}}, {Stream::of(std::vector<cf64>{{0.1, -0.2}})}),
              (std::vector<cf32>{{0.1F, -0.2F}}));
    expect_chunks_do_not_matter("convert", {{"to", "ci32"}}, {input()});
}

TEST(Convert, TheStreamsOwnFullScaleCounts) {
    Stream stream = Stream::of(std::vector<i16>{1000, -500, 2000});
    stream.description.full_scale = 1000;
    EXPECT_EQ(made<f64>("convert", {{"to", "rf64"}}, {stream}), (std::vector<f64>{1, -0.5, 2}));
    EXPECT_EQ(made<i32>("convert", {{"to", "ri32"}}, {stream}), (std::vector<i32>{INT32_MAX, -(1 << 30), INT32_MAX}));
}

TEST(Convert, SaysWhatItMakes) {
    expect_refused("convert", {{"to", "ri16"}}, {Stream::of(std::vector<cf64>(3))},
                   "a type of complex samples: cf32, cf64, ci8, ci16, ci32, cu8, cu16 or cu32", "ri16");
    expect_refused("convert", {{"to", "cf64"}}, {Stream::of(std::vector<i8>(3))},
                   "a type of real samples: rf32, rf64, ri8, ri16, ri32, ru8, ru16 or ru32", "cf64");
}

}  // namespace
}  // namespace flowspan::test

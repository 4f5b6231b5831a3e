// Items that are repeated, left out, summed up and averaged; where their tags go.
#include "tests/unit/blocks/plumbing.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {
/// 0 … n-1 with a tag at each of these.
Stream marked(std::size_t n, const std::vector<std::uint64_t>& at) {
    Stream s = counting<f32>(n);
    for (const std::uint64_t k : at) s.tags.push_back({k, "mark", std::int64_t(k)});
    return s;
}
using Places = std::vector<std::uint64_t>;
}  // namespace

TEST(Repeat, RepeatsEveryItem) {
    const auto o = run("repeat", {{"n", 3}}, {marked(4, {0, 2, 3})});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}));
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(3000));
    EXPECT_EQ(marks(o.outputs[0]), (Places{0, 6, 9}));
    EXPECT_EQ(made<ci16>("repeat", {{"n", 2}}, {Stream::of(std::vector<ci16>{{1, 2}, {3, 4}})}),
              (std::vector<ci16>{{1, 2}, {1, 2}, {3, 4}, {3, 4}}));
    for (const int n : {1, 2, 17, 1000}) {
        expect_chunks_do_not_matter("repeat", {{"n", n}}, {marked(101, {5, 50})});
        expect_lengths<f32>("repeat", {{"n", n}}, [n](auto k) { return k * std::size_t(n); });
    }
    expect_stretches_stand_alone<cf32>("repeat", {{"n", 3}}, input());
    expect_refused("repeat", {{"n", 0}}, {real_x()}, "an integer from 1 to 1048576", "0");
}

TEST(KeepOneInN, IsNumPysSlice) {
    const auto o = run("keep_one_in_n", {{"n", 4}}, {marked(11, {0, 1, 4, 8})});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, 4, 8}));
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(250));
    EXPECT_EQ(o.outputs[0].description.origin, Time());
    EXPECT_EQ(marks(o.outputs[0]), (Places{0, 1, 1, 2}));
    for (const int n : {1, 3, 10, 400}) {
        expect_chunks_do_not_matter("keep_one_in_n", {{"n", n}}, {input()});
        expect_lengths<cf32>("keep_one_in_n", {{"n", n}},
                             [n = std::size_t(n)](auto k) { return (std::size_t(k) + n - 1) / n; });
        expect_stretches_stand_alone<cf32>("keep_one_in_n", {{"n", n}}, input());
    }
}

TEST(KeepMInN, KeepsSuccessiveItemsAtTheirTime) {
    const Value::Map parameters{{"m", 3}, {"n", 10}, {"offset", 2}};
    const auto o = run("keep_m_in_n", parameters, {marked(24, {0, 2, 4, 5, 13, 20})});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{2, 3, 4, 12, 13, 14, 22, 23}));
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(300));
    EXPECT_EQ(marks(o.outputs[0]), (Places{0, 0, 2, 3, 4, 6}));  // each at the first item that is not before it
    expect_chunks_do_not_matter("keep_m_in_n", parameters, {input()});
    expect_stretches_stand_alone<cf32>("keep_m_in_n", parameters, input());
    for (const auto& [m, n, offset] : {std::tuple(1, 1, 0), {3, 10, 7}, {997, 1000, 1}, {5, 5, 0}})
        expect_lengths<f32>("keep_m_in_n", {{"m", m}, {"n", n}, {"offset", offset}}, [m = m, n = n, offset = offset](auto k) {
            std::size_t kept = 0;
            for (int i = 0; i < int(k); ++i) kept += i % n >= offset && i % n < offset + m ? 1 : 0;
            return kept;
        });
    expect_refused("keep_m_in_n", {{"m", 4}, {"n", 3}}, {real_x()}, "at most n (3)", "4");
    expect_refused("keep_m_in_n", {{"m", 2}, {"n", 3}, {"offset", 2}}, {real_x()}, "at most n - m (1)", "2");
}

TEST(Integrate, SumsAsNumPyDoes) {
    for (const int n : {1, 7, 40}) {
        const auto y = made<cf32>("integrate", {{"n", n}}, {x_stream()});
        EXPECT_LE(oracle::relative_error(y, plumbing().complexes("integrated." + std::to_string(n))), 1e-6);
    }
    const auto o = run("integrate", {{"n", 4}}, {marked(11, {0, 1, 4})});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{6, 22}));
    EXPECT_EQ(marks(o.outputs[0]), (Places{0, 1, 1}));
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(250));
    expect_chunks_do_not_matter("integrate", {{"n", 37}}, {input()});
    expect_lengths<f32>("integrate", {{"n", 31}}, [](auto k) { return k / 31; });
    expect_stretches_stand_alone<cf32>("integrate", {{"n", 9}}, input());
    // Where floats of 32 bits would stand still
    const auto many = made<f32>("integrate", {{"n", 3'000'000}}, {Stream::of(std::vector<f32>(3'000'000, 16.1F))});
    EXPECT_EQ(many, (std::vector<f32>{f32(3e6 * double(16.1F))}));
}

TEST(MovingAverage, IsNumPysConvolution) {
    for (const int n : {1, 7, 40}) {
        const auto y = made<cf32>("moving_average", {{"n", n}}, {x_stream()});
        EXPECT_LE(oracle::relative_error(y, plumbing().complexes("mean." + std::to_string(n))), 1e-6);
        expect_chunks_do_not_matter("moving_average", {{"n", n}}, {input()});
        expect_stretches_stand_alone<cf32>("moving_average", {{"n", n}}, input());
        expect_lengths<f32>("moving_average", {{"n", n}}, [](auto k) { return k; });
    }
    const auto o = run("moving_average", {{"n", 3}}, {marked(6, {0, 2})});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, f32(1.0 / 3), 1, 2, 3, 4}));
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-1, 1000)));
    EXPECT_EQ(marks(o.outputs[0]), (Places{1, 3}));
}

TEST(MovingAverage, LosesWhatIsNotFiniteAndWhatIsLargeWithItsWindow) {
    std::vector<f32> x(50, 0.25F);
    x[10] = std::numeric_limits<f32>::quiet_NaN();
    x[20] = 1e38F;
    x[30] = std::numeric_limits<f32>::infinity();
    const auto y = made<f32>("moving_average", {{"n", 5}}, {Stream::of(x)});
    for (std::size_t k = 4; k < y.size(); ++k) {
        const bool sees_nan = k >= 10 && k < 15, sees_large = k >= 20 && k < 25, sees_infinity = k >= 30 && k < 35;
        EXPECT_EQ(std::isnan(y[k]), sees_nan) << k;
        EXPECT_EQ(std::isinf(y[k]), sees_infinity) << k;
        if (sees_large) {
            EXPECT_EQ(y[k], 2e37F) << k;
        } else if (!sees_nan && !sees_infinity) {
            EXPECT_EQ(y[k], 0.25F) << k;
        }
    }
}

// dc_blocker, hilbert, half_band and cic.
#include "tests/unit/blocks/filters/filter_vectors.hpp"

#include <cmath>
#include <limits>
#include <numbers>

using namespace flowspan;
using namespace flowspan::test;

TEST(DcBlocker, EqualsScipysFilterOfItsTaps) {
    for (const bool is_long : {false, true}) {
        const auto o = run("dc_blocker", {{"length", 8}, {"long_form", is_long}}, {filter_input()});
        EXPECT_LE(oracle::relative_error(o.outputs[0].samples<cf32>(), filter_vectors().complexes(is_long ? "dc.4" : "dc.2")),
                  1e-6);
        EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(is_long ? -14 : -7, 1000)));
    }
}

TEST(DcBlocker, TakesOutAConstantAndNothingFarFromIt) {
    for (const int length : {4, 32, 1000}) {
        std::vector<f32> x(20000);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.75F + f32(std::cos(std::numbers::pi / 2 * double(i)));
        const auto y = made<f32>("dc_blocker", {{"length", length}}, {Stream::of(x)});
        double mean = 0;
        for (std::size_t i = 8000; i < 16000; ++i) mean += double(y[i]) / 8000;
        EXPECT_LE(std::abs(mean), 1e-6) << length;
        const std::size_t delay = 2 * std::size_t(length - 1);
        for (std::size_t i = 8000; i < 16000; ++i) ASSERT_NEAR(y[i], x[i - delay] - 0.75F, 2e-5) << length;
    }
}

TEST(DcBlocker, DoesNotDependOnChunksAndLengths) {
    for (const int length : {2, 8, 100}) {
        expect_chunks_do_not_matter("dc_blocker", {{"length", length}}, {input()});
        expect_lengths<f32>("dc_blocker", {{"length", length}}, [](auto n) { return n; });
        expect_stretches_stand_alone<cf32>("dc_blocker", {{"length", length}}, input());
    }
    expect_refused("dc_blocker", {{"length", 1}}, {input()},
                   "a number of samples (an integer) from 2 samples to 262144 samples", "1 samples");
}

TEST(Hilbert, EqualsScipysFilterOfItsTaps) {
    const auto o = run("hilbert", {{"taps_count", 31}}, {real_filter_input()});
    EXPECT_LE(oracle::relative_error(o.outputs[0].samples<cf32>(), filter_vectors().complexes("hilbert")), 1e-6);
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-15, 1000)));
    EXPECT_EQ(o.outputs[0].description.type, SampleType::cf32);
}

TEST(Hilbert, TakesOutNegativeFrequencies) {
    std::vector<f32> x(1000);
    x[0] = 1;
    const auto h = made<cf32>("hilbert", {{"taps_count", 129}, {"window", "kaiser"}, {"attenuation", 60}},
                              {Stream::of(x, Rational(1000))});
    EXPECT_LE(greatest_response(h, -470, -30, 1000), 2.5e-3);  // 2 is what passes: 58 dB
    EXPECT_NEAR(greatest_response(h, 30, 470, 1000), 2, 2.5e-3);
}

TEST(Hilbert, DoesNotDependOnChunksAndLengths) {
    for (const int taps : {3, 31, 301}) {
        expect_chunks_do_not_matter("hilbert", {{"taps_count", taps}}, {real_input()});
        expect_lengths<f32>("hilbert", {{"taps_count", taps}}, [](auto n) { return n; });
        expect_stretches_stand_alone<f32>("hilbert", {{"taps_count", taps}}, real_input());
    }
    expect_refused("hilbert", {{"taps_count", 30}}, {real_input()}, "an odd number", "30");
}

TEST(HalfBand, EqualsScipysUpfirdn) {
    const auto o = run("half_band", {}, {filter_input()});
    EXPECT_LE(oracle::relative_error(o.outputs[0].samples<cf32>(), filter_vectors().complexes("half_band")), 1e-6);
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(500));
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-19, 1000)));
}

TEST(HalfBand, HasTheStopBandThatIsAskedFor) {
    for (const double attenuation : {40.0, 60.0, 90.0}) {
        std::vector<cf32> h(400);  // of both phases
        for (const std::size_t phase : {0U, 1U}) {
            std::vector<cf32> x(400);
            x[phase] = 1;
            const auto y =
                made<cf32>("half_band", {{"attenuation", attenuation}, {"transition", 50}}, {Stream::of(x, Rational(1000))});
            for (std::size_t m = 0; m < y.size(); ++m)
                if (2 * m >= phase) h[2 * m - phase] = y[m];
        }
        EXPECT_LE(greatest_response(h, 275, 500, 1000), 1.1 * std::pow(10, -attenuation / 20)) << attenuation;
        EXPECT_NEAR(greatest_response(h, 0, 225, 1000), 1, 1.1 * std::pow(10, -attenuation / 20)) << attenuation;
    }
}

TEST(HalfBand, DoesNotDependOnChunksAndLengths) {
    for (const double attenuation : {20.0, 60.0, 150.0}) {
        expect_chunks_do_not_matter("half_band", {{"attenuation", attenuation}}, {input()});
        expect_lengths<f32>("half_band", {{"attenuation", attenuation}}, [](auto n) { return (n + 1) / 2; });
        expect_stretches_stand_alone<cf32>("half_band", {{"attenuation", attenuation}}, input());
    }
    expect_refused("half_band", {{"transition", 600}}, {input()}, "at most half the sample rate (500 Hz)", "600 Hz");
}

TEST(Cic, EqualsScipysUpfirdn) {
    const auto down = run("cic", {{"decimation", 5}, {"stages", 3}}, {filter_input()});
    EXPECT_LE(oracle::relative_error(down.outputs[0].samples<cf32>(), filter_vectors().complexes("cic.down")), 1e-6);
    EXPECT_EQ(down.outputs[0].description.origin, Time(Rational(-6, 1000)));
    const auto up = run("cic", {{"interpolation", 3}, {"stages", 4}, {"differential_delay", 2}}, {filter_input()});
    EXPECT_LE(oracle::relative_error(up.outputs[0].samples<cf32>(), filter_vectors().complexes("cic.up")), 1e-6);
    EXPECT_EQ(up.outputs[0].description.origin, Time(Rational(-10, 3000)));
}

/// What integrators and combs make of integers, exactly: sums may pass 2^64 on the way, differences bring them back.
std::vector<std::int64_t> hogenauer(const std::vector<std::int64_t>& x, std::size_t decimation, int stages) {
    std::vector<std::uint64_t> sums(x.begin(), x.end());
    for (int s = 0; s < stages; ++s)
        for (std::size_t i = 1; i < sums.size(); ++i) sums[i] += sums[i - 1];
    std::vector<std::uint64_t> y;
    for (std::size_t i = 0; i < sums.size(); i += decimation) y.push_back(sums[i]);
    for (int s = 0; s < stages; ++s)
        for (std::size_t i = y.size() - 1; i > 0; --i) y[i] -= y[i - 1];
    return {y.begin(), y.end()};
}

TEST(Cic, IsIntegratorsAndCombsWithinItsBound) {
    for (const auto& [decimation, stages] : {std::pair{64, 5}, {1000, 3}, {7, 8}}) {
        std::vector<std::int64_t> x(20000);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::int64_t((i * i * 7919 + i * 104729) % 255) - 127;
        const std::vector<f32> samples(x.begin(), x.end());
        const auto exact = hogenauer(x, std::size_t(decimation), stages);
        const double gain = std::pow(double(decimation), stages);
        const std::vector<double> expected = [&] {
            std::vector<double> all;
            for (const auto y : exact) all.push_back(double(y) / gain);
            return all;
        }();
        const auto y = made<f32>("cic", {{"decimation", decimation}, {"stages", stages}}, {Stream::of(samples)});
        ASSERT_EQ(y.size(), expected.size());
        double worst = 0;
        for (std::size_t m = 0; m < y.size(); ++m) worst = std::max(worst, std::abs(double(y[m]) - expected[m]));
        EXPECT_LE(worst, 1e-6 * 127) << decimation;
    }
}

TEST(Cic, DoesNotDependOnChunksAndLengths) {
    const std::vector<Value::Map> all{{{"decimation", 5}}, {{"interpolation", 7}}, {{"decimation", 2}, {"stages", 1}}};
    for (const Value::Map& p : all) {
        expect_chunks_do_not_matter("cic", p, {input()});
        expect_stretches_stand_alone<f32>("cic", p, real_input());
    }
    expect_lengths<cf32>("cic", all[0], [](auto n) { return (n + 4) / 5; });
    expect_lengths<cf32>("cic", all[1], [](auto n) { return 7 * n; });
    expect_refused("cic", {{"decimation", 2}, {"interpolation", 2}}, {input()}, "1 beside a decimation", "2");
    expect_refused("cic", {{"decimation", 65536}, {"stages", 8}, {"differential_delay", 4}}, {input()},
                   "a rate change with which the filter has at most 1048576 taps", "65536");
}

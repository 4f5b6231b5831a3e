#include "tests/unit/blocks/running.hpp"

#include <numeric>

using namespace flowspan;
using namespace flowspan::test;

TEST(Fft, BlockEqualsNumpysShiftedTransformOfWindowedFrames) {
    const auto o = run("fft", {{"size", 60}, {"hop", 50}, {"window", "hann"}}, {input()});
    EXPECT_LE(oracle::relative_error(o.outputs[0].samples<cf32>(), vectors().complexes("fft")), 1e-6);
    const auto& d = o.outputs[0].description;
    EXPECT_EQ(d.sample_rate, Rational(20));
    ASSERT_EQ(d.shape.size(), 1U);
    EXPECT_EQ(d.shape[0].name, "frequency");
    EXPECT_EQ(d.shape[0].unit, "Hz");
    EXPECT_EQ(d.shape[0].size, 60U);
    EXPECT_NEAR(d.shape[0].first, -500, 1e-9);
    EXPECT_NEAR(d.shape[0].step, 1000.0 / 60, 1e-12);
}

TEST(Fft, BlockDoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("fft", {{"size", 60}, {"hop", 50}}, {input()});
    expect_chunks_do_not_matter("fft", {{"size", 16}}, {real_input()});
    expect_lengths<cf32>("fft", {{"size", 16}, {"hop", 8}}, [](auto n) { return n < 16 ? 0 : (n - 16) / 8 + 1; });
}

TEST(Psd, OfTheWholeStreamEqualsScipysWelch) {
    const Value::Map p{{"size", 64}, {"overlap", 48}};
    const auto o = run("psd", p, {input()});
    EXPECT_LE(oracle::relative_error(o.outputs[0].samples<f32>(), vectors().reals("psd.all")), 1e-6);
    EXPECT_EQ(o.outputs[0].description.unit, "1/Hz");
    EXPECT_FALSE(o.outputs[0].description.sample_rate.has_value());
    EXPECT_LE(oracle::relative_error(made<f32>("psd", p, {real_input()}), vectors().reals("psd.real")), 1e-6);
}

TEST(Psd, OfGroupsOfFramesEqualsScipysWelchOfEach) {
    const auto o = run("psd", {{"size", 64}, {"overlap", 48}, {"average", 5}}, {input()});
    EXPECT_LE(oracle::relative_error(o.outputs[0].samples<f32>(), vectors().reals("psd.by5")), 1e-6);
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(1000, 80));
}

TEST(Psd, SumsToThePowerOfNoise) {
    const auto in = vectors().samples("in");
    const auto bins =
        made<f32>("psd", {{"size", 8}, {"overlap", 0}, {"window", "rectangular"}}, {Stream::of(in, Rational(1000))});
    double power = 0;
    for (std::size_t i = 0; i < 1008; ++i) power += std::norm(cf64(in[i]));
    EXPECT_NEAR(std::accumulate(bins.begin(), bins.end(), 0.0) * 125, power / 1008, 1e-5);
}

TEST(Psd, DoesNotDependOnChunksAndLengths) {
    for (const int average : {0, 1, 5}) {
        for (const int overlap : {0, 48}) {
            SCOPED_TRACE(average);
            expect_chunks_do_not_matter("psd", {{"size", 64}, {"overlap", overlap}, {"average", average}}, {input()});
        }
    }
    expect_lengths<cf32>("psd", {{"size", 16}}, [](auto n) { return n < 16 ? 0 : 1; });
    expect_lengths<cf32>("psd", {{"size", 16}, {"average", 3}}, [](auto n) { return n < 16 ? 0 : ((n - 16) / 8 + 1) / 3; });
}

TEST(Psd, RefusesAnOverlapOfAWholeFrame) {
    expect_refused("psd", {{"size", 64}, {"overlap", 64}}, {input()}, "fewer than size (64 samples)", "64 samples");
}

TEST(Spectra, BeginAnewAfterAGap) {
    expect_stretches_stand_alone<cf32>("fft", {{"size", 60}, {"hop", 50}}, input());
    for (const int average : {0, 5}) expect_stretches_stand_alone<cf32>("psd", {{"size", 64}, {"average", average}}, input());
}

#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <limits>
#include <numbers>

using namespace flowspan;
using namespace flowspan::test;

namespace {

const oracle::File& loop_vectors() {
    static const oracle::File file("tests/unit/blocks/data/loops.txt");
    return file;
}
Stream tone() { return Stream::of(loop_vectors().samples("tone"), Rational(1000)); }
Value::Map pll(const std::string& output) {
    return {{"output", output}, {"loop_bandwidth", 10}, {"min_frequency", -100}, {"max_frequency", 100}};
}
Stream steady(double turns, std::size_t n) {
    std::vector<cf32> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = cf32(std::polar(0.01, 2 * std::numbers::pi * std::fmod(turns * double(i), 1.0)));
    return Stream::of(x, Rational(1000));
}

}  // namespace

TEST(Pll, EqualsGnuRadiosFormulas) {
    EXPECT_LE(oracle::relative_error(made<cf32>("pll", pll("carrier"), {tone()}), loop_vectors().complexes("pll.carrier")),
              2e-6);
    EXPECT_LE(oracle::relative_error(made<cf32>("pll", pll("reference"), {tone()}), loop_vectors().complexes("pll.reference")),
              2e-6);
    EXPECT_LE(oracle::relative_error(made<f32>("pll", pll("frequency"), {tone()}), loop_vectors().reals("pll.frequency")),
              2e-6);
}

TEST(Pll, EqualsGnuRadiosBlocks) {
    const oracle::File theirs("tests/unit/blocks/data/gnuradio.txt");  // in single precision
    EXPECT_LE(oracle::relative_error(made<cf32>("pll", pll("carrier"), {tone()}), theirs.complexes("pll.carrier")), 3e-6);
    EXPECT_LE(oracle::relative_error(made<cf32>("pll", pll("reference"), {tone()}), theirs.complexes("pll.reference")), 3e-6);
    EXPECT_LE(oracle::relative_error(made<f32>("pll", pll("frequency"), {tone()}), theirs.reals("pll.frequency")), 3e-6);
}

TEST(Pll, FollowsAToneToItsPhaseAndFrequency) {
    const auto frequency = made<f32>("pll", pll("frequency"), {steady(0.0371, 5000)});
    EXPECT_NEAR(frequency.back(), 37.1, 1e-3);
    const auto carrier = made<cf32>("pll", pll("carrier"), {steady(0.0371, 5000)});
    EXPECT_NEAR(std::abs(carrier.back() - cf32(0.01F, 0)), 0, 1e-7);
}

// Of a small step of the frequency the loop's own is off by  e^(-a n) (cos b n + a/b sin b n)  of it, -a +- j b the poles of
// s^2 + alpha s + beta: damping 0.7.
TEST(Pll, LocksInTheTimeOfTheClosedForm) {
    const auto frequency = made<f32>("pll", pll("frequency"), {steady(0.002, 3000)});
    std::size_t last = 0;
    for (std::size_t i = 0; i < frequency.size(); ++i)
        if (std::abs(frequency[i] - 2.0F) > 0.2F) last = i;
    const double B = 2 * std::numbers::pi * 0.01, zeta = std::sqrt(0.5), d = 1 + 2 * zeta * B + B * B;
    const double alpha = 4 * zeta * B / d, beta = 4 * B * B / d, decay = alpha / 2, turn = std::sqrt(beta - decay * decay);
    double expected = 0;
    for (int n = 0; n < 3000; ++n) {
        const double off = std::exp(-decay * n) * (std::cos(turn * n) + decay / turn * std::sin(turn * n));
        if (std::abs(off) > 0.1) expected = n;
    }
    EXPECT_NEAR(double(last), expected, 0.1 * expected + 2);
}

TEST(Pll, StaysWithinItsLimits) {
    Value::Map p = pll("frequency");
    p["max_frequency"] = 20;
    for (const f32 f : made<f32>("pll", p, {steady(0.04, 3000)})) ASSERT_LE(f, 20);
}

TEST(Pll, TurnsOnThroughWhatIsNotFinite) {
    auto x = steady(0.02, 2000).samples<cf32>();
    for (std::size_t i = 1000; i < 1050; ++i)
        x[i] = i % 2 == 0 ? cf32(std::numeric_limits<f32>::quiet_NaN(), 1) : cf32(1, std::numeric_limits<f32>::infinity());
    const auto o = run("pll", pll("carrier"), {Stream::of(x, Rational(1000))});
    const auto y = o.outputs[0].samples<cf32>();
    EXPECT_TRUE(std::isnan(y[1020].real()) && std::isnan(y[1020].imag()));
    EXPECT_NEAR(std::abs(y[1050] - cf32(0.01F, 0)), 0, 1e-6);
    EXPECT_EQ(o.results.at("not_finite").integer(), 50);
}

TEST(Pll, DescribesWhatLeaves) {
    Stream in = tone();
    in.description.center_frequency = 1e8;
    EXPECT_FALSE(run("pll", pll("carrier"), {in}).outputs[0].description.center_frequency);
    EXPECT_EQ(run("pll", pll("reference"), {in}).outputs[0].description.center_frequency, 1e8);
    const auto d = run("pll", pll("frequency"), {in}).outputs[0].description;
    EXPECT_EQ(d.type, SampleType::rf32);
    EXPECT_EQ(d.unit, "Hz");
}

TEST(Pll, DoesNotDependOnChunksAndLengths) {
    for (const char* output : {"carrier", "reference", "frequency"}) {
        expect_chunks_do_not_matter("pll", pll(output), {tone()});
        expect_lengths<cf32>("pll", pll(output), [](auto n) { return n; });
        expect_stretches_stand_alone<cf32>("pll", pll(output), tone());
    }
}

TEST(Pll, RefusesWhatTheRateCannotHold) {
    expect_refused("pll", {{"loop_bandwidth", 600}}, {tone()}, "at most half the sample rate (500 Hz)", "600 Hz");
    expect_refused("pll", {{"loop_bandwidth", 10}, {"max_frequency", 501}}, {tone()}, "at most half the sample rate (500 Hz)",
                   "501 Hz");
    expect_refused("pll", {{"loop_bandwidth", 10}, {"min_frequency", 30}, {"max_frequency", 20}}, {tone()},
                   "a frequency of at most (20 Hz)", "30 Hz");
}

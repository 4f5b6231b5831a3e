#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {

const oracle::File& loop_vectors() {
    static const oracle::File file("tests/unit/blocks/data/loops.txt");
    return file;
}
Stream levels() { return Stream::of(loop_vectors().samples("levels"), Rational(1000)); }

const Value::Map rms{{"rate", 0.05}, {"reference", 0.5}}, peak{{"kind", "peak"}, {"rate", 0.02}, {"reference", 0.5}},
    two{{"kind", "peak"}, {"attack", 0.2}, {"decay", 0.01}, {"reference", 0.5}, {"max_gain", 4}},
    ahead{{"kind", "feedforward"}, {"samples", 37}, {"reference", 0.5}};

/// Magnitude of what leaves, of a step of the level.
std::vector<double> after_step(const Value::Map& parameters, f32 before, f32 after) {
    std::vector<cf32> x(4000, cf32(before, 0));
    std::fill(x.begin() + 2000, x.end(), cf32(0, after));
    std::vector<double> magnitudes;
    for (const cf32 y : made<cf32>("agc", parameters, {Stream::of(x)})) magnitudes.push_back(std::abs(y));
    return magnitudes;
}
/// Items from the step on until the level stays within 1 % of `wanted`.
int lock_time(const std::vector<double>& y, double wanted) {
    int last = 1999;
    for (int i = 2000; i < 4000; ++i)
        if (std::abs(y[std::size_t(i)] - wanted) > 0.01 * wanted) last = i;
    return last - 1999;
}

}  // namespace

TEST(Agc, EqualsGnuRadiosFormulas) {
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", rms, {levels()}), loop_vectors().complexes("agc.rms")), 1e-6);
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", peak, {levels()}), loop_vectors().complexes("agc.peak")), 1e-6);
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", two, {levels()}), loop_vectors().complexes("agc.peak.two")), 1e-6);
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", ahead, {levels()}), loop_vectors().complexes("agc.feedforward")), 1e-6);
}

TEST(Agc, EqualsGnuRadiosBlocks) {
    const oracle::File theirs("tests/unit/blocks/data/gnuradio.txt");  // in single precision
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", rms, {levels()}), theirs.complexes("agc.rms")), 1e-6);
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", peak, {levels()}), theirs.complexes("agc")), 1e-6);
    // feedforward_agc takes max(|re|, |im|) + 0.4 min(|re|, |im|) for the magnitude.
    EXPECT_LE(oracle::relative_error(made<cf32>("agc", ahead, {levels()}), theirs.complexes("feedforward")), 0.08);
}

TEST(Agc, LocksInTheTimeOfGnuRadiosAgc2) {
    std::vector<cf32> x(1000, cf32(0.8F, 0));
    std::fill(x.begin() + 400, x.end(), cf32(1.2F, 0));
    const auto y = made<cf32>("agc", {{"kind", "peak"}, {"rate", 0.02}}, {Stream::of(x)});
    const oracle::File file("tests/unit/blocks/data/gnuradio.txt");
    const auto& theirs = file.reals("agc2.step");
    const auto lock = [](const auto& samples) {
        int last = 0;
        for (int i = 400; i < 1000; ++i)
            if (std::abs(std::abs(samples[std::size_t(i)]) - 1) > 0.01) last = i - 399;
        return last;
    };
    EXPECT_GT(lock(theirs), 50);
    EXPECT_NEAR(lock(y), lock(theirs), 0.1 * lock(theirs));
}

TEST(Agc, BringsAConstantToTheReferenceInTheTimeOfTheClosedForm) {
    for (const f32 to : {0.5F, 2.0F}) {
        const auto power = after_step({{"rate", 0.01}, {"reference", 0.7}}, 1, to);
        EXPECT_NEAR(power[3999], 0.7, 1e-4);
        // |y| = reference to / sqrt(to^2 + (1 - to^2) 0.99^n) is within 1 % of the reference.
        const double ratio = (1 - to * to) / (to * to), bound = ratio > 0 ? 1 - 1 / (1.01 * 1.01) : 1 / (0.99 * 0.99) - 1;
        const double n_power = std::log(bound / std::abs(ratio)) / std::log(0.99);
        EXPECT_NEAR(lock_time(power, 0.7), n_power, 0.1 * n_power) << to;
        const auto magnitude = after_step({{"kind", "peak"}, {"rate", 0.01}, {"reference", 0.7}}, 1, to);
        EXPECT_NEAR(magnitude[3999], 0.7, 1e-4);
        // |y| - reference = reference (to - 1) (1 - 0.01 to)^n
        const double n_peak = std::log(0.01 / std::abs(double(to) - 1)) / std::log(1 - 0.01 * double(to));
        EXPECT_NEAR(lock_time(magnitude, 0.7), n_peak, 0.1 * n_peak) << to;
    }
}

TEST(Agc, LooksAheadSoThatNothingIsAboveTheReference) {
    const auto o = run("agc", ahead, {levels()});
    for (const cf32 y : o.outputs[0].samples<cf32>()) EXPECT_LE(std::abs(y), 0.5 * (1 + 1e-6));
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-36, 1000)));
}

TEST(Agc, IsAsLoudAsItsGreatestFactorAllows) {
    const std::vector<f32> quiet(100, 1e-6F);
    for (const char* kind : {"rms", "feedforward"}) {
        const auto y = made<f32>("agc", {{"kind", kind}, {"max_gain", 100}, {"samples", 3}}, {Stream::of(quiet)});
        EXPECT_FLOAT_EQ(y[50], 1e-4F) << kind;
    }
}

TEST(Agc, GoesOnBehindWhatIsNotFinite) {
    const auto clean = loop_vectors().samples("levels");
    for (const Value::Map& p : {rms, peak, ahead}) {
        auto x = clean;
        x[20] = {std::numeric_limits<f32>::quiet_NaN(), 0};
        x[21] = {0, -std::numeric_limits<f32>::infinity()};
        const auto o = run("agc", p, {Stream::of(x)});
        const auto y = o.outputs[0].samples<cf32>();
        int bad = 0;
        for (const cf32 v : y) bad += std::isfinite(v.real()) && std::isfinite(v.imag()) ? 0 : 1;
        EXPECT_EQ(bad, 2);
        EXPECT_EQ(o.results.at("not_finite").integer(), 2);
        expect_chunks_do_not_matter("agc", p, {Stream::of(clean)});
    }
}

TEST(Agc, DoesNotDependOnChunksAndLengths) {
    for (const Value::Map& p : {rms, peak, two, ahead}) {
        expect_chunks_do_not_matter("agc", p, {levels()});
        expect_lengths<f32>("agc", p, [](auto n) { return n; });
        expect_stretches_stand_alone<cf32>("agc", p, levels());
    }
    for (const int samples : {1, 2, 3, 64, 65})
        expect_chunks_do_not_matter("agc", {{"kind", "feedforward"}, {"samples", samples}}, {levels()});
}

TEST(Agc, RefusesWhatIsNoLevel) {
    expect_refused("agc", {{"kind", "mean"}}, {levels()}, "one of rms, peak, feedforward", "mean");
    expect_refused("agc", {{"rate", 0}}, {levels()}, "a number from 1e-09 to 1", "0");
    expect_refused("agc", {{"reference", -1}}, {levels()}, "a number from 1e-09 to 1000000000", "-1");
}

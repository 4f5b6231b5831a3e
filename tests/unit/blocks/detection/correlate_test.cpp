#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <complex>

using namespace flowspan;
using namespace flowspan::test;

namespace {

/// A Zadoff-Chu sequence of odd length and root 1: of constant amplitude, and without sidelobes where it goes round.
std::vector<std::complex<double>> zadoff_chu(std::size_t n) {
    std::vector<std::complex<double>> s;
    for (std::size_t k = 0; k < n; ++k)
        s.push_back(std::polar(1.0, -3.141592653589793 * double(k * (k + 1) % (2 * n)) / double(n)));
    return s;
}

Value value_of(const std::vector<std::complex<double>>& sequence) { return Value::List(sequence.begin(), sequence.end()); }

/// Noise, and the sequence at some samples, times `gain`, `frequency` (Hz at 1 kHz) off.
Stream with(const std::vector<std::complex<double>>& sequence, const std::vector<std::size_t>& at, std::size_t n,
            std::complex<double> gain, double frequency = 0, f32 noise_gain = 0.1F) {
    const auto noise = vectors().samples("in");
    std::vector<cf32> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = noise_gain * noise[(i * 7) % noise.size()];
    for (const std::size_t start : at)
        for (std::size_t k = 0; k < sequence.size() && start + k < n; ++k)
            x[start + k] += cf32(gain * sequence[k] * std::polar(1.0, 6.283185307179586 * frequency / 1000 * double(k)));
    return Stream::of(x, Rational(1000));
}

}  // namespace

TEST(Correlate, FindsASequenceAtItsSampleWithPhaseAndFrequency) {
    const std::vector<std::size_t> starts{0, 3001, 9000};
    for (const std::size_t length : {13, 63, 1023}) {
        const auto s = zadoff_chu(length);
        const double off = 100.0 / double(length);  // Hz: a tenth of a turn over the sequence
        const Stream in = with(s, starts, 12000, std::polar(2.0, 0.5), off, 0.02F);
        const auto o = run("correlate", {{"sequence", value_of(s)}}, {in});
        const auto& found = o.messages.at("peaks");
        ASSERT_EQ(found.size(), 3U) << length << "\n" << log_of(o);
        EXPECT_TRUE(o.outputs[0].bytes == in.bytes);
        for (std::size_t k = 0; k < 3; ++k) {
            const Value& said = found[k].value;
            EXPECT_EQ(said.at("start").integer(), std::int64_t(starts[k]));
            EXPECT_EQ(said.at("length").integer(), std::int64_t(length));
            EXPECT_NEAR(said.at("peak").real(), std::sin(0.31415927) / 0.31415927, 0.01);
            EXPECT_NEAR(said.at("phase").real(), 0.5 + 0.31415927 * double(length - 1) / double(length), 0.03);
            EXPECT_NEAR(said.at("frequency").real(), off, 0.03 * off);
            EXPECT_EQ(o.outputs[0].tags.at(k).index, starts[k]);
            EXPECT_EQ(o.outputs[0].tags[k].key, "correlation");
        }
    }
}

TEST(Correlate, EqualsScipysAtEveryPlace) {
    const auto x = vectors().samples("in");
    const std::vector<std::complex<double>> s(x.begin() + 100, x.begin() + 131);
    const Stream in = part<cf32>(input(), 0, 160);
    const auto o = run("correlate", {{"sequence", value_of(s)}, {"threshold", 0.0}, {"spacing", 0}}, {in});
    const auto& found = o.messages.at("peaks");
    const auto c = detections().complexes("correlate"), turn = detections().complexes("correlate.turn");
    ASSERT_EQ(found.size(), c.size());
    for (std::size_t k = 0; k < c.size(); ++k) {
        const Value& said = found[k].value;
        EXPECT_EQ(said.at("start").integer(), std::int64_t(k));
        EXPECT_NEAR(std::abs(std::polar(said.at("peak").real(), said.at("phase").real()) - c[k]), 0, 1e-6);
        const double angle = 6.283185307179586 * said.at("frequency").real() / 1000 * 16;
        EXPECT_NEAR(std::abs(std::polar(1.0, angle) - turn[k]), 0, 1e-6);
    }
    const auto far = run("correlate", {{"sequence", value_of(s)}, {"threshold", 0.2}}, {in});
    const auto& starts = detections().reals("correlate.starts");
    ASSERT_EQ(far.messages.at("peaks").size(), starts.size());
    for (std::size_t k = 0; k < starts.size(); ++k)
        EXPECT_EQ(double(far.messages.at("peaks")[k].value.at("start").integer()), starts[k]);
}

TEST(Correlate, TakesASequenceThatEndsWithTheStreamAndNoneThatIsCutOff) {
    const auto s = zadoff_chu(63);
    EXPECT_EQ(run("correlate", {{"sequence", value_of(s)}}, {with(s, {5000 - 63}, 5000, 1)}).results.at("peaks").integer(), 1);
    EXPECT_EQ(run("correlate", {{"sequence", value_of(s)}}, {with(s, {5000 - 40}, 5000, 1)}).results.at("peaks").integer(), 0);
}

TEST(Correlate, IsOneForTheSequenceAloneWhateverItsStrength) {
    const auto s = zadoff_chu(31);
    for (const double gain : {1e-6, 1.0, 1e6}) {
        const auto o = run("correlate", {{"sequence", value_of(s)}}, {with(s, {100}, 400, gain, 0, 0)});
        ASSERT_EQ(o.messages.at("peaks").size(), 1U);
        EXPECT_NEAR(o.messages.at("peaks")[0].value.at("peak").real(), 1, 1e-5);
        EXPECT_EQ(o.messages.at("peaks")[0].value.at("start").integer(), 100);
    }
}

TEST(Correlate, FindsAWeakSequenceBesideAStrongOne) {
    const auto s = zadoff_chu(63);
    std::vector<cf32> x = with(s, {500}, 3000, 1e4, 0, 0).samples<cf32>();
    for (std::size_t k = 0; k < 63; ++k) x[700 + k] += cf32(1e-1 * s[k]);
    const auto o = run("correlate", {{"sequence", value_of(s)}, {"threshold", 0.95}}, {Stream::of(x, Rational(1000))});
    EXPECT_EQ(o.results.at("peaks").integer(), 2) << log_of(o);
}

TEST(Correlate, FindsTheSameInAnyCallsAndNothingAcrossAGap) {
    const auto s = zadoff_chu(63);
    Stream in = with(s, {0, 700, 1990, 4000, 7777}, 8191, {0.5, 0.5});
    const Value::Map parameters{{"sequence", value_of(s)}};
    expect_chunks_do_not_matter("correlate", parameters, {in});
    in.stretches.push_back({2000, {Break::gap, 7}, {}, {}});
    expect_chunks_do_not_matter("correlate", parameters, {in});
    EXPECT_EQ(run("correlate", parameters, {in}).results.at("peaks").integer(), 4);
    expect_lengths<cf32>("correlate", parameters, [](std::size_t n) { return n; });
}

TEST(Correlate, WhatIsNotFiniteIsCountedAndHidesNoMoreThanItsBlock) {
    const auto s = zadoff_chu(63);
    std::vector<cf32> x = with(s, {300, 5000}, 8191, 1).samples<cf32>();
    x[310] = {std::nanf(""), 0};
    const auto o = run("correlate", {{"sequence", value_of(s)}}, {Stream::of(x, Rational(1000))});
    ASSERT_EQ(o.messages.at("peaks").size(), 1U);
    EXPECT_EQ(o.messages.at("peaks")[0].value.at("start").integer(), 5000);
    EXPECT_EQ(o.results.at("not_finite").integer(), 1);
}

TEST(Correlate, RefusesASequenceOfNothing) {
    expect_refused("correlate", {{"sequence", value_of({0.0, 0.0})}}, {with({}, {}, 10, 1)},
                   "finite samples that are not all zero", "[0.0,0.0]");
}

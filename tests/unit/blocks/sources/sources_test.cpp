#include "tests/unit/blocks/running.hpp"

#include <numbers>

using namespace flowspan;
using namespace flowspan::test;

namespace {
Value::Map source(Value::Map more, std::int64_t length = 1009) {
    more["sample_rate"] = 1000;
    more["length"] = length;
    return more;
}
}  // namespace

TEST(SignalSource, MakesACosine) {
    const auto y = made<cf32>("signal_source", source({{"frequency", 123.0}, {"amplitude", 0.5}, {"phase", 0.25}}), {});
    ASSERT_EQ(y.size(), 1009U);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double angle = 2 * std::numbers::pi * 0.123 * double(i) + 0.25;
        EXPECT_NEAR(y[i].real(), 0.5 * std::cos(angle), 3e-7);
        EXPECT_NEAR(y[i].imag(), 0.5 * std::sin(angle), 3e-7);
    }
}

TEST(SignalSource, AddsTonesOfRealSamples) {
    const auto o = run("signal_source", source({{"datatype", "rf32"}, {"tones", Value::Doubles{50, 120}}}), {});
    const auto y = o.outputs[0].samples<f32>();
    ASSERT_EQ(y.size(), 1009U);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double turn = 2 * std::numbers::pi * double(i);
        EXPECT_NEAR(y[i], std::cos(0.05 * turn) + std::cos(0.12 * turn), 6e-7);
    }
}

TEST(SignalSource, MakesASquareWave) {
    const auto y = made<cf32>("signal_source", source({{"kind", "square"}, {"frequency", 125.0}}, 8), {});
    const std::vector<cf32> expected{{1, 1}, {1, 1}, {-1, 1}, {-1, 1}, {-1, -1}, {-1, -1}, {1, -1}, {1, -1}};
    EXPECT_EQ(y, expected);
}

TEST(SignalSource, MakesAChirpWhoseFrequencyRisesFromSampleToSample) {
    const auto y = made<cf32>("signal_source",
                              source({{"kind", "chirp"}, {"frequency", -100.0}, {"sweep", 300.0}, {"sweep_time", 0.5}}), {});
    long double turns = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (i % 500 == 0) turns = 0;
        EXPECT_NEAR(y[i].real(), std::cos(2 * std::numbers::pi * double(turns)), 1e-6) << i;
        turns += -0.1L + 0.3L * (long double)(i % 500) / 500;
    }
}

TEST(SignalSource, MakesNoiseOfTheStatedPower) {
    const auto y = made<cf32>("signal_source", source({{"kind", "noise"}, {"amplitude", 3.0}, {"seed", 5}}, 100000), {});
    double power = 0;
    for (const cf32 z : y) power += std::norm(cf64(z));
    EXPECT_NEAR(power / double(y.size()), 9, 4 * 9 / std::sqrt(double(y.size())));
}

TEST(SignalSource, SwitchesOnAndOff) {
    const auto y = made<cf32>("signal_source", source({{"on_start", 0.1}, {"on_time", 0.05}, {"on_period", 0.3}}), {});
    for (std::size_t i = 0; i < y.size(); ++i) {
        const bool on = i >= 100 && (i - 100) % 300 < 50;
        EXPECT_EQ(y[i], cf32(on ? 1.0F : 0.0F, 0)) << i;
    }
}

TEST(SignalSource, SaysRateFrequencyAndTime) {
    const auto o = run("signal_source", source({{"center_frequency", 1e8}, {"datetime", "2026-01-31T12:00:00Z"}}), {});
    const auto& d = o.outputs[0].description;
    EXPECT_EQ(d.sample_rate, Rational(1000));
    EXPECT_EQ(d.center_frequency, 1e8);
    ASSERT_TRUE(d.utc.has_value());
    EXPECT_EQ(rfc3339(*d.utc), "2026-01-31T12:00:00Z");
}

TEST(SignalSource, DoesNotDependOnChunks) {
    for (const std::string kind : {"cosine", "square", "chirp", "noise"}) {
        for (const std::string type : {"cf32", "rf32"}) {
            SCOPED_TRACE(kind + " " + type);
            expect_chunks_do_not_matter(
                "signal_source",
                source({{"kind", kind}, {"datatype", type}, {"frequency", 77.7}, {"sweep", 100.0}, {"on_start", 0.1}}), {});
        }
    }
}

TEST(SignalSource, IsAsLongAsAsked) {
    for (const int n : {0, 1, 31, 4099}) EXPECT_EQ(made<cf32>("signal_source", source({}, n), {}).size(), std::size_t(n));
}

TEST(SignalSource, RefusesWhatCannotBe) {
    expect_refused("signal_source", source({{"frequency", 501.0}}), {}, "at most half the sample rate (500 Hz)", "501 Hz");
    expect_refused("signal_source", source({{"kind", "chirp"}, {"sweep", 501.0}}), {},
                   "an end at most at half the sample rate (500 Hz)", "501 Hz");
    expect_refused("signal_source", source({{"kind", "triangle"}}), {}, "one of cosine, square, chirp, noise", "triangle");
    expect_refused("signal_source", source({{"datetime", "yesterday"}}), {}, "a UTC time such as 2026-01-31T12:00:00Z",
                   "yesterday");
    expect_refused("signal_source", source({{"on_period", 1.0}}), {}, "a period of at least on_time", "1 s");
}

TEST(NullSource, MakesZerosOfAnyType) {
    const auto o = run("null_source", {{"datatype", "ci16"}, {"length", 31}}, {});
    EXPECT_EQ(o.outputs[0].description.type, SampleType::ci16);
    EXPECT_EQ(o.outputs[0].bytes, std::vector<std::byte>(124));
}

TEST(NullSink, CountsWhatItTakes) { EXPECT_EQ(run("null_sink", {}, {input()}).results.at("items").integer(), 1009); }

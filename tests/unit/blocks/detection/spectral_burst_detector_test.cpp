#include "tests/unit/blocks/running.hpp"

#include <cmath>

using namespace flowspan;
using namespace flowspan::test;

namespace {

struct Tone {
    std::size_t start, length;
    double frequency, amplitude;  // cycles a sample
};

/// Noise of power 2 with tones in it, at 1 MHz, 100 MHz on the air.
Stream tones(std::size_t n, const std::vector<Tone>& all) {
    std::vector<cf32> x(n);
    std::uint64_t state = 88172645463325252ULL;
    const auto uniform = [&] {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (double(state >> 11) + 0.5) / 9007199254740992.0;
    };
    for (cf32& v : x) v = std::polar(f32(std::sqrt(-2 * std::log(uniform()))), f32(6.283185307 * uniform()));
    for (const Tone& t : all)
        for (std::size_t i = t.start; i < std::min(n, t.start + t.length); ++i)
            x[i] += std::polar(f32(t.amplitude), f32(6.283185307179586 * std::fmod(t.frequency * double(i), 1.0)));
    Stream s = Stream::of(x, Rational(1000000));
    s.description.center_frequency = 1e8;
    return s;
}

}  // namespace

TEST(SpectralBurstDetector, ReportsPlaceAndBandOfBurstsThatOverlapInTime) {
    const Stream in = tones(40000, {{5120, 2560, 0.25, 3}, {6400, 5120, -0.125, 3}});
    for (const char* cfar : {"ca", "os"}) {
        const auto o = run("spectral_burst_detector", {{"cfar", cfar}}, {in});
        const auto& found = o.messages.at("detections");
        ASSERT_EQ(found.size(), 2U) << log_of(o);
        EXPECT_EQ(found[0].value.at("start").integer(), 5120);
        EXPECT_EQ(found[0].value.at("length").integer(), 2560);
        EXPECT_EQ(found[0].stamp, Time(Rational(7680 + 256, 1000000)));
        EXPECT_EQ(found[1].value.at("start").integer(), 6400);
        EXPECT_EQ(found[1].value.at("length").integer(), 5120);
        // The tone's bin and those that Hann's main lobe reaches: 3.9 kHz each.
        EXPECT_NEAR(found[0].value.at("freq_lower_edge").real(), 100.25e6, 8e3);
        EXPECT_NEAR(found[0].value.at("freq_upper_edge").real(), 100.25e6, 8e3);
        EXPECT_NEAR(found[1].value.at("freq_lower_edge").real(), 99.875e6, 8e3);
        EXPECT_LT(found[1].value.at("freq_lower_edge").real(), found[1].value.at("freq_upper_edge").real());
        // 256 x 9 / (1.5 x 2): what the tone's bin has over the noise's.
        EXPECT_NEAR(found[0].value.at("peak_db").real(), 10 * std::log10(256 * 9 / 3.0), 3);
        EXPECT_EQ(o.results.at("bursts").integer(), 2);
    }
}

TEST(SpectralBurstDetector, FindsTheBurstsOfNumpyAndScipy) {
    auto x = vectors().samples("in");
    const auto add = [&](std::size_t from, std::size_t to, double amplitude, double frequency) {
        for (std::size_t n = from; n < to; ++n)
            x[n] += cf32(std::polar(amplitude, 6.283185307179586 * std::fmod(frequency * double(n), 1.0)));
    };
    add(200, 390, 2, 0.2);
    add(300, 700, 1.5, -0.3);
    for (const std::string cfar : {"ca", "os"}) {
        const auto o = run("spectral_burst_detector",
                           {{"size", 32}, {"training", 6}, {"guard", 3}, {"false_alarms", 1e-5}, {"join", 1}, {"cfar", cfar}},
                           {Stream::of(x, Rational(1000))});
        std::vector<double> found;
        for (const Message& m : o.messages.at("detections"))
            for (const char* key : {"start", "length", "freq_lower_edge", "freq_upper_edge", "peak_db", "mean_db"})
                found.push_back(m.value.at(key).real());
        EXPECT_LE(oracle::relative_error(found, detections().reals("bursts." + cfar)), 1e-6) << cfar << "\n" << log_of(o);
    }
}

TEST(SpectralBurstDetector, HoldsABurstThroughShortPauses) {
    const Stream in = tones(20000, {{2560, 1024, 0.1, 5}, {3584 + 256, 1024, 0.1, 5}});
    EXPECT_EQ(run("spectral_burst_detector", {}, {in}).results.at("bursts").integer(), 2);
    const auto o = run("spectral_burst_detector", {{"hold", 2}}, {in});
    ASSERT_EQ(o.messages.at("detections").size(), 1U);
    EXPECT_EQ(o.messages.at("detections")[0].value.at("length").integer(), 2304);
    EXPECT_EQ(run("spectral_burst_detector", {{"minimum_duration", 0.002}}, {in}).results.at("bursts").integer(), 0);
}

// 1,000 frames of 256 independent bins: 256 of 256,000 with a rate of 1e-3.
TEST(SpectralBurstDetector, FindsAsMuchInNoiseAsItsRateOfFalseAlarmsSays) {
    const Stream in = tones(256000, {});
    const auto o =
        run("spectral_burst_detector", {{"window", "rectangular"}, {"cfar", "ca"}, {"false_alarms", 1e-3}, {"join", 0}}, {in});
    EXPECT_NEAR(double(o.results.at("bursts").integer()), 256, 4 * 16);
    EXPECT_EQ(run("spectral_burst_detector", {{"window", "rectangular"}}, {in}).results.at("bursts").integer(), 0);
}

TEST(SpectralBurstDetector, FindsTheSameInAnyCallsAndNothingAcrossAGap) {
    Stream in = tones(20011, {{2560, 1024, 0.1, 5}, {9000, 4000, 0.3, 5}, {18000, 3000, -0.4, 5}});
    expect_chunks_do_not_matter("spectral_burst_detector", {}, {in});
    in.stretches.push_back({10000, {Break::gap, 77}, {}, {}});
    expect_chunks_do_not_matter("spectral_burst_detector", {}, {in});
    const auto o = run("spectral_burst_detector", {}, {in});
    EXPECT_EQ(o.results.at("bursts").integer(), 4);
    EXPECT_EQ(o.results.at("left_over").integer(), 10000 % 256 + 10011 % 256);
}

TEST(SpectralBurstDetector, SaysWhatHasNoNoiseAround) {
    std::vector<cf32> x(2048);
    std::fill_n(x.begin() + 512, 512, cf32(0.5F, 0));
    const Stream in = Stream::of(x, Rational(1000));
    for (const char* cfar : {"ca", "os"}) {
        const auto o = run("spectral_burst_detector", {{"window", "rectangular"}, {"cfar", cfar}}, {in});
        ASSERT_EQ(o.messages.at("detections").size(), 1U) << cfar;
        const Value::Map& burst = o.messages.at("detections")[0].value.map();
        EXPECT_EQ(burst.at("start"), Value(std::int64_t(512)));
        EXPECT_EQ(burst.at("length"), Value(std::int64_t(512)));
        EXPECT_EQ(burst.at("over_silence"), Value(true));
        EXPECT_FALSE(burst.contains("peak_db"));
        EXPECT_FALSE(burst.contains("mean_db"));
    }
}

TEST(SpectralBurstDetector, RefusesFramesWithTooFewBins) {
    expect_refused("spectral_burst_detector", {{"size", 32}}, {tones(100, {})},
                   "at least twice `training` and `guard`, and one (49 samples)", "32 samples");
}

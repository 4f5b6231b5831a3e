#include "kernels/fir/fir.hpp"
#include "tests/unit/blocks/running.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

using namespace flowspan;
using namespace flowspan::test;

TEST(FirFilter, LowPassEqualsScipysDesignAndFilter) {
    const Value::Map low{{"cutoff", 120}, {"taps_count", 41}};
    EXPECT_LE(oracle::relative_error(made<cf32>("fir_filter", low, {input()}), vectors().complexes("fir.low")), 1e-6);
    const Value::Map by3{{"cutoff", 120}, {"taps_count", 41}, {"decimation", 3}};
    EXPECT_LE(oracle::relative_error(made<cf32>("fir_filter", by3, {input()}), vectors().complexes("fir.low.by3")), 1e-6);
}

TEST(FirFilter, HighPassOfRealSamplesEqualsScipys) {
    const Value::Map high{{"kind", "high"}, {"cutoff", 120}, {"taps_count", 41}, {"window", "hamming"}};
    EXPECT_LE(oracle::relative_error(made<f32>("fir_filter", high, {real_input()}), vectors().reals("fir.high.real")), 1e-6);
}

TEST(FirFilter, BandPassEqualsScipys) {
    const Value::Map band{{"kind", "band"}, {"low", 100}, {"high", 200}, {"taps_count", 41}, {"window", "blackman"}};
    EXPECT_LE(oracle::relative_error(made<cf32>("fir_filter", band, {input()}), vectors().complexes("fir.band")), 1e-6);
}

TEST(FirFilter, LongFilterByFastConvolutionEqualsScipys) {
    const Value::Map low{{"cutoff", 50}, {"taps_count", 301}};
    EXPECT_LE(oracle::relative_error(made<cf32>("fir_filter", low, {input()}), vectors().complexes("fir.long")), 1e-6);
}

TEST(FirFilter, TakesTapsThatAreGivenWithoutASampleRate) {
    Stream in = Stream::of(std::vector<f32>{1, 0, 0, 2, 0});
    const auto out = made<f32>("fir_filter", {{"taps", Value::Doubles{1, 2, 3}}}, {in});
    EXPECT_EQ(out, (std::vector<f32>{1, 2, 3, 2, 4}));
}

TEST(FirFilter, CompensatesItsGroupDelayInTheTimeOfIndexZero) {
    const auto o = run("fir_filter", {{"cutoff", 120}, {"taps_count", 41}}, {input()});
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-20, 1000)));
}

TEST(FirFilter, DoesNotDependOnChunks) {
    for (const int taps : {1, 41, 301})
        for (const int decimation : {1, 3})
            expect_chunks_do_not_matter("fir_filter", {{"cutoff", 50}, {"taps_count", taps}, {"decimation", decimation}},
                                        {input()});
    expect_chunks_do_not_matter("fir_filter", {{"cutoff", 50}, {"taps_count", 301}}, {real_input()});
}

TEST(FirFilter, GivesOneItemForEachDecimationBegun) {
    for (const int taps : {5, 501}) {
        expect_lengths<cf32>("fir_filter", {{"cutoff", 50}, {"taps_count", taps}, {"decimation", 3}},
                             [](auto n) { return (n + 2) / 3; });
        expect_lengths<f32>("fir_filter", {{"cutoff", 50}, {"taps_count", taps}}, [](auto n) { return n; });
    }
}

TEST(FirFilter, RefusesWhatCannotBe) {
    expect_refused("fir_filter", {{"cutoff", 600}, {"taps_count", 5}}, {input()}, "below half the sample rate (500 Hz)",
                   "600 Hz");
    expect_refused("fir_filter", {{"cutoff", 50}}, {input()}, "transition, taps_count or taps", "nothing");
    expect_refused("fir_filter", {{"taps_count", 5}}, {input()}, "a frequency for kind low", "nothing");
    expect_refused("fir_filter", {{"cutoff", 50}, {"taps_count", 5}, {"decimation", 0}}, {input()},
                   "an integer from 1 to 1048576", "0");
    expect_refused("fir_filter", {{"kind", "high"}, {"cutoff", 50}, {"taps_count", 4}}, {input()},
                   "an odd number for a high pass", "4");
}

TEST(FrequencyTranslate, MovesAFrequencyToTheCentre) {
    const auto out = made<cf32>("frequency_translate", {{"shift", 150}}, {input()});
    EXPECT_LE(oracle::relative_error(out, vectors().complexes("translate")), 1e-6);
}

TEST(FrequencyTranslate, FiltersAndDecimatesAsScipyDoes) {
    const Value::Map p{{"shift", 150}, {"decimation", 4}, {"cutoff", 100}, {"taps_count", 33}};
    EXPECT_LE(oracle::relative_error(made<cf32>("frequency_translate", p, {input()}), vectors().complexes("translate.by4")),
              1e-6);
}

TEST(FrequencyTranslate, MovesTheCentreFrequencyAndTheTime) {
    Stream in = input();
    in.description.center_frequency = 100e6;
    const auto o = run("frequency_translate", {{"shift", -150}, {"decimation", 4}, {"taps_count", 33}}, {in});
    EXPECT_EQ(o.outputs[0].description.center_frequency, 100e6 - 150);
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(250));
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-16, 1000)));
}

TEST(FrequencyTranslate, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("frequency_translate", {{"shift", 123.4}}, {input()});
    expect_chunks_do_not_matter("frequency_translate", {{"shift", -123.4}, {"decimation", 7}}, {input()});
    expect_lengths<cf32>("frequency_translate", {{"shift", 1}, {"decimation", 7}}, [](auto n) { return (n + 6) / 7; });
}

TEST(FrequencyTranslate, RefusesAShiftBeyondTheBand) {
    expect_refused("frequency_translate", {{"shift", 501}}, {input()}, "from minus to plus half the sample rate (500 Hz)",
                   "501 Hz");
}

TEST(RationalResampler, EqualsScipysUpfirdn) {
    for (const auto& [up, down, cutoff] : {std::tuple{3, 2, 400}, {2, 5, 150}}) {
        const Value::Map p{{"interpolation", up}, {"decimation", down}, {"cutoff", cutoff}, {"taps_count", 61}};
        const auto expected = vectors().complexes("resample." + std::to_string(up) + "." + std::to_string(down));
        EXPECT_LE(oracle::relative_error(made<cf32>("rational_resampler", p, {input()}), expected), 1e-6) << up << "/" << down;
    }
}

TEST(RationalResampler, FindsTheRatioOfAnOutputRate) {
    const auto o = run("rational_resampler", {{"output_rate", 480}}, {real_input()});
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(480));
    EXPECT_EQ(o.outputs[0].samples<f32>().size(), (1009U * 12 + 24) / 25);
}

TEST(RationalResampler, KeepsATonesAmplitudeAndTime) {
    std::vector<f32> tone(2000);
    for (std::size_t i = 0; i < tone.size(); ++i) tone[i] = f32(std::cos(2 * std::numbers::pi * 0.05 * double(i)));
    const auto o = run("rational_resampler", {{"output_rate", 1500}}, {Stream::of(tone, Rational(1000))});
    const auto out = o.outputs[0].samples<f32>();
    const double origin = o.outputs[0].description.origin.value();  // of output 0, in seconds
    for (std::size_t m = 500; m < 2500; ++m) {
        const double t = origin + double(m) / 1500;
        EXPECT_NEAR(out[m], std::cos(2 * std::numbers::pi * 50 * t), 2e-3);
    }
}

TEST(RationalResampler, DoesNotDependOnChunksAndLengths) {
    for (const auto& [up, down] : {std::pair{3, 2}, {1, 5}, {12, 25}})
        expect_chunks_do_not_matter("rational_resampler", {{"interpolation", up}, {"decimation", down}}, {input()});
    expect_lengths<f32>("rational_resampler", {{"interpolation", 3}, {"decimation", 2}},
                        [](auto n) { return (3 * n + 1) / 2; });
}

/// The filter that the block's parameters mean, at any of its taps: Kaiser's window on the ideal impulse response, as many taps
/// as Kaiser's formula says, made odd; the sum of all taps is I.
class ExactLowPass {
public:
    ExactLowPass(const Rational& from, const Rational& to, double attenuation) : beta_(0.1102 * (attenuation - 8.7)) {
        const Rational ratio = to / from;
        interpolation = ratio.numerator(), decimation = ratio.denominator();
        const double band = std::min(1.0, ratio.value());
        edge_ = 0.4 * band / double(interpolation);
        const double wanted =
            std::ceil((attenuation - 7.95) / (2.285 * 2 * std::numbers::pi * 0.2 * band / double(interpolation)) + 1);
        taps = std::int64_t(wanted) | 1;
        // All taps where these are few, else the integral (and half of each end).
        const std::int64_t step = std::max<std::int64_t>(1, taps / 4'000'000);
        double sum = 0;
        std::int64_t k = 0;
        for (; k < taps - 1; k += step) {
            const auto next = std::min(k + step, taps - 1);
            sum += double(next - k) * (value(double(k)) + value(double(next))) / 2;
        }
        gain_ = double(interpolation) / (sum + (value(0) + value(double(taps - 1))) / 2);
    }
    double tap(std::int64_t k) const { return k < 0 || k >= taps ? 0 : gain_ * value(double(k)); }

    std::int64_t interpolation = 1, decimation = 1, taps = 1;

private:
    double value(double k) const {
        const double t = k - double(taps - 1) / 2, x = 2 * t / double(taps - 1), turn = 2 * std::numbers::pi * edge_ * t;
        const double sinc = t == 0 ? 2 * edge_ : 2 * edge_ * std::sin(turn) / turn;
        return sinc * std::cyl_bessel_i(0, beta_ * std::sqrt(std::max(0.0, 1 - x * x))) / std::cyl_bessel_i(0, beta_);
    }
    double edge_ = 0, beta_, gain_ = 1;
};

TEST(RationalResampler, TapsOfLargeRatiosAreThoseOfTheExactFilter) {
    struct Case {
        double from, to, attenuation;
    };
    for (const auto& [from, to, attenuation] : {Case{48000, 1923076.92, 60},
                                                {1923076.92, 48000, 60},
                                                {48000, 48000.1, 80},
                                                {2e6, 11025, 60},
                                                {44100.5, 96000.25, 100},
                                                {1e12, 999999999999.5, 60},
                                                {1.0001e-6, 3.7e-6, 120}}) {
        const ExactLowPass exact(Rational::nearest(from), Rational::nearest(to), attenuation);
        const std::int64_t I = exact.interpolation, D = exact.decimation, at = 3;
        std::vector<f32> impulse(std::size_t(exact.taps / I + 20));
        impulse[std::size_t(at)] = 1;
        const auto o = run("rational_resampler", {{"output_rate", to}, {"attenuation", attenuation}},
                           {Stream::of(impulse, Rational::nearest(from))});
        const auto out = o.outputs[0].samples<f32>();
        EXPECT_EQ(o.outputs[0].description.sample_rate, Rational::nearest(to));
        EXPECT_EQ(out.size(), std::size_t((__int128(impulse.size()) * I + D - 1) / D));
        double worst = 0;
        for (std::size_t m = 0; m < out.size(); ++m) {
            const auto position = __int128(m) * D - __int128(at) * I;  // in taps
            const bool within = position >= 0 && position < exact.taps;
            worst = std::max(worst, std::abs(double(out[m]) - (within ? exact.tap(std::int64_t(position)) : 0)));
        }
        EXPECT_LE(worst / exact.tap(exact.taps / 2), 1e-6) << from << " to " << to;
        RecordProperty(fmt::format("error_{}_{}", from, to), fmt::format("{:.3g}", worst / exact.tap(exact.taps / 2)));
    }
}

TEST(RationalResampler, NoiseAtALargeRatioIsThatOfTheExactFilter) {
    for (const auto& [from, to] : {std::pair{1000.0, 479.9999}, {1000.0, 1234.5678}, {1000.0, 3.3333333}}) {
        const ExactLowPass exact(Rational::nearest(from), Rational::nearest(to), 60);
        const auto x = input().samples<cf32>();
        const auto out = made<cf32>("rational_resampler", {{"output_rate", to}}, {input()});
        std::vector<cf64> expected(out.size());
        for (std::size_t m = 0; m < out.size(); ++m) {
            const auto position = __int128(m) * exact.decimation;
            const auto newest = std::int64_t(position / exact.interpolation);
            const auto phase = std::int64_t(position % exact.interpolation);
            for (std::int64_t k = 0; k <= newest && phase + k * exact.interpolation < exact.taps; ++k)
                expected[m] += exact.tap(phase + k * exact.interpolation) * cf64(x[std::size_t(newest - k)]);
        }
        double worst = 0, largest = 0;
        for (std::size_t m = 0; m < out.size(); ++m) {
            worst = std::max(worst, std::abs(cf64(out[m]) - expected[m]));
            largest = std::max(largest, std::abs(expected[m]));
        }
        EXPECT_LE(worst / largest, 1e-6) << to;
        RecordProperty(fmt::format("noise_{}", to), fmt::format("{:.3g}", worst / largest));
    }
}

TEST(RationalResampler, KeepsATonesAmplitudeAndTimeAtALargeRatio) {
    const Rational from(48076923, 25);
    std::vector<cf32> tone(200'000);
    for (std::size_t i = 0; i < tone.size(); ++i) {
        const double turns = 10'000 * double(i) / from.value();
        tone[i] = cf32(std::polar(1.0, 2 * std::numbers::pi * (turns - std::floor(turns))));
    }
    const auto o = run("rational_resampler", {{"output_rate", 48000}}, {Stream::of(tone, from)});
    const auto out = o.outputs[0].samples<cf32>();
    ASSERT_EQ(out.size(), (200'000ULL * 400'000 + 16'025'640) / 16'025'641);
    const double origin = o.outputs[0].description.origin.value();
    for (std::size_t m = 50; m < out.size() - 50; ++m) {
        const double t = origin + double(m) / 48000;
        EXPECT_NEAR(std::abs(cf64(out[m]) - std::polar(1.0, 2 * std::numbers::pi * 10'000 * t)), 0, 2e-3) << m;
    }
}

TEST(RationalResampler, LargeRatiosDoNotDependOnChunks) {
    for (const double rate : {999.999, 3001.01, 41.00001})
        expect_chunks_do_not_matter("rational_resampler", {{"output_rate", rate}}, {input()});
    expect_chunks_do_not_matter("rational_resampler", {{"interpolation", 70001}, {"decimation", 1048583}}, {real_input()});
}

TEST(RationalResampler, TagsOfLargeRatiosAreAtTheirExactPlaces) {
    Stream stream = Stream::of(std::vector<f32>(100'000), Rational(48076923, 25));
    for (std::uint64_t index = 0; index < 90'000; index += 997) stream.tags.push_back({index, "k", std::int64_t(index)});
    const auto o = run("rational_resampler", {{"output_rate", 48000}}, {stream});
    const auto& tags = o.outputs[0].tags;
    ASSERT_EQ(tags.size(), stream.tags.size());
    const std::int64_t taps = ExactLowPass(Rational(48076923, 25), 48000, 60).taps;
    for (std::size_t k = 0; k < tags.size(); ++k) {
        // ceil((i + (taps - 1) / 2 I) I / D)
        const auto twice = 2 * __int128(stream.tags[k].index) * 400'000 + (taps - 1);
        EXPECT_EQ(tags[k].index, std::uint64_t((twice + 2 * 16'025'641 - 1) / (2 * 16'025'641))) << k;
    }
}

TEST(RationalResampler, SaysWhatOfALargeRatioItCannotDo) {
    expect_refused("rational_resampler", {{"output_rate", 999.999}, {"taps_count", 61}}, {input()},
                   "a ratio of at most 65536 / 1048576 for taps of one's own", "61");
    expect_refused("rational_resampler", {{"output_rate", 1e-6}}, {input()}, "a filter of at most 1048576 taps for an output",
                   "one of 18126947021");
}

TEST(RationalResampler, RefusesContradictions) {
    expect_refused("rational_resampler", {{"output_rate", 480}, {"decimation", 2}}, {input()},
                   "either output_rate or interpolation and decimation", "480 Hz");
}

TEST(Deemphasis, EqualsTheRecursiveFilter) {
    const auto out = made<f32>("deemphasis", {{"tau", 5e-3}}, {real_input()});
    EXPECT_LE(oracle::relative_error(out, vectors().reals("deemphasis")), 1e-6);
}

TEST(Deemphasis, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("deemphasis", {{"tau", 5e-3}}, {real_input()});
    expect_lengths<f32>("deemphasis", {{"tau", 5e-3}}, [](auto n) { return n; });
}

TEST(Filters, BeginAnewAfterAGap) {
    for (const int taps : {41, 301}) {
        expect_stretches_stand_alone<cf32>("fir_filter", {{"cutoff", 50}, {"taps_count", taps}, {"decimation", 3}}, input());
        expect_stretches_stand_alone<f32>("fir_filter", {{"cutoff", 50}, {"taps_count", taps}}, real_input());
    }
    expect_stretches_stand_alone<cf32>("rational_resampler", {{"interpolation", 3}, {"decimation", 7}}, input());
    expect_stretches_stand_alone<f32>("deemphasis", {{"tau", 5e-3}}, real_input());
}

TEST(FrequencyTranslate, KeepsItsPhaseOverAGap) {
    Stream broken = input();
    broken.stretches.push_back({400, {Break::gap, 100}, {}, {}});
    EXPECT_LE(
        oracle::relative_error(made<cf32>("frequency_translate", {{"shift", 150}}, {broken}), vectors().complexes("translate")),
        1e-6);
}

TEST(FirFilter, IsRightOverManyTurnsOfItsRing) {
    const auto part = vectors().samples("in");
    std::vector<cf32> in(300007);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = part[(i * i + i) % part.size()];
    for (const int decimation : {1, 7}) {
        Value::Doubles taps(101);
        for (std::size_t k = 0; k < taps.size(); ++k) taps[k] = real_parts(part)[k];
        const auto out = made<cf32>("fir_filter", {{"taps", taps}, {"decimation", decimation}}, {Stream::of(in)});
        std::vector<cf32> padded(taps.size()), expected(out.size());
        padded.insert(padded.end(), in.begin(), in.end());
        kernels::reference::fir<cf32>(padded.data() + taps.size(), expected.data(), expected.size(), taps, 1,
                                      std::size_t(decimation));
        EXPECT_LE(oracle::relative_error(out, expected), 1e-6) << decimation;
    }
}

// A tone in the middle of a channel is a constant there, wherever the stretch begins: phases belong to indices.
TEST(PfbChannelizer, CountsPhaseFromTheIndex) {
    constexpr int channels = 5;
    for (int c = 0; c < channels; ++c) {
        std::vector<cf32> x;
        for (int k = 0; k < 3000; ++k) {
            const double angle = 2 * M_PI * (c - channels / 2) * k / channels;
            x.emplace_back(float(std::cos(angle)), float(std::sin(angle)));
        }
        Stream in = Stream::of(x, Rational(1000));
        for (const std::uint64_t index : {1003U, 2006U}) in.stretches.push_back({index, {Break::gap, 7}, {}, {}});
        const Stream out = run("pfb_channelizer", {{"channels", channels}}, {in}).outputs[std::size_t(c)];
        const auto y = out.samples<cf32>();
        ASSERT_EQ(out.stretches.size(), 2U);
        for (const std::size_t m : {100U, 300U, 500U}) EXPECT_LE(std::abs(y[m] - y[100]), 1e-5) << c << ", " << m;
        EXPECT_NEAR(std::abs(y[100]), 1, 1e-3);
    }
}

TEST(FirFilter, KeepsRecordingTimesOfPicosecondsAtAnOddRate) {
    Stream in = Stream::of(std::vector<cf32>(5000), Rational(2147483647, 7));
    in.description.utc = parse_rfc3339("2024-05-17T12:34:56.789012345678Z");
    in.stretches.push_back({1001, {Break::gap, 7}, {}, parse_rfc3339("2024-05-17T12:34:57.123456789012Z")});
    const auto o = run("fir_filter", {{"cutoff", 1e7}, {"taps_count", 41}, {"decimation", 7}}, {in});
    // less the group delay of 20 items, 65192.58 ps
    EXPECT_EQ(rfc3339(*o.outputs[0].description.utc), "2024-05-17T12:34:56.789012280485Z");
    ASSERT_EQ(o.outputs[0].stretches.size(), 1U);
    EXPECT_EQ(rfc3339(*o.outputs[0].stretches[0].utc), "2024-05-17T12:34:57.123456723819Z");
}

#include "kernels/fir/fir.hpp"
#include "tests/unit/blocks/running.hpp"

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
    expect_refused("fir_filter", {{"taps", Value::List{}}}, {input()}, "at least one tap", "[]");
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

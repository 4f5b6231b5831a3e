// NaN, infinities and numbers beyond the range of integers: what blocks make of them, and what they count.
#include "tests/unit/blocks/files.hpp"
#include "tests/unit/blocks/running.hpp"

#include "blocks/sinks/row_average.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

using namespace flowspan;
using namespace flowspan::test;

namespace {
constexpr float no_number = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity(),
                most = std::numeric_limits<float>::max();

void expect_counts(const Value& results, int clipped, int not_finite) {
    EXPECT_EQ(results.at("clipped").integer(), clipped);
    EXPECT_EQ(results.at("not_finite").integer(), not_finite);
}

/// Noise with these samples in it.
Stream noise_with(const std::vector<std::pair<std::size_t, cf32>>& bad) {
    auto x = vectors().samples("in");
    for (const auto& [at, value] : bad) x[at] = value;
    return Stream::of(x, Rational(1000));
}
}  // namespace

TEST(Convert, CountsWhatIsClippedAndWhatIsNotFiniteApart) {
    const std::vector<f32> in{0.5F, 1, 1.5F, -1, -1.5F, most, -most, no_number, -no_number, infinity, -infinity, 0.99999F};
    const auto as = [&](const char* type) { return run("convert", {{"to", type}}, {Stream::of(in)}); };
    const auto i16s = as("ri16"), i8s = as("ri8"), u8s = as("ru8");
    EXPECT_EQ(i16s.outputs[0].samples<i16>(),
              (std::vector<i16>{16384, 32767, 32767, -32768, -32768, 32767, -32768, 0, 0, 32767, -32768, 32767}));
    expect_counts(i16s.results, 6, 4);  // 1 and 0.99999 round to 32768, which is one too many; -1 is not clipped
    EXPECT_EQ(i8s.outputs[0].samples<i8>(), (std::vector<i8>{64, 127, 127, -128, -128, 127, -128, 0, 0, 127, -128, 127}));
    EXPECT_EQ(u8s.outputs[0].samples<u8>(), (std::vector<u8>{192, 255, 255, 0, 0, 255, 0, 128, 128, 255, 0, 255}));
    expect_chunks_do_not_matter("convert", {{"to", "ri16"}}, {Stream::of(in)});
    const auto pairs = run("convert", {{"to", "ci16"}}, {Stream::of(std::vector<cf32>{{no_number, 2}, {infinity, 0.5F}})});
    EXPECT_EQ(pairs.outputs[0].samples<ci16>(), (std::vector<ci16>{{0, 32767}, {32767, 16384}}));
    expect_counts(pairs.results, 1, 2);
}

TEST(Convert, TakesTheFullScaleOfItsInputForOne) {
    Stream in = Stream::of(std::vector<f32>{500, -1000, 1000});
    in.description.full_scale = 1000;
    EXPECT_EQ(made<i16>("convert", {{"to", "ri16"}}, {in}), (std::vector<i16>{16384, -32768, 32767}));
}

TEST(WavSink, CountsWhatIsClippedAndWhatIsNotFiniteApart) {
    const auto in = Stream::of(std::vector<f32>{0.25F, -0.5F, 0.5F, 3, most, no_number, -infinity, 0}, Rational(8000));
    for (const char* format : {"pcm16", "pcm24", "float"}) {
        const Written out = written_in_any_chunks("wav_sink", {{"path", "a.wav"}, {"gain", 2.0}, {"format", format}}, {in});
        const bool floats = std::string(format) == "float";
        // 0.5 x 2 is one more than the largest integer. The largest float times 2 is none.
        expect_counts(out.results, floats ? 0 : 3, floats ? 3 : 2);
        EXPECT_EQ(out.results.at("peak").real(), 2.0 * double(most));
    }
}

TEST(FmModulator, GoesOnBehindWhatIsNotFinite) {
    const std::vector<f32> clean{0.5F, -0.25F, 0, 1, 0.125F};
    const auto expected = made<cf32>("fm_modulator", {{"deviation", 100}}, {Stream::of(clean, Rational(1000))});
    for (const float bad : {no_number, infinity, -infinity}) {
        auto in = clean;
        in[2] = bad;
        const auto o = run("fm_modulator", {{"deviation", 100}}, {Stream::of(in, Rational(1000))});
        const auto got = o.outputs[0].samples<cf32>();
        for (std::size_t i = 0; i < in.size(); ++i)
            if (i == 2)
                EXPECT_TRUE(std::isnan(got[i].real()) && std::isnan(got[i].imag()));
            else
                EXPECT_EQ(got[i], expected[i]) << i;
        EXPECT_EQ(o.results.at("not_finite").integer(), 1);
    }
}

TEST(FmDemod, MakesNoNumberOfWhatIsNone) {
    auto x = vectors().samples("in");
    x[100] = {no_number, 1};
    x[200] = {1, no_number};
    const auto y = made<f32>("fm_demod", {{"deviation", 200}}, {Stream::of(x, Rational(1000))});
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i == 100 || i == 101 || i == 200 || i == 201) << i;
}

TEST(Psd, LeavesFramesThatAreNotFiniteOutAndCountsThem) {
    for (const cf32 bad : {cf32(no_number, 0), cf32(0, infinity), cf32(-infinity, 1)}) {
        for (const char* window : {"hann", "rectangular"}) {
            const Value::Map p{{"size", 50}, {"overlap", 0}, {"average", 5}, {"window", window}};
            // Of 20 frames the third; all of the second item; twice in one frame; the first sample of one, where Hann's window
            // is 0.
            const auto in =
                noise_with({{120, bad}, {250, bad}, {300, bad}, {350, bad}, {400, bad}, {450, bad}, {501, bad}, {549, bad}});
            const auto o = run("psd", p, {in});
            EXPECT_EQ(o.results.at("not_finite").integer(), 7);
            const auto items = o.outputs[0].samples<f32>();
            ASSERT_EQ(items.size(), 4 * 50U);
            const auto clean = vectors().samples("in");
            const auto frame = [&](std::size_t k) {
                return made<f32>("psd", {{"size", 50}, {"overlap", 0}, {"average", 1}, {"window", window}},
                                 {Stream::of(std::vector<cf32>(clean.begin() + std::ptrdiff_t(50 * k),
                                                               clean.begin() + std::ptrdiff_t(50 * k + 50)),
                                             Rational(1000))});
            };
            for (std::size_t b = 0; b < 50; ++b) {
                const double first = (double(frame(0)[b]) + frame(1)[b] + frame(3)[b] + frame(4)[b]) / 4,
                             third = (double(frame(11)[b]) + frame(12)[b] + frame(13)[b] + frame(14)[b]) / 4;
                EXPECT_NEAR(items[b], first, 1e-6 * first);
                EXPECT_TRUE(std::isnan(items[50 + b])) << "nothing is known of it";
                EXPECT_NEAR(items[100 + b], third, 1e-6 * third);
                EXPECT_TRUE(std::isfinite(items[150 + b]));
            }
            expect_chunks_do_not_matter("psd", p, {in});
            expect_chunks_do_not_matter("psd", {{"size", 50}, {"average", 0}}, {in});
        }
    }
}

TEST(Psd, OfAStreamWithOneBadSampleIsThatOfTheOtherFrames) {
    const auto with = [](int average) {
        return run("psd", {{"size", 64}, {"overlap", 0}, {"average", average}}, {noise_with({{900, {no_number, 0}}})});
    };
    const auto one = with(0);
    EXPECT_EQ(one.results.at("not_finite").integer(), 1);
    const auto bins = one.outputs[0].samples<f32>();
    auto shorter = vectors().samples("in");
    shorter.resize(14 * 64);  // the last whole frame begins there
    const auto clean = made<f32>("psd", {{"size", 64}, {"overlap", 0}}, {Stream::of(shorter, Rational(1000))});
    EXPECT_EQ(bins, clean);
}

TEST(Probe, MeasuresWhatIsFiniteAndCountsTheRest) {
    const auto in =
        Stream::of(std::vector<cf32>{{3, 4}, {no_number, 1}, {0, 1}, {infinity, 0}, {no_number, 0}, {0, 0}}, Rational(1000));
    const auto o = run("probe", {{"every", 3}}, {in});
    const auto& all = o.messages.at("measurements");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].value.json(),
              R"({"index":0,"length":3,"not_finite":1,"peak":5.0,"rms":3.605551275463989,"start":0,"time_s":0.0})");
    EXPECT_EQ(all[1].value.json(), R"({"index":3,"length":3,"not_finite":2,"peak":0.0,"rms":0.0,"start":3,"time_s":0.003})");
    EXPECT_EQ(o.results.at("not_finite").integer(), 3);
    const auto none = run("probe", {{"every", 3}}, {Stream::of(std::vector<f32>(3, no_number), Rational(1000))});
    EXPECT_EQ(none.messages.at("measurements")[0].value.json(),
              R"({"index":0,"length":3,"not_finite":3,"peak":null,"rms":null,"start":0,"time_s":0.0})");
}

TEST(RowAverage, LeavesMissingFramesOut) {
    blocks::RowAverage rows(2, 4);
    for (int k = 0; k < 15; ++k) {
        if (k % 4 == 1 || k / 4 == 2)
            rows.add_missing();
        else
            rows.add([k](std::size_t c) { return double(k + 100 * int(c)); });
    }
    double means[2];
    rows.mean(0, means);
    EXPECT_EQ(means[0], (0 + 2 + 3) / 3.0);
    EXPECT_EQ(means[1], 100 + (0 + 2 + 3) / 3.0);
    rows.mean(2, means);
    EXPECT_TRUE(std::isnan(means[0]) && std::isnan(means[1]));
    rows.mean(3, means);
    EXPECT_EQ(means[0], (12 + 14) / 2.0);
}

TEST(WaterfallPng, CountsFramesThatAreNotFiniteAndShowsThemAsMissing) {
    const Value::Map p{{"path", "a.png"}, {"size", 64}, {"height", 8}};
    const auto picture = [&](const Stream& in) { return written_in_any_chunks("waterfall_png", p, {in}); };
    const Written clean = picture(noise_with({}));
    EXPECT_EQ(clean.results.at("not_finite").integer(), 0);
    for (const cf32 bad : {cf32(no_number, 0), cf32(0, infinity)}) {
        const Written some = picture(noise_with({{130, bad}, {131, bad}, {200, bad}}));
        EXPECT_EQ(some.results.at("not_finite").integer(), 2);
        EXPECT_EQ(some.files.at("a.png"), picture(noise_with({{129, bad}, {255, bad}})).files.at("a.png")) << "the same frames";
        EXPECT_NE(some.files.at("a.png"), clean.files.at("a.png"));
    }
    Stream spectra = Stream::of(std::vector<f32>(64 * 4, 0.5F), Rational(10));
    spectra.description.shape = {{"frequency", "Hz", 64, -500, 1000.0 / 64}};
    auto bins = spectra.samples<f32>();
    bins[70] = no_number;
    bins[64 * 3] = infinity;
    Stream missing = Stream::of(bins, Rational(10));
    missing.description = spectra.description;
    EXPECT_EQ(picture(missing).results.at("not_finite").integer(), 2);
}

TEST(Deemphasis, KeepsToAMillionthHoweverLongItIs) {
    for (const double samples : {0.7, 12.0, 50.0, 411.0, 2000.0}) {
        const double rate = 1e6, tau = samples / rate, a = std::exp(-1 / samples);
        for (const bool steady : {true, false}) {
            std::vector<f32> in(std::size_t(20 * samples) + 100, 0.7F);
            const auto random = real_parts(vectors().samples("in"));
            if (!steady)
                for (std::size_t i = 0; i < in.size(); ++i) in[i] = 0.5F + 0.3F * random[(i * 31) % random.size()];
            const auto out = made<f32>("deemphasis", {{"tau", tau}}, {Stream::of(in, Rational(1000000))});
            double expected = 0, worst = 0, full = 0;  // by the recursion that the sum is cut off from
            for (std::size_t i = 0; i < in.size(); ++i) {
                expected = a * expected + (1 - a) * double(in[i]);
                worst = std::max(worst, std::abs(double(out[i]) - expected));
                full = std::max(full, std::abs(expected));
            }
            EXPECT_LE(worst, 1e-6 * full) << samples << (steady ? " steady" : " noise");
        }
    }
}

#include "tests/unit/blocks/running.hpp"

#include <cmath>

using namespace flowspan;
using namespace flowspan::test;

namespace {

/// A tone of amplitude 0.5 at `frequency`, at 1 kHz, 1 MHz on the air.
Stream tone(std::size_t n, double frequency) {
    std::vector<cf32> x;
    for (std::size_t i = 0; i < n; ++i)
        x.push_back(std::polar(0.5F, f32(6.283185307179586 * std::fmod(frequency / 1000 * double(i), 1.0))));
    Stream s = Stream::of(x, Rational(1000));
    s.description.center_frequency = 1e6;
    return s;
}

}  // namespace

TEST(Spectrogram, GivesAToneItsPowerInItsBin) {
    const auto o = run("spectrogram", {{"size", 64}, {"overlap", 48}}, {tone(640, 125)});
    const auto p = o.outputs[0].samples<f32>();
    ASSERT_EQ(p.size(), ((640 - 64) / 16 + 1) * 64U);
    for (std::size_t m = 0; m < p.size() / 64; ++m) {
        EXPECT_NEAR(p[m * 64 + 32 + 8], 0.25, 1e-6);
        EXPECT_NEAR(p[m * 64 + 32 + 9], 0.0625, 1e-6);  // Hann: half the amplitude in the bins beside
        EXPECT_NEAR(p[m * 64 + 32 + 11], 0, 1e-10);
    }
    const auto& d = o.outputs[0].description;
    EXPECT_EQ(d.sample_rate, Rational(1000, 16));
    ASSERT_EQ(d.shape.size(), 1U);
    EXPECT_EQ(d.shape[0].first + 40 * d.shape[0].step, 125);
    EXPECT_EQ(d.center_frequency, 1e6);
    const auto db = run("spectrogram", {{"size", 64}, {"scale", "db"}}, {tone(64, 125)}).outputs[0];
    EXPECT_EQ(db.description.unit, "dBFS");
    EXPECT_NEAR(db.samples<f32>()[40], -6.0206, 1e-4);
    EXPECT_EQ(
        run("spectrogram", {{"size", 64}, {"scale", "db"}}, {Stream::of(std::vector<cf32>(64))}).outputs[0].samples<f32>()[5],
        -200);
}

TEST(Spectrogram, EqualsScipys) {
    const auto power =
        made<f32>("spectrogram", {{"size", 60}, {"overlap", 20}, {"window", "blackman"}}, {part<cf32>(input(), 0, 180)});
    EXPECT_LE(oracle::relative_error(power, detections().reals("spectrogram")), 1e-6);
    const auto db = made<f32>("spectrogram", {{"size", 32}, {"overlap", 0}, {"scale", "db"}}, {part<f32>(real_input(), 0, 96)});
    EXPECT_LE(oracle::relative_error(db, detections().reals("spectrogram.db")), 1e-5);  // of 1e-6 in a power of 1e-2 and less
}

TEST(Spectrogram, IsTheSquareOfFft) {
    const auto power = made<f32>("spectrogram", {{"size", 31}, {"overlap", 0}, {"window", "rectangular"}}, {input()});
    const auto bins = made<cf32>("fft", {{"size", 31}}, {input()});
    ASSERT_EQ(power.size(), bins.size());
    for (std::size_t k = 0; k < power.size(); ++k) EXPECT_NEAR(power[k], std::norm(bins[k]) / (31 * 31), 1e-6 * (1 + power[k]));
}

TEST(Spectrogram, IsTheSameInAnyCallsAndAfterGaps) {
    expect_chunks_do_not_matter("spectrogram", {{"size", 64}, {"overlap", 10}}, {input()});
    expect_chunks_do_not_matter("spectrogram", {{"size", 64}, {"scale", "db"}}, {real_input()});
    expect_stretches_stand_alone<cf32>("spectrogram", {{"size", 64}}, input());
    expect_lengths<cf32>("spectrogram", {{"size", 30}, {"overlap", 0}}, [](std::size_t n) { return n / 30; });
    expect_refused("spectrogram", {{"size", 64}, {"overlap", 64}}, {input()}, "fewer than size (64 samples)", "64 samples");
}

TEST(Peaks, SayFrequencyAndLevelOfTheGreatest) {
    std::vector<f32> spectrum(64, 1.0F);
    spectrum[10] = 1000;
    spectrum[40] = spectrum[42] = 1e4F;
    spectrum[41] = 1e5F;
    spectrum[50] = 5;
    Stream in = Stream::of(spectrum, Rational(10));
    in.description.shape = {{"frequency", "Hz", 64, -320, 10}};
    in.description.center_frequency = 1e6;
    const auto o = run("peaks", {}, {in});
    const auto& found = o.messages.at("peaks");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_DOUBLE_EQ(found[0].value.at("frequency").real(), 1e6 - 320 + 410);
    EXPECT_NEAR(found[0].value.at("level").real(), 50, 1e-9);
    EXPECT_EQ(found[1].value.at("bin").integer(), 10);
    EXPECT_EQ(run("peaks", {{"number", 1}}, {in}).results.at("peaks").integer(), 1);
    EXPECT_EQ(run("peaks", {{"threshold", 5.0}}, {in}).results.at("peaks").integer(), 3);
    EXPECT_EQ(run("peaks", {{"threshold", 45.0}, {"reference", "unit"}}, {in}).results.at("peaks").integer(), 1);
}

TEST(Peaks, EqualScipysAndParabolasOfNumpy) {
    const auto& spectrum = detections().reals("peaks.in");
    Stream in = Stream::of(std::vector<f32>(spectrum.begin(), spectrum.end()), Rational(10));
    in.description.shape = {{"frequency", "Hz", spectrum.size(), -500, 10}};
    const auto o = run("peaks", {{"number", 6}, {"threshold", 3.0}}, {in});
    const auto& found = o.messages.at("peaks");
    ASSERT_EQ(found.size(), 6U);
    for (std::size_t k = 0; k < found.size(); ++k) {
        EXPECT_EQ(double(found[k].value.at("bin").integer()), detections().reals("peaks.bin")[k]);
        EXPECT_NEAR(found[k].value.at("frequency").real(), detections().reals("peaks.frequency")[k], 1e-4);
        EXPECT_NEAR(found[k].value.at("level").real(), detections().reals("peaks.level")[k], 1e-5);
    }
}

TEST(Peaks, LieBetweenBinsWhereTheParabolaDoes) {
    // A Gaussian is a parabola in dB: exactly 0.3 bins above bin 20.
    std::vector<f32> levels;
    for (int b = 0; b < 64; ++b) levels.push_back(f32(-3.0 - 0.5 * (b - 20.3) * (b - 20.3)));
    Stream in = Stream::of(levels, Rational(10));
    in.description.shape = {{"frequency", "Hz", 64, 0, 10}};
    in.description.unit = "dBFS";
    const auto o = run("peaks", {}, {in});
    ASSERT_EQ(o.messages.at("peaks").size(), 1U);
    EXPECT_NEAR(o.messages.at("peaks")[0].value.at("frequency").real(), 203, 1e-3);
    EXPECT_NEAR(o.messages.at("peaks")[0].value.at("level").real(), -3, 1e-4);
}

TEST(Peaks, WarnOfWhatIsNoSpectrum) {
    const auto o = run("peaks", {}, {real_input()});
    EXPECT_EQ(o.results.at("peaks").integer(), 0);
    EXPECT_EQ(o.warnings, std::vector<std::string>{
                              "its items are of one sample, spectra of one bin: put `psd` or `spectrogram` before it"});
}

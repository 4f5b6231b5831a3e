#include "tests/unit/blocks/running.hpp"

#include <numbers>

using namespace flowspan;
using namespace flowspan::test;

TEST(FmDemod, TellsThePhaseOfSamplesOfAnySize) {
    std::vector<cf32> x(300);
    const double sizes[] = {1, 1e-30, 1e-42, 1e19, 3e38, 1e-19, 2e9};  // the largest beside the smallest, too
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = cf32(std::polar(sizes[i / 3 % 7] / (i % 2 == 0 ? 1 : 4), 0.05 * double(i) * double(i % 40)));
    const Stream in = Stream::of(x, Rational(1000));
    const auto o = run("fm_demod", {{"deviation", 100.0}}, {in});
    const auto& y = o.outputs[0].samples<f32>();
    for (std::size_t i = 1; i < x.size(); ++i) {
        const auto phase = double(std::arg(std::complex<long double>(x[i]) * std::conj(std::complex<long double>(x[i - 1]))));
        ASSERT_NEAR(double(y[i]), phase * 1000 / (2 * 3.141592653589793 * 100), 1e-5) << i;
    }
    expect_chunks_do_not_matter("fm_demod", {{"deviation", 100.0}}, {in});
}

TEST(FmDemod, EqualsThePhaseDifferenceByNumpy) {
    EXPECT_LE(oracle::relative_error(made<f32>("fm_demod", {{"deviation", 200}}, {input()}), vectors().reals("demod")), 1e-6);
}

TEST(FmDemod, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("fm_demod", {{"deviation", 200}}, {input()});
    expect_lengths<cf32>("fm_demod", {{"deviation", 200}}, [](auto n) { return n; });
}

TEST(FmDemod, RefusesADeviationBeyondTheBand) {
    expect_refused("fm_demod", {{"deviation", 501}}, {input()}, "at most half the sample rate (500 Hz)", "501 Hz");
    expect_refused("fm_demod", {{"deviation", 0.5}}, {input()}, "a frequency >= 1 Hz", "0.5 Hz");
}

TEST(FmModulator, IsUndoneByTheDemodulator) {
    const auto audio = Stream::of(std::vector<f32>{0.5F, -0.25F, 1, -1, 0, 0.125F}, Rational(1000));
    const auto carrier = run("fm_modulator", {{"deviation", 100}}, {audio}).outputs[0];
    const auto back = made<f32>("fm_demod", {{"deviation", 100}}, {carrier});
    const auto in = audio.samples<f32>();
    ASSERT_EQ(back.size(), in.size());
    for (std::size_t i = 1; i < in.size(); ++i) EXPECT_NEAR(back[i], in[i], 2e-6);  // before sample 0 there is no phase
}

TEST(FmModulator, TurnsByTheDeviationOfAConstantInput) {
    const auto carrier = made<cf32>("fm_modulator", {{"deviation", 250}, {"amplitude", 2}},
                                    {Stream::of(std::vector<f32>(5, 1.0F), Rational(1000))});
    const std::vector<cf32> expected{{0, 2}, {-2, 0}, {0, -2}, {2, 0}, {0, 2}};
    EXPECT_LE(oracle::relative_error(carrier, expected), 1e-7);
}

TEST(FmModulator, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("fm_modulator", {{"deviation", 200}}, {real_input()});
    expect_lengths<f32>("fm_modulator", {{"deviation", 200}}, [](auto n) { return n; });
}

TEST(PfbChannelizer, PutsFiveTonesIntoTheirOwnChannelsToThreeDecimals) {
    const int channels = 5;
    const std::size_t n = 5000;
    std::vector<cf32> in(n);
    for (int c = 0; c < channels; ++c) {
        const double amplitude = 0.2 + 0.1 * c;
        for (std::size_t i = 0; i < n; ++i) {
            const double angle = 2 * std::numbers::pi * (c - 2) / 5.0 * double(i);
            in[i] += cf32(cf64(amplitude * std::cos(angle), amplitude * std::sin(angle)));
        }
    }
    Stream stream = Stream::of(in, Rational(1000));
    stream.description.center_frequency = 5000;
    const auto o = run("pfb_channelizer", {{"channels", channels}}, {stream});
    ASSERT_EQ(o.outputs.size(), 5U);
    for (int c = 0; c < channels; ++c) {
        const auto& out = o.outputs[std::size_t(c)];
        EXPECT_EQ(out.description.sample_rate, Rational(200));
        EXPECT_EQ(out.description.center_frequency, 5000 + 200 * (c - 2));
        const auto y = out.samples<cf32>();
        ASSERT_EQ(y.size(), n / 5);
        for (std::size_t m = 20; m < y.size(); ++m)
            EXPECT_NEAR(std::abs(y[m] - cf32(0.2F + 0.1F * float(c), 0)), 0, 5e-4) << c << " " << m;
    }
}

TEST(PfbChannelizer, KeepsNeighboursApart) {
    std::vector<cf32> in(8000);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const double angle = 2 * std::numbers::pi * (1.0 / 8 + 0.005) * double(i);
        in[i] = cf32(cf64(std::cos(angle), std::sin(angle)));
    }
    const auto o = run("pfb_channelizer", {{"channels", 8}}, {Stream::of(in, Rational(8000))});
    for (std::size_t c = 0; c < 8; ++c) {
        const auto y = o.outputs[c].samples<cf32>();
        for (std::size_t m = 20; m < y.size(); ++m) {
            if (c == 5)
                EXPECT_NEAR(std::abs(y[m]), 1, 1e-3);
            else
                EXPECT_LT(std::abs(y[m]), 2e-4) << c;
        }
    }
}

TEST(PfbChannelizer, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("pfb_channelizer", {{"channels", 4}, {"taps_per_channel", 6}}, {input()});
    expect_chunks_do_not_matter("pfb_channelizer", {{"channels", 1}}, {input()});
    expect_lengths<cf32>("pfb_channelizer", {{"channels", 6}}, [](auto n) { return (n + 5) / 6; });
}

TEST(PfbChannelizer, RefusesNoChannels) {
    expect_refused("pfb_channelizer", {{"channels", 0}}, {input()}, "an integer from 1 to 65536", "0");
}

TEST(Modulation, BeginsAnewAfterAGap) {
    expect_stretches_stand_alone<cf32>("fm_demod", {{"deviation", 200}}, input());
    expect_stretches_stand_alone<f32>("fm_modulator", {{"deviation", 200}}, real_input());
    expect_stretches_stand_alone<cf32>("pfb_channelizer", {{"channels", 3}}, input(), 3);
}

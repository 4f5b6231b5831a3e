#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/low_pass.hpp"
#include "kernels/fir/fir.hpp"

#include <algorithm>

namespace flowspan {
namespace {

// y[m] = sum over k of h[(m D mod I) + k I] x[floor(m D / I) - k], with h a low pass at I times the input's rate and gain I
template <class T>
struct RationalResampler final : Block {
    Parameter<int> interpolation{
        *this, "interpolation", {.initial = 1, .min = 1, .max = 65536, .help = "I: the rate is multiplied by I / D."}};
    Parameter<int> decimation{*this, "decimation", {.initial = 1, .min = 1, .max = 1 << 20, .help = "D."}};
    Parameter<double> output_rate{
        *this,
        "output_rate",
        {.unit = hertz, .min = 1e-3, .max = 2e9, .optional = true, .help = "The rate that leaves, instead of I and D."}};
    blocks::LowPass low_pass{*this};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    /// I / D, reduced.
    Rational factor() const {
        if (!output_rate.given()) return {interpolation.get(), decimation.get()};
        (void)in.sample_rate();  // refuses a stream without a rate
        return Rational::nearest(output_rate) / *in.description().sample_rate;
    }
    /// Of the filter, in input samples a second times I. Streams without a rate count as 1.
    double rate() const { return in.description().sample_rate ? in.description().rate_hz() : 1.0; }
    double filter_rate() const { return rate() * double(factor().numerator()); }
    double reach() const { return rate() / 2 * std::min(1.0, factor().value()); }

    void describe() override {
        if (output_rate.given() && (interpolation.explicitly_given() || decimation.explicitly_given()))
            output_rate.refuse("either output_rate or interpolation and decimation");
        const Rational f = factor();
        if (f.numerator() > 65536 || f.denominator() > (1 << 20))
            output_rate.refuse("a rate whose ratio to the input's is a fraction of small numbers", {}, "it is " + f.text());
        low_pass.check(filter_rate(), reach());
        const std::size_t L = low_pass.size(filter_rate(), reach()), I = std::size_t(f.numerator());
        in.history(kernels::Fir<T>::history_for(L, I));
        const auto delay = low_pass.taps.given() ? blocks::group_delay(low_pass.taps) : Rational(std::int64_t(L) - 1, 2);
        ratio({.interpolation = I, .decimation = std::uint64_t(f.denominator()), .delay = delay / Rational(f.numerator())});
        out.describe(in.description());
        holds(I * 16 * (L / I + 16) + channels_.bytes(in.description(), in.history()));
        cost((0.2 + 0.05 * double(L) / double(I)) * f.value() * double(in.description().samples_per_item()));
    }

    void prepare() override {
        auto h = low_pass.design(filter_rate(), reach());
        if (!low_pass.taps.given())
            for (double& tap : h) tap *= double(factor().numerator());
        interpolation_ = std::uint64_t(factor().numerator());
        decimation_ = std::uint64_t(factor().denominator());
        filter_ = kernels::Fir<T>(h, std::size_t(interpolation_), std::size_t(decimation_));
    }
    void work(std::size_t n) override {
        // The branch of the filter is counted from the stretch's anchor.
        const std::uint64_t first = out.in_stretch();
        channels_(in, in.history(), blocks::items_for(n, first, interpolation_, decimation_), out, n,
                  [&](std::size_t, const T* x, T* y) { filter_(x, y, n, first); });
    }

    std::uint64_t interpolation_ = 1, decimation_ = 1;  // reduced
    kernels::Fir<T> filter_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_rational_resampler(Registry& r) {
    r.add<RationalResampler>("rational_resampler",
                             "Changes the sample rate by a ratio of integers, with a low pass, in each channel.",
                             types<cf32, f32>, "output_rate: 48 kHz");
}

}  // namespace flowspan

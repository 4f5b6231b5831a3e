#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/response.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/fir_design/shapes.hpp"
#include "kernels/window/window.hpp"

#include <vector>

namespace flowspan {
namespace {

// y[n] = x[n - d] + j sum over k of h[k] x[n - k],  h a Hilbert transformer of 2 d + 1 taps
//
// The analytic signal: what is below 0 Hz is gone, but for a band of about the window's width around 0 and half the rate.
struct Hilbert final : Block, blocks::Filter {
    Parameter<int> taps_count{
        *this, "taps_count", {.initial = 65, .min = 3, .max = 8191, .help = "Length of the transformer, an odd number."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "hamming", .choices = kernels::window_names(), .help = "Window of the design."}};
    Parameter<double> attenuation{*this,
                                  "attenuation",
                                  {.unit = decibel,
                                   .initial = 60.0,
                                   .min = 10.0,
                                   .max = 180.0,
                                   .help = "Of negative frequencies, with Kaiser's window."}};
    Input<f32> in{*this, "in", blocks::each_channel()};
    Output<cf32> out{*this, "out"};

    std::size_t length() const { return std::size_t(taps_count.get()); }
    std::ptrdiff_t delay() const { return std::ptrdiff_t(length() / 2); }

    void describe() override {
        if (length() % 2 == 0) taps_count.refuse("an odd number");
        in.history(kernels::Fir<f32>::history_for(length()));
        ratio({.delay = Rational(delay())});
        out.describe(in.description().as(SampleType::cf32));
        holds(channels_.bytes(in.description(), in.history()));
        cost((0.5 + 0.025 * double(length())) * double(in.description().samples_per_item()));
    }
    void prepare() override { filter_ = kernels::Fir<f32>(transformer()); }
    void work(std::size_t n) override {
        imaginary_.resize(n);
        channels_(in, in.history(), n, out, n, [&](std::size_t, const f32* x, cf32* y) {
            filter_(x, imaginary_.data(), n);
            for (std::size_t i = 0; i < n; ++i) y[i] = {x[std::ptrdiff_t(i) - delay()], imaginary_[i]};
        });
    }
    blocks::Response response() const override {
        const auto h = transformer();
        blocks::Response r;
        for (const double tap : h) r.taps.emplace_back(0, tap);
        r.taps[std::size_t(delay())] += 1;
        return r;
    }
    std::vector<double> transformer() const {
        return kernels::design_hilbert(
            kernels::window(window.get(), length(), kernels::Symmetry::symmetric, kernels::kaiser_beta(attenuation)));
    }

    kernels::Fir<f32> filter_;
    std::vector<f32> imaginary_;
    blocks::EachChannel<f32, cf32> channels_;
};

}  // namespace

void register_hilbert(Registry& r) {
    r.add<Hilbert>("hilbert", "Makes the analytic signal of each real channel: frequencies above 0 alone.", "taps_count: 65");
}

}  // namespace flowspan

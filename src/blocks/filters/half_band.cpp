#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/response.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <vector>

namespace flowspan {
namespace {

// y[m] = sum over k of h[k] x[2 m - k],  h a low pass of 4 K - 1 taps with its edge at a quarter of the rate
//
// Every second tap is 0 but for the middle one (Crochiere and Rabiner, Multirate Digital Signal Processing, 1983, 3.4):
//   y[m] = sum over j < 2 K of h[2 j] x[2 (m - j)] + h[2 K - 1] x[2 (m - K) + 1]
template <class T>
struct HalfBand final : Block, blocks::Filter {
    Parameter<double> transition{
        *this,
        "transition",
        {.unit = hertz,
         .min = 1e-6,
         .optional = true,
         .help = "Width from pass band to stop band, around a quarter of the rate; default a tenth of the rate."}};
    Parameter<double> attenuation{
        *this, "attenuation", {.unit = decibel, .initial = 60.0, .min = 10.0, .max = 180.0, .help = "Of the stop band."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    /// In cycles per sample.
    double width() const { return transition.given() ? transition / in.sample_rate() : 0.1; }
    std::size_t half() const { return std::max<std::size_t>(1, (kernels::kaiser_taps(attenuation, width()) + 4) / 4); }  // K

    void describe() override {
        if (transition.given() && width() > 0.5) transition.refuse("at most half the sample rate", in.sample_rate() / 2);
        if (half() > 1U << 14) transition.refuse("a transition that takes at most 65535 taps", {}, "a wider one");
        in.history(2 * branch_history());
        ratio({.decimation = 2, .delay = Rational(std::int64_t(2 * half() - 1))});
        out.describe(in.description());
        holds(channels_.bytes(in.description(), in.history()) + branch_history() * sizeof(T));
        cost((0.5 + 0.025 * double(half())) * double(in.description().samples_per_item()));
    }
    void prepare() override {
        const auto h = taps();
        std::vector<double> branch;
        for (std::size_t k = 0; k < h.size(); k += 2) branch.push_back(h[k]);
        filter_ = kernels::Fir<T>(branch);
        middle_ = f32(h[h.size() / 2]);
    }
    void work(std::size_t n) override {
        const std::size_t before = branch_history();
        even_.resize(before + n);
        channels_(in, in.history(), blocks::items_for(n, 0, 1, 2), out, n, [&](std::size_t, const T* x, T* y) {
            const T* from = x - 2 * before;
            for (std::size_t i = 0; i < even_.size(); ++i) even_[i] = from[2 * i];
            filter_(even_.data() + before, y, n);
            const T* odd = x + 1 - std::ptrdiff_t(2 * half());
            for (std::size_t m = 0; m < n; ++m) y[m] += middle_ * odd[2 * m];
            kernels::unify_nan(reinterpret_cast<f32*>(y), n * sizeof(T) / sizeof(f32));
        });
    }
    blocks::Response response() const override {
        auto r = blocks::Response::of(taps(), 1, 2);
        const double rate = in.description().sample_rate ? in.description().rate_hz() : 1, edge = width() * rate / 2;
        r.bands = {{0, rate / 4 - edge, true}, {rate / 4 + edge, rate / 2, false}};
        return r;
    }

    std::size_t branch_history() const { return std::max(kernels::Fir<T>::history_for(2 * half()), half()); }
    std::vector<double> taps() const {
        const auto window =
            kernels::window("kaiser", 4 * half() - 1, kernels::Symmetry::symmetric, kernels::kaiser_beta(attenuation));
        auto h = kernels::design_low_pass(0.25, window);
        for (std::size_t k = 1; k < h.size(); k += 2)
            if (k != h.size() / 2) h[k] = 0;  // but for rounding they are
        return h;
    }

    f32 middle_ = 0;
    kernels::Fir<T> filter_;
    std::vector<T> even_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_half_band(Registry& r) {
    r.add<HalfBand>("half_band",
                    "Halves the rate of each channel, by a filter of which half of the taps are 0 and are left out.",
                    types<cf32, f32>, "attenuation: 80 dB");
}

}  // namespace flowspan

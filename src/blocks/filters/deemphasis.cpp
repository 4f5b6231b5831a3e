#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/response.hpp"
#include "kernels/fir/fir.hpp"

#include <cmath>

namespace flowspan {
namespace {

// y[n] = (1 - a) sum over k < L of a^k x[n-k],  a = e^(-1 / (fs tau)):  the RC low pass of broadcast FM, sampled.
//
// The sum ends where a^k has fallen below 1e-7 (140 dB), so that the filter's memory is finite and a stream can be cut; it is
// scaled to gain 1 at 0 Hz.
struct Deemphasis final : Block, blocks::Filter {
    Parameter<double> tau{*this,
                          "tau",
                          {.unit = second,
                           .initial = 50e-6,
                           .min = 1e-7,
                           .max = 1.0,
                           .help = "Time constant: 50 us in most of the world, 75 us in the Americas and South Korea."}};
    Input<f32> in{*this, "in", blocks::each_channel()};
    Output<f32> out{*this, "out"};

    void describe() override {
        if (tau * in.sample_rate() > 1e5) tau.refuse("at most 100000 samples long", 1e5 / in.sample_rate());
        const std::size_t history = kernels::Fir<f32>::history_for(taps());
        in.history(history);
        out.describe(in.description());
        holds(channels_.bytes(in.description(), history));
        cost(0.015 * double(taps()) * double(in.description().samples_per_item()));
    }
    void prepare() override { filter_ = kernels::Fir<f32>(response_of_circuit()); }
    void work(std::size_t n) override {
        channels_(in, in.history(), n, out, n, [&](std::size_t, const f32* x, f32* y) { filter_(x, y, n); });
    }
    blocks::Response response() const override { return blocks::Response::of(response_of_circuit()); }

    std::vector<double> response_of_circuit() const {
        const double decay = -1 / (in.sample_rate() * tau);
        std::vector<double> h(taps());
        double sum = 0;
        for (std::size_t k = 0; k < h.size(); ++k) sum += h[k] = kernels::exp(decay * double(k));
        for (double& tap : h) tap /= sum;
        return h;
    }
    std::size_t taps() const { return std::size_t(std::ceil(16.2 * in.sample_rate() * tau)) + 1; }

    kernels::Fir<f32> filter_;
    blocks::EachChannel<f32, f32> channels_;
};

}  // namespace

void register_deemphasis(Registry& r) {
    r.add<Deemphasis>("deemphasis", "Undoes the pre-emphasis of broadcast FM, of each channel.", "tau: 50 us");
}

}  // namespace flowspan

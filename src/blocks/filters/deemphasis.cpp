#include <flowspan/flowspan.hpp>

#include "kernels/fir/fir.hpp"

#include <cmath>

namespace flowspan {
namespace {

// y[n] = (1 - a) sum over k < L of a^k x[n-k],  a = e^(-1 / (fs tau)):  the RC low pass of broadcast FM, sampled.
//
// The sum ends where a^k has fallen below 1e-7 (140 dB), so that the filter's memory is finite and a stream can be cut; it is
// scaled to gain 1 at 0 Hz.
struct Deemphasis final : Block {
    Parameter<double> tau{*this,
                          "tau",
                          {.unit = second,
                           .initial = 50e-6,
                           .min = 1e-7,
                           .max = 1.0,
                           .help = "Time constant: 50 us in most of the world, 75 us in the Americas and South Korea."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};

    void describe() override {
        if (tau * in.sample_rate() > 1e5) tau.refuse("at most 100000 samples long", 1e5 / in.sample_rate());
        in.history(kernels::Fir<f32>::history_for(taps()));
        out.describe(in.description());
        cost(0.015 * double(taps()));
    }
    void prepare() override {
        const double decay = -1 / (in.sample_rate() * tau);
        std::vector<double> h(taps());
        double sum = 0;
        for (std::size_t k = 0; k < h.size(); ++k) sum += h[k] = kernels::exp(decay * double(k));
        for (double& tap : h) tap /= sum;
        filter_ = kernels::Fir<f32>(h);
    }
    void work(std::size_t n) override { filter_(in.data(), out.data(), n); }
    std::size_t taps() const { return std::size_t(std::ceil(16.2 * in.sample_rate() * tau)) + 1; }

    kernels::Fir<f32> filter_;
};

}  // namespace

void register_deemphasis(Registry& r) {
    r.add<Deemphasis>("deemphasis", "Undoes the pre-emphasis of broadcast FM.", "tau: 50 us");
}

}  // namespace flowspan

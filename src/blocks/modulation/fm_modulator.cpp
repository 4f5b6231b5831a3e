#include <flowspan/flowspan.hpp>

#include <cmath>
#include <limits>

namespace flowspan {
namespace {

// y[n] = amplitude e^(2 pi j phase[n]),  phase[n] = phase[n-1] + x[n] deviation / fs turns
//
// The phase is summed in 64-bit fixed point: exact, whatever the chunks, and without drift. It knows nothing of what follows
// from NaN or an infinity, so such a sample leaves it as it is, and is NaN in the output alone.
struct FmModulator final : Block {
    Parameter<double> deviation{*this,
                                "deviation",
                                {.unit = hertz,
                                 .initial = 75e3,
                                 .min = 0.0,
                                 .when = Change::running,
                                 .help = "Frequency deviation for an input of 1."}};
    Parameter<double> amplitude{
        *this, "amplitude", {.initial = 1.0, .min = 0.0, .when = Change::running, .help = "Magnitude of the output."}};
    Input<f32> in{*this, "in"};
    Output<cf32> out{*this, "out"};

    void describe() override {
        if (deviation > in.sample_rate() / 2) deviation.refuse("at most half the sample rate", in.sample_rate() / 2);
        memory(Memory::unbounded, "the phase of the carrier");
        out.describe(in.description().as(SampleType::cf32));
        cost(10);
    }
    void prepare() override { turns_ = deviation / in.sample_rate(); }
    void restart() override { phase_ = 0; }
    void work(std::size_t n) override {
        for (std::size_t i = 0; i < n; ++i) {
            const f32 x = in[std::ptrdiff_t(i)];
            if (!std::isfinite(x)) {
                constexpr f32 none = std::numeric_limits<f32>::quiet_NaN();
                out[std::ptrdiff_t(i)] = {none, none};
                ++not_finite_;
                continue;
            }
            phase_ += kernels::phase_increment(turns_ * double(x));
            const kernels::Angle a = kernels::sincos_turns(phase_);
            out[std::ptrdiff_t(i)] = {f32(amplitude * a.cos), f32(amplitude * a.sin)};
        }
    }

    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

    double turns_ = 0;
    std::uint64_t phase_ = 0, not_finite_ = 0;
};

}  // namespace

void register_fm_modulator(Registry& r) {
    r.add<FmModulator>(
        "fm_modulator",
        "Modulates the frequency of a carrier at 0 Hz. Counts samples that are not finite, which leave the phase as it is.",
        "deviation: 75 kHz");
}

}  // namespace flowspan

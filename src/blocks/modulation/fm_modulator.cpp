#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

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
    Input<f32> in{*this, "in", blocks::each_channel()};
    Output<cf32> out{*this, "out"};

    void describe() override {
        if (deviation > in.sample_rate() / 2) deviation.refuse("at most half the sample rate", in.sample_rate() / 2);
        memory(Memory::unbounded, "the phases of the carriers");
        out.describe(in.description().as(SampleType::cf32));
        cost(10 * double(in.description().samples_per_item()));
    }
    void prepare() override {
        turns_ = deviation / in.sample_rate();
        phases_.resize(in.description().samples_per_item());
    }
    void restart() override { std::fill(phases_.begin(), phases_.end(), 0); }
    void work(std::size_t n) override {
        channels_(in, 0, n, out, n, [&](std::size_t c, const f32* x, cf32* y) {
            constexpr f32 none = std::numeric_limits<f32>::quiet_NaN();
            std::uint64_t phase = phases_[c];
            for (std::size_t i = 0; i < n; ++i) {
                if (!std::isfinite(x[i])) {
                    y[i] = {none, none};
                    ++not_finite_;
                    continue;
                }
                phase += kernels::phase_increment(turns_ * double(x[i]));
                const kernels::Angle a = kernels::sincos_turns(phase);
                y[i] = {f32(amplitude * a.cos), f32(amplitude * a.sin)};
            }
            phases_[c] = phase;
        });
    }

    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

    double turns_ = 0;
    std::vector<std::uint64_t> phases_;  // of the channels
    blocks::EachChannel<f32, cf32> channels_;
    std::uint64_t not_finite_ = 0;
};

}  // namespace

void register_fm_modulator(Registry& r) {
    r.add<FmModulator>(
        "fm_modulator",
        "Modulates the frequency of a carrier at 0 Hz, one for each channel. Counts samples that are not finite, "
        "which leave the phase as it is.",
        "deviation: 75 kHz");
}

}  // namespace flowspan

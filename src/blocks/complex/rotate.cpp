#include <flowspan/flowspan.hpp>

#include "blocks/continuous_phase.hpp"
#include "blocks/each_channel.hpp"
#include "kernels/rotate/rotate.hpp"

namespace flowspan {
namespace {

// y[n] = x[n] e^(2 pi j frequency n / fs), n the absolute index: moves everything up by `frequency`
//
// Where the frequency changes while it runs, the phase goes on without a jump.
struct Rotate final : Block {
    Parameter<double> frequency{*this,
                                "frequency",
                                {.unit = hertz,
                                 .when = Change::running,
                                 .help = "How far up everything moves; what was as far below the centre becomes the centre."}};
    Input<cf32> in{*this, "in", blocks::each_channel()};
    Output<cf32> out{*this, "out"};

    void describe() override {
        const double rate = in.sample_rate();
        if (frequency > rate / 2 || frequency < -rate / 2) frequency.wrong("from minus to plus half the sample rate", rate / 2);
        out.describe(in.description().translated(-frequency));
        cost(0.6 * double(in.description().samples_per_item()));
    }
    void prepare() override {
        const std::uint64_t step = kernels::phase_increment(frequency / in.sample_rate());
        phase_.set_step(step);
        rotate_ = kernels::Rotator(step);
    }
    void work(std::size_t n) override {
        const std::uint64_t phase = phase_.offset(in.index());
        channels_(in, 0, n, out, n, [&](std::size_t, const cf32* x, cf32* y) { rotate_(x, y, n, in.index(), phase); });
    }

    blocks::ContinuousPhase phase_;
    kernels::Rotator rotate_;
    blocks::EachChannel<cf32, cf32> channels_;
};

}  // namespace

void register_rotate(Registry& r) {
    r.add<Rotate>("rotate", "Mixes complex samples with an oscillator, in each channel (frequency_translate filters, too).",
                  "frequency: 10 kHz");
}

}  // namespace flowspan

#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/loops/level.hpp"
#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace flowspan {
namespace {

/// Gains of a second-order loop of bandwidth B (radians a sample) that is damped by sqrt(1/2) (as GNU Radio's control_loop).
struct LoopGains {
    double alpha = 0, beta = 0;
    static LoopGains of(double bandwidth) {
        const double damping = 0.70710678118654752440, d = 1 + 2 * damping * bandwidth + bandwidth * bandwidth;
        return {4 * damping * bandwidth / d, 4 * bandwidth * bandwidth / d};
    }
};

// e = arg(x e^(-j phase)),   frequency += beta e,   phase += frequency + alpha e
//
// and then the frequency is kept within its limits (GNU Radio: pll_carriertracking, pll_refout, pll_freqdet). The phase is in
// 64-bit fixed point and does not drift. What leaves is, before that, x e^(-j phase), e^(j phase), or the frequency in Hz. A
// sample that is not finite, or 0, has no error: the loop turns on as it did.
struct Pll final : Block {
    Parameter<std::string> output{
        *this,
        "output",
        {.initial = "carrier",
         .choices = {"carrier", "reference", "frequency"},
         .help = "What leaves: the samples with the carrier at 0 Hz, the carrier as it should be, or its frequency in Hz."}};
    Parameter<double> loop_bandwidth{
        *this, "loop_bandwidth", {.unit = hertz, .min = 1e-9, .when = Change::running, .help = "How fast it follows."}};
    Parameter<double> min_frequency{
        *this,
        "min_frequency",
        {.unit = hertz, .optional = true, .when = Change::running, .help = "Lowest frequency; default minus half the rate."}};
    Parameter<double> max_frequency{
        *this,
        "max_frequency",
        {.unit = hertz, .optional = true, .when = Change::running, .help = "Highest frequency; default half the rate."}};
    Input<cf32> in{*this, "in", blocks::each_channel()};
    Output<Any> out{*this, "out"};
    Reading<double> frequency{*this, "frequency", {.unit = hertz, .help = "That of the loop, of channel 0."}};
    Reading<bool> locked{*this, "locked", {.help = "Whether the mean of cos e is above one half, of channel 0."}};

    double lowest() const { return min_frequency.given() ? min_frequency.get() : -in.sample_rate() / 2; }
    double highest() const { return max_frequency.given() ? max_frequency.get() : in.sample_rate() / 2; }

    void describe() override {
        const double half = in.sample_rate() / 2;
        if (loop_bandwidth > half) loop_bandwidth.wrong("at most half the sample rate", half);
        if (highest() > half) max_frequency.wrong("at most half the sample rate", half);
        if (lowest() < -half) min_frequency.wrong("at least minus half the sample rate", -half);
        if (lowest() > highest()) {
            auto& blamed = min_frequency.given() ? min_frequency : max_frequency;
            blamed.wrong(min_frequency.given() ? "a frequency of at most" : "a frequency of at least",
                         min_frequency.given() ? highest() : lowest());
        }
        memory(Memory::unbounded, "phase and frequency of the loop");
        out.describe(described());
        cost(45 * double(in.description().samples_per_item()));
    }
    StreamDescription described() const {
        StreamDescription d = output.get() == "reference" ? in.description() : in.description().baseband();
        if (output.get() == "frequency") {
            d = d.as(SampleType::rf32);
            d.unit = "Hz";
            d.full_scale.reset();
        } else {
            d = d.as(SampleType::cf32);
        }
        return d;
    }
    void prepare() override {
        rate_ = in.sample_rate();
        gains_ = LoopGains::of(kernels::two_pi * loop_bandwidth / rate_);
        lowest_ = lowest() / rate_;
        highest_ = highest() / rate_;
        loops_.resize(in.description().samples_per_item());
    }
    void restart() override { std::fill(loops_.begin(), loops_.end(), Loop{}); }

    void work(std::size_t n) override {
        const std::size_t channels = loops_.size();
        const int kind = output.get() == "carrier" ? 0 : output.get() == "reference" ? 1 : 2;
        for (std::size_t c = 0; c < channels; ++c) {
            auto* samples = reinterpret_cast<cf32*>(out.item());
            auto* numbers = reinterpret_cast<f32*>(out.item());
            Loop loop = loops_[c];
            for (std::size_t i = c; i < n * channels; i += channels) {
                const kernels::Angle a = kernels::sincos_turns(loop.phase);
                const cf32 z = turned_back(in[std::ptrdiff_t(i)], a);
                if (kind == 0)
                    samples[i] = z;
                else if (kind == 1)
                    samples[i] = {f32(a.cos), f32(a.sin)};
                else
                    numbers[i] = f32(loop.frequency * rate_);
                advance(loop, z);
            }
            loops_[c] = loop;
        }
        frequency.update(in.index() + n, loops_[0].frequency * rate_);
        locked.update(in.index() + n, loops_[0].in_step > 0.5);
    }
    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

    /// All numbers of a loop are turns, or turns a sample.
    struct Loop {
        std::uint64_t phase = 0;
        double frequency = 0, in_step = 0;
    };
    cf32 turned_back(cf32 x, const kernels::Angle& a) {
        if (!kernels::is_finite(x)) {
            ++not_finite_;
            constexpr f32 none = std::numeric_limits<f32>::quiet_NaN();
            return {none, none};
        }
        return {f32(x.real() * a.cos + x.imag() * a.sin), f32(x.imag() * a.cos - x.real() * a.sin)};
    }
    void advance(Loop& loop, cf32 z) const {
        const double angle = kernels::argument(z), error = angle == angle ? angle / kernels::two_pi : 0;
        const double magnitude = std::sqrt(blocks::power(z));
        if (kernels::is_finite(z)) {
            const double cosine = magnitude > 0 ? double(z.real()) / magnitude : 0;
            loop.in_step += gains_.alpha / 4 * (cosine - loop.in_step);
        }
        loop.frequency += gains_.beta * error;
        loop.phase += kernels::phase_increment(loop.frequency + gains_.alpha * error);
        loop.frequency = std::clamp(loop.frequency, lowest_, highest_);
    }

    double rate_ = 1, lowest_ = 0, highest_ = 0;
    LoopGains gains_;
    std::vector<Loop> loops_;  // of the channels
    std::uint64_t not_finite_ = 0;
};

}  // namespace

void register_pll(Registry& r) {
    r.add<Pll>(
        "pll",
        "Follows the phase of a carrier, in each channel. Samples that are not finite are counted, and leave the loop as "
        "it is.",
        "{loop_bandwidth: 100 Hz, output: carrier}");
}

}  // namespace flowspan

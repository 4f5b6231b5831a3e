#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/loops/level.hpp"
#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace flowspan {
namespace {

// y[n] = g[n] x[n], g at most max_gain:
//
//   rms          g = reference / sqrt(p),   p = rate |x|^2 + (1 - rate) p                        (GNU Radio: rms_agc)
//   peak         g -= a (|y| - reference) behind each y;  a: attack where |y| > reference, else decay  (agc, agc2)
//   feedforward  g[n] = reference / max |x[n .. n + samples - 1]|; a delay of samples - 1        (feedforward_agc)
//
// A sample that is not finite leaves the level as it is.
template <class T>
struct Agc final : Block {
    Parameter<std::string> kind{*this,
                                "kind",
                                {.initial = "rms",
                                 .choices = {"rms", "peak", "feedforward"},
                                 .help = "What is brought to the reference: the root mean square; the magnitude, by a loop; "
                                         "the greatest magnitude of the samples ahead."}};
    Parameter<double> reference{
        *this,
        "reference",
        {.initial = 1.0, .min = 1e-9, .max = 1e9, .when = Change::running, .help = "The level that leaves."}};
    Parameter<double> rate{*this,
                           "rate",
                           {.initial = 1e-2,
                            .min = 1e-9,
                            .max = 1.0,
                            .when = Change::running,
                            .help = "Of kinds rms and peak: weight of a new sample, or of its error."}};
    Parameter<double> attack{*this,
                             "attack",
                             {.min = 1e-9,
                              .max = 1.0,
                              .optional = true,
                              .when = Change::running,
                              .help = "Of kind peak: the rate where the output is above the reference; default: rate."}};
    Parameter<double> decay{*this,
                            "decay",
                            {.min = 1e-9,
                             .max = 1.0,
                             .optional = true,
                             .when = Change::running,
                             .help = "Of kind peak: the rate where it is below; default: rate."}};
    Parameter<int> samples{
        *this,
        "samples",
        {.unit = sample, .initial = 1024, .min = 1, .max = 1 << 16, .help = "Of kind feedforward: how far it looks ahead."}};
    Parameter<double> max_gain{
        *this,
        "max_gain",
        {.initial = 65536.0, .min = 1e-9, .max = 1e12, .when = Change::running, .help = "The greatest factor."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};
    Reading<double> gain{*this, "gain", {.help = "The factor of the last sample, of channel 0."}};

    bool feedforward() const { return kind.get() == "feedforward"; }

    void describe() override {
        const auto channels = in.description().samples_per_item();
        out.describe(in.description());
        if (!feedforward()) {
            memory(Memory::unbounded, "the levels");
            cost((kind.get() == "peak" ? 10 : 3) * double(channels));
            return;
        }
        const auto ahead = std::uint64_t(samples - 1);
        in.history(ahead);
        ratio({.delay = Rational(std::int64_t(ahead))});
        holds(ahead * sizeof(double));
        cost((4 + 0.4 * double(std::bit_width(ahead))) * double(channels));
    }
    void prepare() override {
        wanted_ = reference;
        most_ = max_gain;
        attack_ = attack.given() ? attack.get() : rate.get();
        decay_ = decay.given() ? decay.get() : rate.get();
        if (feedforward()) return;
        levels_.resize(in.description().samples_per_item(), beginning());
    }
    void restart() override { std::fill(levels_.begin(), levels_.end(), beginning()); }
    /// Of a level: no power, or factor 1.
    double beginning() const { return kind.get() == "peak" ? std::min(1.0, max_gain.get()) : 0; }

    void work(std::size_t n) override {
        const std::size_t channels = in.description().samples_per_item();
        for (std::size_t c = 0; c < channels; ++c) {
            const double last = feedforward()          ? look_ahead(c, channels, n)
                                : kind.get() == "peak" ? follow_peak(c, channels, n)
                                                       : follow_power(c, channels, n);
            if (c == 0) gain.update(in.index() + n, last);
        }
    }
    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

    double limited(double level) const { return level * most_ > wanted_ ? wanted_ / level : most_; }

    double follow_power(std::size_t c, std::size_t step, std::size_t n) {
        const double weight = rate;
        double power = levels_[c], g = 0;
        for (std::size_t i = c; i < n * step; i += step) {
            if (kernels::is_finite(in[std::ptrdiff_t(i)]))
                power = blocks::settled(weight * blocks::power(in[std::ptrdiff_t(i)]) + (1 - weight) * power);
            else
                ++not_finite_;
            g = limited(std::sqrt(power));
            out[std::ptrdiff_t(i)] = blocks::scaled(in[std::ptrdiff_t(i)], g);
        }
        levels_[c] = power;
        return g;
    }

    double follow_peak(std::size_t c, std::size_t step, std::size_t n) {
        const double attack = attack_, decay = decay_;
        double g = levels_[c];
        for (std::size_t i = c; i < n * step; i += step) {
            const T x = in[std::ptrdiff_t(i)];
            out[std::ptrdiff_t(i)] = blocks::scaled(x, g);
            if (!kernels::is_finite(x)) {
                ++not_finite_;
                continue;
            }
            const double excess = g * std::sqrt(blocks::power(x)) - wanted_;
            const double attacked = attack * excess,
                         decayed = decay * excess;  // one is right where it is above, one where below
            g = std::clamp(g - (attack > decay ? std::max(attacked, decayed) : std::min(attacked, decayed)), 0.0, most_);
        }
        levels_[c] = g;
        return g;
    }

    double look_ahead(std::size_t c, std::size_t step, std::size_t n) {
        const auto window = std::size_t(samples.get()), ahead = window - 1;
        const auto at = [&](std::size_t i) {
            return (std::ptrdiff_t(i) - std::ptrdiff_t(ahead)) * std::ptrdiff_t(step) + std::ptrdiff_t(c);
        };
        greatest_.resize(n + ahead);
        for (std::size_t i = 0; i < greatest_.size(); ++i) {
            const T x = in[at(i)];
            const bool good = kernels::is_finite(x);
            greatest_[i] = good ? blocks::power(x) : 0;
            if (!good && i >= ahead) ++not_finite_;
        }
        // greatest[i] becomes that of 2, 4, 8, … samples from i on.
        std::size_t reach = 1;
        for (; 2 * reach <= window; reach *= 2)
            for (std::size_t i = 0; i + reach < greatest_.size(); ++i)
                greatest_[i] = std::max(greatest_[i], greatest_[i + reach]);
        double g = 0;
        for (std::size_t i = 0; i < n; ++i) {
            g = limited(std::sqrt(std::max(greatest_[i], greatest_[i + window - reach])));
            out[std::ptrdiff_t(i * step + c)] = blocks::scaled(in[at(i)], g);
        }
        return g;
    }

    double wanted_ = 1, most_ = 1, attack_ = 0, decay_ = 0;
    std::vector<double> levels_;  // of the channels: power, or factor
    std::vector<double> greatest_;
    std::uint64_t not_finite_ = 0;
};

}  // namespace

void register_agc(Registry& r) {
    r.add<Agc>("agc", "Brings each channel to a level. Samples that are not finite are counted, and leave the factor as it is.",
               types<cf32, f32>, "{kind: rms, rate: 0.01}");
}

}  // namespace flowspan

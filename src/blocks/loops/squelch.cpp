#include <flowspan/flowspan.hpp>

#include "blocks/loops/level.hpp"
#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan {
namespace {

// p[n] = alpha |x[n]|^2 + (1 - alpha) p[n-1].  Open from p >= threshold on, until p has been below threshold - hysteresis for
// `tail`.
//
// Closed, it makes zeros, or nothing: then the first item of each opening says its place, and has the tag `squelch_open`.
// A sample that is not finite leaves p as it is.
template <class T>
struct Squelch final : Block {
    Parameter<double> threshold{*this,
                                "threshold",
                                {.unit = decibel,
                                 .min = -300.0,
                                 .max = 300.0,
                                 .when = Change::running,
                                 .help = "Mean power that opens it; 0 dB is |x| = 1."}};
    Parameter<double> hysteresis{*this,
                                 "hysteresis",
                                 {.unit = decibel,
                                  .initial = 3.0,
                                  .min = 0.0,
                                  .max = 300.0,
                                  .when = Change::running,
                                  .help = "How far below the threshold the power is that closes it."}};
    Parameter<double> tail{
        *this, "tail", {.unit = second, .initial = 0.0, .min = 0.0, .max = 1e6, .help = "How long it stays open behind that."}};
    Parameter<double> alpha{*this,
                            "alpha",
                            {.initial = 1e-3,
                             .min = 1e-9,
                             .max = 1.0,
                             .when = Change::running,
                             .help = "Weight of a new sample in the mean power."}};
    Parameter<std::string> mode{
        *this,
        "mode",
        {.initial = "zeros", .choices = {"zeros", "cut"}, .help = "What it makes while it is closed: zeros, or nothing."}};
    Input<T> in{*this, "in"};
    Output<T> out{*this, "out"};
    Reading<bool> open{*this, "open", {.help = "Whether it is open."}};

    bool cuts() const { return mode.get() == "cut"; }

    void describe() override {
        if (cuts()) {
            data_dependent();
            in.need(1, most);
            out.room(most);
        }
        tail_ = tail > 0 ? std::uint64_t(std::min(0x1p62, std::round(tail * in.sample_rate()))) : 0;
        memory(Memory::unbounded, "the mean power, and whether it is open");
        out.describe(in.description());
        cost(3);
    }
    void prepare() override {
        const double decade = kernels::log(10) / 10;
        weight_ = alpha;
        opens_ = kernels::exp(threshold * decade);
        closes_ = kernels::exp((threshold - hysteresis) * decade);
    }
    void restart() override {
        power_ = 0;
        left_ = 0;
        open_ = false;
    }
    void work(std::size_t n) override {
        std::size_t made = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const T x = in[std::ptrdiff_t(i)];
            const bool before = open_;
            look_at(x);
            if (open_ && !before) begin(made, i);
            if (open_ || !cuts()) out[std::ptrdiff_t(made++)] = open_ ? x : T();
        }
        if (n > 0) open.update(in.index() + n, open_);
        if (!cuts()) return;
        in.consume(n);
        out.produce(made);
    }
    Value results() const override { return Value::Map{{"opened", opened_}, {"not_finite", not_finite_}}; }

    void look_at(T x) {
        if (!kernels::is_finite(x)) {
            ++not_finite_;
            return;
        }
        power_ = blocks::settled(weight_ * blocks::power(x) + (1 - weight_) * power_);
        if (power_ >= opens_ || (open_ && power_ >= closes_)) {
            open_ = true;
            left_ = tail_;
        } else if (open_ && left_-- == 0) {
            open_ = false;
            left_ = 0;
        }
    }
    /// out[k] is the first item of an opening, in[i].
    void begin(std::size_t k, std::size_t i) {
        ++opened_;
        out.tag(k, "squelch_open", true);
        if (cuts()) out.at(k, in.index() + i, 0);
    }

    static constexpr std::size_t most = 4096;
    double weight_ = 1, opens_ = 0, closes_ = 0, power_ = 0;
    std::uint64_t tail_ = 0, left_ = 0, opened_ = 0, not_finite_ = 0;
    bool open_ = false;
};

}  // namespace

void register_squelch(Registry& r) {
    r.add<Squelch>(
        "squelch",
        "Lets samples pass while their mean power is above a threshold; makes zeros of the others, or cuts them out. "
        "Samples that are not finite are counted, and leave the power as it is.",
        types<cf32, f32>, "{threshold: -8 dB, alpha: 0.05, mode: cut}");
}

}  // namespace flowspan

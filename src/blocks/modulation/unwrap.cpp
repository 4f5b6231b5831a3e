#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace flowspan {
namespace {

// y[n] = x[n] + period k[n], with whole k[n] so that no step from one sample to the next is more than half a period; k = 0 at
// the beginning of a stretch. In 64 bits: what turns for days stays exact. Of each sample of an item; what is not finite
// passes.
struct Unwrap final : Block {
    Parameter<double> period{
        *this, "period", {.initial = kernels::two_pi, .min = 1e-30, .max = 1e30, .help = "What one turn is: 2 pi rad."}};
    Input<f32> in{*this, "in", {.items = any_shape}};
    Output<f64> out{*this, "out"};

    void describe() override {
        memory(Memory::unbounded, "the number of turns so far, of each sample of an item");
        StreamDescription d = in.description().as(SampleType::rf64);
        d.full_scale = in.description().full_scale;
        out.describe(d);
        holds(d.samples_per_item() * sizeof(State));
        cost(1.3 * double(d.samples_per_item()));
    }
    void prepare() override { states_.resize(in.description().samples_per_item()); }
    void restart() override { std::fill(states_.begin(), states_.end(), State()); }
    void work(std::size_t n) override {
        const std::size_t width = states_.size();
        for (std::size_t e = 0; e < width; ++e)
            for (std::size_t i = e; i < n * width; i += width) out.data()[i] = states_[e].next(double(in.data()[i]), period);
    }

private:
    struct State {
        double before = std::numeric_limits<double>::quiet_NaN();  // the last finite sample
        double turns = 0;                                          // a whole number

        double next(double x, double period) {
            if (!std::isfinite(x)) return x;
            const double step = (x - before) / period;
            if (std::abs(step) > 0.5) turns -= std::copysign(std::ceil(std::abs(step) - 0.5), step);
            before = x;
            return x + period * turns;
        }
    };
    std::vector<State> states_;
};

}  // namespace

void register_unwrap(Registry& r) {
    r.add<Unwrap>("unwrap", "Lets a phase go on where it jumps by a turn, of real samples; leaves 64-bit floats.");
}

}  // namespace flowspan

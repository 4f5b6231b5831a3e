#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"
#include "kernels/logarithm/logarithm.hpp"

namespace flowspan {
namespace {

// y[n] = scale log10 x[n]:  -infinity of 0, NaN of what is below
struct Log10 final : Block {
    Parameter<double> scale{
        *this,
        "scale",
        {.initial = 10.0, .when = Change::running, .help = "Factor: 10 makes decibels of powers, 20 of amplitudes."}};
    Input<f32> in{*this, "in", {.items = any_shape}};
    Output<f32> out{*this, "out"};

    void describe() override {
        StreamDescription d = in.description();
        d.full_scale.reset();
        d.unit = "dB";
        out.describe(d);
        cost(0.8 * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        kernels::scaled_log10(in.data(), scale, out.data(), n * in.description().samples_per_item());
        blocks::unify_nan(n, out);
    }
};

}  // namespace

void register_log10(Registry& r) { r.add<Log10>("log10", "Logarithm of real samples times a factor: decibels.", "scale: 10"); }

}  // namespace flowspan

#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/volk/volk.hpp"

#include <cmath>
#include <limits>

namespace flowspan {
namespace {

// y[n] = Re x[n], Im x[n], |x[n]| = sqrt(Re^2 + Im^2), |x[n]|^2 or arg x[n]
struct ComplexTo final : Block {
    static constexpr int revision = 2;
    Parameter<std::string> part{
        *this,
        "part",
        {.choices = {"real", "imag", "magnitude", "power", "phase"},
         .help = "What leaves of each sample: one of its two numbers, its magnitude, the square of that (power), or its phase "
                 "from -pi to pi rad."}};
    Input<cf32> in{*this, "in", {.items = any_shape}};
    Output<f32> out{*this, "out"};

    void describe() override {
        StreamDescription d = in.description().baseband();
        d.full_scale = in.description().full_scale;
        if (part.get() == "power") {
            if (d.full_scale) d.full_scale = *d.full_scale * *d.full_scale;
            if (!d.unit.empty()) d.unit += "^2";
        } else if (part.get() == "phase") {
            d.full_scale.reset();
            d.unit = "rad";
        }
        out.describe(d);
        cost((part.get() == "phase" ? 0.6 : 0.3) * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        if (part.get() == "real")
            blocks::each_sample(n, in, out, [](cf32 x) { return x.real(); });
        else if (part.get() == "imag")
            blocks::each_sample(n, in, out, [](cf32 x) { return x.imag(); });
        else if (part.get() != "phase")
            blocks::each_sample(n, in, out, blocks::power);
        else
            kernels::arguments(in.data(), out.data(), n * in.description().samples_per_item());
        if (part.get() == "magnitude") take_roots(n * in.description().samples_per_item());
        blocks::unify_nan(n, out);
    }
    /// Of powers, anew where a float does not hold them whole.
    void take_roots(std::size_t n) {
        f32* y = out.data();
        kernels::square_root(y, y, n);
        for (std::size_t i = 0; i < n; ++i)
            if (!(y[i] >= 0x1p-50F && y[i] <= std::numeric_limits<f32>::max()))
                y[i] = kernels::rounded(std::sqrt(std::norm(cf64(in.data()[i]))));
    }
};

}  // namespace

void register_complex_to(Registry& r) {
    r.add<ComplexTo>("complex_to", "Makes real samples of complex ones: a part, the magnitude, the power or the phase.",
                     "part: magnitude");
}

}  // namespace flowspan

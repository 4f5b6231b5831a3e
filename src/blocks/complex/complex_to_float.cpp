#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"

namespace flowspan {
namespace {

// re[n] = Re x[n], im[n] = Im x[n]
struct ComplexToFloat final : Block {
    Input<cf32> in{*this, "in", {.items = any_shape}};
    Output<f32> re{*this, "re", {.optional = true}}, im{*this, "im", {.optional = true}};

    void describe() override {
        StreamDescription d = in.description().baseband();
        d.full_scale = in.description().full_scale;
        re.describe(d);
        im.describe(d);
        cost(0.3 * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        if (re && im) {
            n *= in.description().samples_per_item();
            const cf32* x = in.data();
            f32 *real = re.data(), *imaginary = im.data();
            for (std::size_t i = 0; i < n; ++i) real[i] = x[i].real(), imaginary[i] = x[i].imag();
        } else if (re) {
            blocks::each_sample(n, in, re, [](cf32 x) { return x.real(); });
        } else if (im) {
            blocks::each_sample(n, in, im, [](cf32 x) { return x.imag(); });
        }
    }
};

}  // namespace

void register_complex_to_float(Registry& r) {
    r.add<ComplexToFloat>("complex_to_float", "Gives the real and the imaginary part of complex samples a stream each.");
}

}  // namespace flowspan

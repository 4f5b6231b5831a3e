#include <flowspan/flowspan.hpp>

#include "blocks/alike.hpp"
#include "kernels/volk/volk.hpp"

namespace flowspan {
namespace {

// y[n] = re[n] + j im[n]
struct FloatToComplex final : Block {
    Input<f32> re{*this, "re", {.items = any_shape}}, im{*this, "im", {.items = any_shape}};
    Output<cf32> out{*this, "out"};

    void describe() override {
        const StreamDescription &a = re.description(), &b = im.description();
        if (a.shape != b.shape)
            refuse("inputs of equal items", items_text(a.shape) + " on `re` and " + items_text(b.shape) + " on `im`");
        if (const auto other = blocks::other_values(re, im)) wrong(other->expected, other->got, other->hint);
        StreamDescription d = a.as(SampleType::cf32);
        d.full_scale = a.full_scale;
        out.describe(d);
        cost(0.3 * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        kernels::interleave(re.data(), im.data(), out.data(), n * out.description().samples_per_item());
    }
};

}  // namespace

void register_float_to_complex(Registry& r) {
    r.add<FloatToComplex>("float_to_complex", "Makes complex samples of two real streams: the real and the imaginary part.");
}

}  // namespace flowspan

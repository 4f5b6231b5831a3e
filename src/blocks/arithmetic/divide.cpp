#include <flowspan/flowspan.hpp>

#include "blocks/arithmetic/product.hpp"
#include "blocks/each_sample.hpp"

namespace flowspan {
namespace {

f32 quotient(f32 a, f32 b) { return a / b; }

/// a b* / |b|^2, in double precision, whose range no square of floats leaves.
cf32 quotient(cf32 a, cf32 b) {
    const double ar = a.real(), ai = a.imag(), br = b.real(), bi = b.imag(), power = br * br + bi * bi;
    return {f32((ar * br + ai * bi) / power), f32((ai * br - ar * bi) / power)};
}

// y[n] = x0[n] / x1[n] / …, in this order
template <class T>
struct Divide final : Block {
    Parameter<int> inputs{
        *this,
        "inputs",
        {.initial = 2, .min = 1, .max = 4096, .help = "How many streams: the first is divided by the others."}};
    Inputs<T> in{*this, "in", inputs, {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        out.describe(blocks::of_product(in, blocks::Factor::divided));
        cost((std::is_same_v<T, cf32> ? 3.0 : 0.5) * in.size() * double(in[0].description().samples_per_item()));
    }
    void work(std::size_t n) override {
        blocks::fold_samples(n, in, out, [](T a, T b) { return quotient(a, b); });
    }
};

}  // namespace

void register_divide(Registry& r) {
    r.add<Divide>("divide", "Divides a stream by others sample by sample, in items of any shape.", types<cf32, f32>,
                  "inputs: 2");
}

}  // namespace flowspan

#include <flowspan/flowspan.hpp>

#include "blocks/arithmetic/product.hpp"
#include "blocks/each_sample.hpp"
#include "kernels/volk/volk.hpp"

namespace flowspan {
namespace {

/// a b* / |b|^2, in double precision, whose range no square of floats leaves.
cf32 quotient(cf32 a, cf32 b) {
    const double ar = a.real(), ai = a.imag(), br = b.real(), bi = b.imag(), power = br * br + bi * bi;
    return {f32((ar * br + ai * bi) / power), f32((ai * br - ar * bi) / power)};
}

void divide_all(const cf32* a, const cf32* b, cf32* y, std::size_t samples) {
    for (std::size_t i = 0; i < samples; ++i) y[i] = quotient(a[i], b[i]);
}
void divide_all(const f32* a, const f32* b, f32* y, std::size_t samples) { kernels::divide(a, b, y, samples); }

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
        blocks::fold_samples(n, in, out,
                             [](const T* a, const T* b, T* y, std::size_t samples) { divide_all(a, b, y, samples); });
    }
};

}  // namespace

void register_divide(Registry& r) {
    r.add<Divide>("divide", "Divides a stream by others sample by sample, in items of any shape.", types<cf32, f32>,
                  "inputs: 2");
}

}  // namespace flowspan

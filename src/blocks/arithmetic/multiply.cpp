#include <flowspan/flowspan.hpp>

#include "blocks/arithmetic/product.hpp"
#include "blocks/each_sample.hpp"
#include "kernels/volk/volk.hpp"

namespace flowspan {
namespace {

// y[n] = x0[n] x1[n] …, in this order; with `conjugate` y[n] = x0[n] x1*[n]
template <class T>
struct Multiply final : Block {
    Parameter<int> inputs{*this, "inputs", {.initial = 2, .min = 1, .max = 4096, .help = "How many streams are multiplied."}};
    Parameter<bool> conjugate{
        *this, "conjugate", {.initial = false, .help = "Multiplies by the conjugate of the second of two complex streams."}};
    Inputs<T> in{*this, "in", inputs, {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        if (conjugate && !std::is_same_v<T, cf32>) conjugate.wrong("false for real samples");
        if (conjugate && inputs != 2) inputs.wrong("2 where one is conjugated");
        out.describe(blocks::of_product(in, conjugate ? blocks::Factor::conjugated : blocks::Factor::multiplied));
        cost(0.3 * in.size() * double(in[0].description().samples_per_item()));
    }
    void work(std::size_t n) override {
        if constexpr (std::is_same_v<T, cf32>) {
            if (conjugate) return blocks::fold_samples(n, in, out, multiply_conjugate);
        }
        blocks::fold_samples(n, in, out,
                             [](const T* a, const T* b, T* y, std::size_t samples) { kernels::multiply(a, b, y, samples); });
    }

private:
    static void multiply_conjugate(const cf32* a, const cf32* b, cf32* y, std::size_t samples) {
        for (std::size_t i = 0; i < samples; ++i)
            y[i] = {a[i].real() * b[i].real() + a[i].imag() * b[i].imag(),
                    a[i].imag() * b[i].real() - a[i].real() * b[i].imag()};
    }
};

}  // namespace

void register_multiply(Registry& r) {
    r.add<Multiply>("multiply",
                    "Multiplies streams sample by sample, in items of any shape; or by the conjugate of the second.",
                    types<cf32, f32>, "inputs: 2");
}

}  // namespace flowspan

#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"

namespace flowspan {
namespace {

// y[n] = x[n] + constant
template <class T>
struct AddConst final : Block {
    Parameter<double> constant{*this, "constant", {.when = Change::running, .help = "What is added (its real part)."}};
    Parameter<double> imaginary{
        *this,
        "imaginary",
        {.initial = 0.0, .when = Change::running, .help = "Imaginary part of what is added; complex samples only."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        if (!is_complex_sample && imaginary.get() != 0) imaginary.wrong("0 for real samples");
        out.describe(in.description());
        cost(0.15 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        T added;
        if constexpr (is_complex_sample)
            added = {f32(constant.get()), f32(imaginary.get())};
        else
            added = f32(constant.get());
        blocks::each_sample(n, in, out, [added](T x) { return x + added; });
    }
    static constexpr bool is_complex_sample = std::is_same_v<T, cf32>;
};

}  // namespace

void register_add_const(Registry& r) {
    r.add<AddConst>("add_const", "Adds a constant to every sample, in items of any shape.", types<cf32, f32>, "constant: -0.5");
}

}  // namespace flowspan

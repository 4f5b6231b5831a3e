#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"

namespace flowspan {
namespace {

// y[n] = x[n] + constant
template <class T>
struct AddConst final : Block {
    Parameter<std::complex<double>> constant{
        *this, "constant", {.when = Change::running, .help = "What is added, as 2 or 0.5-1j; real to real samples."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        if (!is_complex_sample && constant->imag() != 0) constant.wrong("a real number for real samples");
        out.describe(in.description());
        cost(0.15 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        T added;
        if constexpr (is_complex_sample)
            added = {f32(constant->real()), f32(constant->imag())};
        else
            added = f32(constant->real());
        blocks::each_sample(n, in, out, [added](T x) { return x + added; });
    }
    static constexpr bool is_complex_sample = std::is_same_v<T, cf32>;
};

}  // namespace

void register_add_const(Registry& r) {
    r.add<AddConst>("add_const", "Adds a constant to every sample, in items of any shape.", types<cf32, f32>, "constant: -0.5");
}

}  // namespace flowspan

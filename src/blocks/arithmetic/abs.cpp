#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"

#include <cmath>

namespace flowspan {
namespace {

// y[n] = |x[n]|
struct Abs final : Block {
    Input<f32> in{*this, "in", {.items = any_shape}};
    Output<f32> out{*this, "out"};

    void describe() override {
        out.describe(in.description());
        cost(0.1 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        blocks::each_sample(n, in, out, [](f32 x) { return std::abs(x); });
    }
};

}  // namespace

void register_abs(Registry& r) { r.add<Abs>("abs", "Magnitude of real samples (of complex ones: complex_to)."); }

}  // namespace flowspan

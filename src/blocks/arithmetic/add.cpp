#include <flowspan/flowspan.hpp>

#include "core/quantity.hpp"

#include <algorithm>

namespace flowspan {
namespace {

cf32 sum(cf32 a, cf32 b) { return a + b; }
f32 sum(f32 a, f32 b) { return a + b; }
ci16 sum(ci16 a, ci16 b) {
    const auto saturated = [](int v) { return i16(std::clamp(v, -32768, 32767)); };
    return {saturated(a.re + b.re), saturated(a.im + b.im)};
}

// y[n] = x0[n] + x1[n] + …, added in this order
template <class T>
struct Add final : Block {
    Parameter<int> inputs{*this, "inputs", {.initial = 2, .min = 1, .max = 4096, .help = "How many streams are added."}};
    Inputs<T> in{*this, "in", inputs, {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        StreamDescription d = in[0].description();
        for (int k = 1; k < in.size(); ++k) {
            const auto& other = in[k].description();
            if (other.center_frequency && d.center_frequency && *other.center_frequency != *d.center_frequency) {
                refuse("inputs of one centre frequency",
                       format_quantity(*other.center_frequency, hertz) + " at in[" + std::to_string(k) + "] and " +
                           format_quantity(*d.center_frequency, hertz) + " before it",
                       "frequency_translate moves a stream to another one");
            }
            if (!d.center_frequency) d.center_frequency = other.center_frequency;
        }
        out.describe(d);
        cost(0.1 * in.size() * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        T* y = out.data();
        n *= out.description().samples_per_item();
        std::copy_n(in[0].data(), n, y);
        for (int k = 1; k < in.size(); ++k) {
            const T* x = in[k].data();
            for (std::size_t i = 0; i < n; ++i) y[i] = sum(y[i], x[i]);
        }
    }
};

}  // namespace

void register_add(Registry& r) {
    r.add<Add>("add", "Adds streams, sample by sample, of items of any shape; 16-bit integers saturate.",
               types<cf32, f32, ci16>, "inputs: 2");
}

}  // namespace flowspan

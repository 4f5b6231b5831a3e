#include <flowspan/flowspan.hpp>

#include "blocks/each_sample.hpp"

namespace flowspan {
namespace {

// y[n] = x*[n]: the spectrum is mirrored at 0 Hz
struct Conjugate final : Block {
    Input<cf32> in{*this, "in", {.items = any_shape}};
    Output<cf32> out{*this, "out"};

    void describe() override {
        out.describe(in.description());
        cost(0.2 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        blocks::each_sample(n, in, out, [](cf32 x) { return cf32(x.real(), -x.imag()); });
    }
};

}  // namespace

void register_conjugate(Registry& r) {
    r.add<Conjugate>("conjugate", "Conjugates complex samples: mirrors the spectrum at its centre.");
}

}  // namespace flowspan

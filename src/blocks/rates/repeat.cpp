#include <flowspan/flowspan.hpp>

#include "blocks/streams/strided.hpp"

namespace flowspan {
namespace {

// y[m] = x[floor(m / n)]
struct Repeat final : Block {
    Parameter<int> n{*this, "n", {.min = 1, .max = 1 << 20, .help = "How often each item leaves."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        ratio({.interpolation = std::uint64_t(n.get())});
        out.describe(in.description());
        cost(0.5 * n * double(in.description().samples_per_item()));
    }
    void work(std::size_t items) override {
        const auto period = std::size_t(n.get());
        blocks::deal_in(items, out.in_stretch(), period, out.item(), out.description().item_size(),
                        [&](std::size_t, std::size_t item) { return in.item(std::ptrdiff_t(item)); });
    }
};

}  // namespace

void register_repeat(Registry& r) { r.add<Repeat>("repeat", "Repeats every item, of any type.", "n: 3"); }

}  // namespace flowspan

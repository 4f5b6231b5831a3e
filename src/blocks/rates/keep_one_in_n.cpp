#include <flowspan/flowspan.hpp>

#include "blocks/streams/strided.hpp"

namespace flowspan {
namespace {

// y[m] = x[m n]: nothing keeps what was above half the new rate from folding (a decimating filter does).
struct KeepOneInN final : Block {
    Parameter<int> n{*this, "n", {.min = 1, .max = 1 << 30, .help = "One in so many items stays."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        ratio({.decimation = std::uint64_t(n.get())});
        out.describe(in.description());
        cost(0.3 / n);
    }
    void work(std::size_t items) override {
        const std::size_t bytes = in.description().item_size();
        blocks::copy_strided(in.item(), std::size_t(n.get()) * bytes, out.item(), bytes, bytes, items);
    }
};

}  // namespace

void register_keep_one_in_n(Registry& r) {
    r.add<KeepOneInN>("keep_one_in_n", "Keeps the first item in so many, without a filter.", "n: 10");
}

}  // namespace flowspan

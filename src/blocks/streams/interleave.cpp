#include <flowspan/flowspan.hpp>

#include "blocks/alike.hpp"
#include "blocks/streams/strided.hpp"

namespace flowspan {
namespace {

// y[inputs m + k] = x_k[m]
struct Interleave final : Block {
    Parameter<int> inputs{*this, "inputs", {.initial = 2, .min = 1, .max = 4096, .help = "How many streams take turns."}};
    Inputs<Any> in{*this, "in", inputs};
    Output<Any> out{*this, "out"};

    void describe() override {
        StreamDescription d = in[0].description();
        for (int k = 1; k < in.size(); ++k)
            if (const auto other = blocks::other_values(in[0], in[k])) wrong(other->expected, other->got, other->hint);
        if (const auto other = blocks::common_centre(in, d.center_frequency)) refuse(other->expected, other->got, other->hint);
        ratio({.interpolation = std::uint64_t(in.size())});
        out.describe(d);
        cost(0.3 * in.size() * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        blocks::deal_in(n, out.in_stretch(), std::size_t(in.size()), out.item(), out.description().item_size(),
                        [&](std::size_t k, std::size_t item) { return in[int(k)].item(std::ptrdiff_t(item)); });
    }
};

}  // namespace

void register_interleave(Registry& r) {
    r.add<Interleave>("interleave",
                      "Puts items of streams one after the other in turn, into one stream of as many times their rate.",
                      "inputs: 2");
}

}  // namespace flowspan

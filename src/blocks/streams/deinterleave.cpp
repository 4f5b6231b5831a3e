#include <flowspan/flowspan.hpp>

#include "blocks/streams/strided.hpp"

namespace flowspan {
namespace {

// y_k[m] = x[outputs m + k], for whole turns. All outputs have the time of the first item of a turn.
struct Deinterleave final : Block {
    Parameter<int> outputs{*this, "outputs", {.min = 1, .max = 4096, .help = "How many streams: items go to them in turn."}};
    Input<Any> in{*this, "in"};
    Outputs<Any> out{*this, "out", outputs};

    void describe() override {
        const auto turn = std::uint64_t(outputs.get());
        ratio({.decimation = turn, .window = turn});
        for (int k = 0; k < outputs; ++k) out[k].describe(in.description());
        cost(0.3 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        const std::size_t bytes = in.description().item_size(), turn = bytes * std::size_t(outputs.get());
        for (int k = 0; k < outputs; ++k)
            if (out[k]) blocks::copy_strided(in.item(k), turn, out[k].item(), bytes, bytes, n);
    }
};

}  // namespace

void register_deinterleave(Registry& r) {
    r.add<Deinterleave>("deinterleave", "Gives the items of a stream to several streams in turn, each of a part of its rate.",
                        "outputs: 2");
}

}  // namespace flowspan

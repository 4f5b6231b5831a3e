#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

struct Skip final : Block {
    Parameter<std::int64_t> length{*this, "length", {.unit = sample, .min = 0, .help = "How many items are left out."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        in.skip(std::uint64_t(length.get()));
        out.describe(in.description());
        cost(0.1);
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(), to.size());
    }
};

}  // namespace

void register_skip(Registry& r) {
    r.add<Skip>("skip", "Leaves out the first items of a stream; what follows is numbered from 0 and keeps its time.",
                "length: 1000");
}

}  // namespace flowspan

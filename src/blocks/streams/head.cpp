#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

struct Head final : Block {
    Parameter<std::int64_t> length{*this, "length", {.unit = sample, .min = 0, .help = "How many items pass."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        out.describe(in.description());
        total(std::uint64_t(length.get()));
        cost(0.1);
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(), to.size());
    }
};

}  // namespace

void register_head(Registry& r) {
    r.add<Head>("head", "Passes the first items of a stream and ends; what makes them is cancelled.", "length: 1000");
}

}  // namespace flowspan

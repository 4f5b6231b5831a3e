#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

struct Copy final : Block {
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        out.describe(in.description());
        cost(0.1);
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(), to.size());
    }
};

}  // namespace

void register_copy(Registry& r) { r.add<Copy>("copy", "Passes items of any type on unchanged."); }

}  // namespace flowspan

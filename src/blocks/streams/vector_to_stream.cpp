#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

// y[m size + k] = x[m][k]: the positions of the items' first axis become successive items.
struct VectorToStream final : Block {
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    std::size_t positions() const { return in.description().shape.empty() ? 1 : in.description().shape[0].size; }

    void describe() override {
        StreamDescription d = in.description();
        if (!d.shape.empty()) {
            if (d.shape[0].unit == "Hz") d.center_frequency.reset();  // what were frequencies are times now
            d.shape.erase(d.shape.begin());
        }
        ratio({.interpolation = positions()});
        out.describe(d);
        cost(0.15 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item() + out.in_stretch() % positions() * out.description().item_size(), to.size());
    }
};

}  // namespace

void register_vector_to_stream(Registry& r) {
    r.add<VectorToStream>("vector_to_stream", "Takes items apart along their first axis, into successive ones.");
}

}  // namespace flowspan

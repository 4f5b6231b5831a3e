#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

// y[m][k] = x[m size + k]: successive items become the positions of a new first axis.
struct StreamToVector final : Block {
    Parameter<int> size{*this, "size", {.min = 1, .max = 1 << 24, .help = "How many items make one."}};
    Parameter<std::string> axis{
        *this, "axis", {.initial = "time", .help = "Name of the new axis, the first one of what leaves."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        StreamDescription d = in.description();
        if (axis->empty()) axis.wrong("a name");
        for (const Axis& one : d.shape)
            if (one.name == axis.get()) axis.wrong("a name that no axis of " + items_text(d.shape) + " has");
        const auto n = std::size_t(size.get());
        d.shape.insert(
            d.shape.begin(),
            {.name = axis, .unit = d.sample_rate ? "s" : "", .size = n, .step = d.sample_rate ? 1 / d.rate_hz() : 1});
        ratio({.decimation = n, .window = n});
        out.describe(d);
        cost(0.15 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(), to.size());
    }
};

}  // namespace

void register_stream_to_vector(Registry& r) {
    r.add<StreamToVector>("stream_to_vector", "Joins successive items into one with a new first axis.", "size: 16");
}

}  // namespace flowspan

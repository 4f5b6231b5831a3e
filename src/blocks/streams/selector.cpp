#include <flowspan/flowspan.hpp>

#include "blocks/alike.hpp"

#include <cstring>

namespace flowspan {
namespace {

// y[n] = x_selected[n]: all inputs move on together, one of them passes.
struct Selector final : Block {
    Parameter<int> inputs{*this, "inputs", {.initial = 2, .min = 1, .max = 4096, .help = "How many streams there are."}};
    Parameter<int> selected{
        *this, "selected", {.initial = 0, .min = 0, .max = 4095, .when = Change::running, .help = "Which one passes, from 0."}};
    Inputs<Any> in{*this, "in", inputs};
    Output<Any> out{*this, "out"};

    void describe() override {
        if (selected >= inputs) selected.refuse("an input from 0 to " + std::to_string(inputs - 1));
        for (int k = 1; k < in.size(); ++k)
            if (const auto other = blocks::other_values(in[0], in[k])) wrong(other->expected, other->got, other->hint);
        StreamDescription d = in[0].description();
        d.center_frequency = in[selected].description().center_frequency;
        out.describe(d);
        cost(0.1);
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in[selected].item(), to.size());
    }
};

}  // namespace

void register_selector(Registry& r) {
    r.add<Selector>("selector",
                    "Passes one of several streams, which one may change while it runs; the others are taken and dropped.",
                    "{inputs: 2, selected: 1}");
}

}  // namespace flowspan

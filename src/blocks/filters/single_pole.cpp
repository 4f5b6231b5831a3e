#include <flowspan/flowspan.hpp>

#include "blocks/filters/design/response.hpp"
#include "blocks/filters/recursive.hpp"

namespace flowspan {
namespace {

// y[n] = alpha x[n] + (1 - alpha) y[n-1]
template <class T>
struct SinglePole final : Block, blocks::Filter {
    using Filtering = blocks::Recursive<T, kernels::SinglePole<T>>;
    Parameter<double> alpha{*this,
                            "alpha",
                            {.min = 1e-9,
                             .max = 1.0,
                             .when = Change::running,
                             .help = "Weight of a new sample; after 1 / alpha samples a step is made up for but for 1 / e."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    void describe() override {
        memory(Memory::unbounded, "the last output");
        out.describe(in.description());
        holds(Filtering::bytes(in, 1));
        cost(1.8 * double(in.description().samples_per_item()));
    }
    void prepare() override { filter_.set(kernels::SinglePole<T>(alpha), in.description().samples_per_item()); }
    void restart() override { filter_.restart(); }
    void work(std::size_t n) override { filter_(in, out, n); }
    Value results() const override { return filter_.results(); }
    blocks::Response response() const override {
        return blocks::Response::of(std::vector<kernels::Section>{{alpha, 0, 0, 1, alpha - 1, 0}});
    }

    Filtering filter_;
};

}  // namespace

void register_single_pole(Registry& r) {
    r.add<SinglePole>("single_pole",
                      "Smooths each channel with a recursive filter of one pole. Samples that are not finite are counted, and "
                      "are 0 to the filter.",
                      types<cf32, f32>, "alpha: 0.01");
}

}  // namespace flowspan

#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <vector>

namespace flowspan {
namespace {

// y[n] = 1 where x[n] >= (y[n-1] is 1 ? low : high), else 0; of each sample of an item. 0 where x[n] is NaN.
struct Threshold final : Block {
    Parameter<double> high{*this, "high", {.when = Change::running, .help = "From here on it is 1."}};
    Parameter<double> low{*this,
                          "low",
                          {.optional = true,
                           .when = Change::running,
                           .help = "What has become 1 stays so down to here (hysteresis); default: high."}};
    Input<f32> in{*this, "in", {.items = any_shape}};
    Output<f32> out{*this, "out"};

    void describe() override {
        if (lower() > high) low.refuse("at most high", high.get());
        StreamDescription d = in.description();
        d.full_scale.reset();
        d.unit.clear();
        out.describe(d);
        if (lower() < high) memory(Memory::unbounded, "whether the level was above, of each sample of an item");
        holds(in.description().samples_per_item());
        cost(0.7 * double(d.samples_per_item()));
    }
    void prepare() override { above_.resize(in.description().samples_per_item()); }
    void restart() override { std::fill(above_.begin(), above_.end(), false); }
    void work(std::size_t n) override {
        const std::size_t width = above_.size();
        const auto up = f32(high.get()), down = f32(lower());
        const f32* x = in.data();
        f32* y = out.data();
        for (std::size_t e = 0; e < width; ++e) {
            bool above = above_[e] != 0;
            for (std::size_t i = e; i < n * width; i += width) {
                above = x[i] >= (above ? down : up);
                y[i] = above ? 1.0F : 0.0F;
            }
            above_[e] = above ? 1 : 0;
        }
    }
    double lower() const { return low.given() ? low.get() : high.get(); }

    std::vector<u8> above_;
};

}  // namespace

void register_threshold(Registry& r) {
    r.add<Threshold>("threshold", "1 where real samples are high, else 0; with hysteresis where `low` is given.",
                     "{low: 0.4, high: 0.5}");
}

}  // namespace flowspan

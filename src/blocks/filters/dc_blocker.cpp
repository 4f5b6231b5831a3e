#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/response.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/shapes.hpp"
#include "kernels/overlap_save/overlap_save.hpp"

namespace flowspan {
namespace {

// y[n] = x[n - d] - mean[n],  mean: 2 or 4 moving averages of L samples, one behind the other, d = (L - 1) or 2 (L - 1) their
// delay (R. Yates and R. Lyons, DC Blocker Algorithms, IEEE Signal Processing Magazine, March 2008)
//
// As one finite filter of linear phase: it forgets, and knows no drift.
template <class T>
struct DcBlocker final : Block, blocks::Filter {
    static constexpr int revision = 2;
    Parameter<int> length{*this,
                          "length",
                          {.unit = sample,
                           .initial = 32,
                           .min = 2,
                           .max = 1 << 18,
                           .help = "L, of each moving average. What is further than about rate / L from 0 Hz passes."}};
    Parameter<bool> long_form{
        *this, "long_form", {.initial = true, .help = "Four averages (a flatter pass band) instead of two."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    int averages() const { return long_form ? 4 : 2; }
    std::size_t delay() const { return std::size_t(averages()) * std::size_t(length - 1) / 2; }
    std::size_t count() const { return 2 * delay() + 1; }
    bool fast() const { return count() > 128; }

    void describe() override {
        Ratio r{.delay = Rational(std::int64_t(delay()))};
        if (fast()) r.grid = kernels::OverlapSave<T>::block_for(count(), 1);
        ratio(r);
        in.history(fast() ? count() - 1 : kernels::Fir<T>::history_for(count()));
        out.describe(in.description());
        holds(channels_.bytes(in.description(), in.history()));
        cost((fast() ? 3.0 : 0.1 + 0.025 * double(count())) * double(in.description().samples_per_item()));
    }
    void prepare() override {
        if (fast())
            fast_filter_ = kernels::OverlapSave<T>(taps());
        else
            filter_ = kernels::Fir<T>(taps());
    }
    void work(std::size_t n) override {
        const std::size_t block = fast() ? fast_filter_.block() : 1, read = (n + block - 1) / block * block;
        channels_(in, in.history(), read, out, n, [&](std::size_t, const T* x, T* y) {
            if (fast())
                fast_filter_(x, y, n);
            else
                filter_(x, y, n);
        });
    }
    blocks::Response response() const override { return blocks::Response::of(taps()); }

    std::vector<double> taps() const {
        auto h = kernels::design_cic(std::size_t(length.get()), averages());
        for (double& tap : h) tap = -tap;
        h[delay()] += 1;
        return h;
    }

    kernels::Fir<T> filter_;
    kernels::OverlapSave<T> fast_filter_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_dc_blocker(Registry& r) {
    r.add<DcBlocker>("dc_blocker", "Takes what is at 0 Hz out of each channel, with linear phase.", types<cf32, f32>,
                     "length: 32");
}

}  // namespace flowspan

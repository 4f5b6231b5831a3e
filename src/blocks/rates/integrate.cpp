#include <flowspan/flowspan.hpp>

#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <vector>

namespace flowspan {
namespace {

// y[m] = x[m n] + … + x[m n + n - 1], of each sample of an item; it has the time of the first of them
//
// In double precision, in eight sums: item k of a frame goes to sum k mod 8. So the order depends on its place alone.
template <class T>
struct Integrate final : Block {
    Parameter<int> n{*this, "n", {.min = 1, .max = 1 << 24, .help = "How many items make a sum."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<T> out{*this, "out"};

    std::size_t numbers() const { return in.description().samples_per_item() * sizeof(T) / sizeof(f32); }

    void describe() override {
        const auto frame = std::uint64_t(n.get());
        ratio({.decimation = frame, .window = frame});
        StreamDescription d = in.description();
        if (d.full_scale) d.full_scale = *d.full_scale * n;
        out.describe(d);
        holds(sums * numbers() * sizeof(double));
        cost(0.8 * double(d.samples_per_item()));
    }
    void work(std::size_t items) override {
        const std::size_t width = numbers(), frame = width * std::size_t(n.get());
        const auto* x = reinterpret_cast<const f32*>(in.data());
        auto* y = reinterpret_cast<f32*>(out.data());
        for (std::size_t m = 0; m < items; ++m) add_up(x + m * frame, frame, width, y + m * width);
    }

private:
    static constexpr std::size_t sums = 8;

    void add_up(const f32* x, std::size_t count, std::size_t width, f32* y) {
        const std::size_t lanes = sums * width;
        sum_.assign(lanes, 0.0);
        double* sum = sum_.data();
        std::size_t at = 0;
        for (; at + lanes <= count; at += lanes)
            for (std::size_t k = 0; k < lanes; ++k) sum[k] += double(x[at + k]);
        for (std::size_t k = 0; at + k < count; ++k) sum[k] += double(x[at + k]);
        for (std::size_t e = 0; e < width; ++e) {
            double all = 0;
            for (std::size_t k = e; k < lanes; k += width) all += sum[k];
            y[e] = kernels::rounded(all);
        }
    }

    std::vector<double> sum_;
};

}  // namespace

void register_integrate(Registry& r) {
    r.add<Integrate>("integrate",
                     "Sums of successive items, in items of any shape (their mean: moving_average and keep_one_in_n).",
                     types<cf32, f32>, "n: 10");
}

}  // namespace flowspan

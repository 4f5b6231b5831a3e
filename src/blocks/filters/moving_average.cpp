#include <flowspan/flowspan.hpp>

#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace flowspan {
namespace {

// y[k] = (x[k] + x[k-1] + … + x[k-n+1]) / n, of each sample of an item
//
// Frames of n items lie over the stretch. The window of an item is the end of one frame and the beginning of the next: its sum
// is one of the sums of all ends, which are made in one pass back over a frame, and one of all beginnings (van Herk, 1992; Gil
// and Werman, 1993). So an item costs three additions whatever n, in an order that depends on its place alone; nothing is
// subtracted, and what is not finite leaves with its window.
template <class T>
struct MovingAverage final : Block {
    Parameter<int> n{*this, "n", {.unit = sample, .min = 1, .max = 1 << 24, .help = "How many items a mean is of."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<T> out{*this, "out"};

    std::size_t numbers() const { return in.description().samples_per_item() * sizeof(T) / sizeof(f32); }

    void describe() override {
        in.history(std::size_t(n.get()) - 1);
        ratio({.delay = Rational(n - 1, 2)});
        out.describe(in.description());
        holds(std::uint64_t(n.get()) * numbers() * sizeof(double));
        cost(2.5 * double(in.description().samples_per_item()));
    }
    void restart() override { known_to_ = none; }
    void work(std::size_t items) override {
        if (numbers() == 1) return average(items, std::integral_constant<std::size_t, 1>());
        if (numbers() == 2) return average(items, std::integral_constant<std::size_t, 2>());
        average(items, numbers());
    }

private:
    static constexpr std::uint64_t none = UINT64_MAX;

    /// `width` numbers are an item; of one or two the compiler knows it.
    template <class Width>
    void average(std::size_t items, Width width) {
        const std::size_t frame = std::size_t(n.get());
        std::size_t place = std::size_t(in.in_stretch() % frame);
        if (in.index() != known_to_) begin_at(place);
        const auto* x = reinterpret_cast<const f32*>(in.data());
        auto* y = reinterpret_cast<f32*>(out.data());
        double* beginning = beginning_.data();
        for (std::size_t k = 0; k < items; ++k, x += width, y += width) {
            if (place == 0) std::fill_n(beginning, width, 0.0);
            const double* end = ends_.data() + place * width;  // of the frame before, from the item behind this place on
            for (std::size_t e = 0; e < width; ++e) {
                beginning[e] += double(x[e]);
                y[e] = kernels::rounded((end[e] + beginning[e]) / double(frame));
            }
            if (++place < frame) continue;
            sum_ends(x, 0, width);
            place = 0;
        }
        known_to_ = in.index() + items;
    }

    /// Where calls do not follow each other: the sums as they are before the item at this place of its frame.
    void begin_at(std::size_t place) {
        const std::size_t width = numbers(), frame = std::size_t(n.get());
        const auto* x = reinterpret_cast<const f32*>(in.data());
        ends_.assign(frame * width, 0.0);
        beginning_.assign(width, 0.0);
        for (const f32* p = x - place * width; p < x; p += width)
            for (std::size_t e = 0; e < width; ++e) beginning_[e] += double(p[e]);
        sum_ends(x - (place + 1) * width, place, width);
    }

    /// ends_[q] is the sum over places q + 1 to n - 1 of the frame whose last item is `last`, for q >= from.
    template <class Width>
    void sum_ends(const f32* last, std::size_t from, Width width) {
        const std::size_t frame = std::size_t(n.get());
        double* to = ends_.data();
        std::fill_n(to + (frame - 1) * width, width, 0.0);
        for (std::size_t q = frame - 1; q-- > from;) {
            const f32* x = last - (frame - 2 - q) * width;
            for (std::size_t e = 0; e < width; ++e) to[q * width + e] = to[(q + 1) * width + e] + double(x[e]);
        }
    }

    std::vector<double> beginning_, ends_;
    std::uint64_t known_to_ = none;  // the index that the next call goes on with
};

}  // namespace

void register_moving_average(Registry& r) {
    r.add<MovingAverage>("moving_average", "Mean of the last items, of each sample of items of any shape.", types<cf32, f32>,
                         "n: 16");
}

}  // namespace flowspan

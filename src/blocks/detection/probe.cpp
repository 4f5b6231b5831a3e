#include <flowspan/flowspan.hpp>

#include <chrono>
#include <cmath>
#include <limits>

namespace flowspan {
namespace {

// Of each frame of `every` items: rms = sqrt(mean |x|^2), peak = max |x|, over all samples of the items that are finite. The
// last frame may be shorter. Where none is finite there is neither.
template <class T>
struct Probe final : Block {
    Parameter<int> every{*this,
                         "every",
                         {.unit = sample,
                          .initial = 65536,
                          .min = 1,
                          .max = 1 << 20,
                          .help = "Items of one measurement, which is of all their samples."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<T> out{*this, "out", {.optional = true}};
    MessageOutput measurements{*this, "measurements"};
    Reading<double> rms{*this, "rms", {.help = "Root mean square of the last frame."}};
    Reading<double> peak{*this, "peak", {.help = "Greatest magnitude in the last frame."}};
    Reading<double> rate{*this, "rate", {.help = "Items per second that come by, on the clock on the wall."}};

    void describe() override {
        ratio({.grid = std::uint64_t(every.get())});
        out.describe(in.description());
        cost(0.5 * double(in.description().samples_per_item()));
    }
    void prepare() override { since_ = std::chrono::steady_clock::now(); }
    void work(std::size_t n) override {
        const auto size = std::size_t(every.get());
        for (std::size_t k = 0; k < n; k += size) measure(k, std::min(size, n - k));
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - since_;
        if (time.count() > 0) rate.update(in.index() + n, double(n) / time.count());
        since_ = std::chrono::steady_clock::now();
        if (out) std::copy_n(in.data(), n * in.description().samples_per_item(), out.data());
    }

    void measure(std::size_t from, std::size_t n) {
        const std::size_t samples = in.description().samples_per_item(), count = n * samples;
        const T* x = in.data() + from * samples;
        double greatest = 0, energy = kernels::energy(x, count);
        for (std::size_t k = 0; k < count; ++k) greatest = std::max(greatest, double(std::norm(x[k])));
        std::size_t bad = 0;
        if (!std::isfinite(energy) || !std::isfinite(greatest)) {
            energy = greatest = 0;
            for (std::size_t k = 0; k < count; ++k) {
                const double power = kernels::energy(x + k, 1);
                if (!std::isfinite(power)) {
                    ++bad;
                    continue;
                }
                greatest = std::max(greatest, power);
                energy += power;
            }
        }
        const double none = std::numeric_limits<double>::quiet_NaN();
        const double mean = bad == count ? none : std::sqrt(energy / double(count - bad)),
                     top = bad == count ? none : std::sqrt(greatest);
        const std::uint64_t index = in.index() + from;
        rms.update(index, mean);
        peak.update(index, top);
        not_finite_ += bad;
        if (!measurements) return;
        Value::Map measured = in.place(index, n);
        measured["rms"] = mean;
        measured["peak"] = top;
        if (bad > 0) measured["not_finite"] = bad;
        measurements.send(index, measured);
    }
    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

    std::chrono::steady_clock::time_point since_;
    std::uint64_t not_finite_ = 0;
};

}  // namespace

void register_probe(Registry& r) {
    r.add<Probe>("probe",
                 "Measures level and peak of a stream as it passes, for who watches. Counts samples that are not finite.",
                 types<cf32, f32>, "every: 10000");
}

}  // namespace flowspan

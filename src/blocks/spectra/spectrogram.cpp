#include <flowspan/flowspan.hpp>

#include "blocks/spectrum_axis.hpp"
#include "blocks/tone_scale.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/spectrum/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace flowspan {
namespace {

// P_m[k] = |sum over n < size of w[n] x[m hop + n] e^(-2 pi j k n / size)|^2 / (full scale x sum of w)^2, bins in ascending
// order of frequency: a complex tone of full scale has the power 1, 0 dBFS. A frame that is not finite is NaN in all bins.
template <class T>
struct Spectrogram final : Block {
    Parameter<int> size{
        *this, "size", {.unit = sample, .initial = 1024, .min = 1, .max = 1 << 22, .help = "Samples in a frame, and bins."}};
    Parameter<int> overlap{
        *this,
        "overlap",
        {.unit = sample, .min = 0, .optional = true, .help = "Samples that successive frames share; default: half of size."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "hann", .choices = kernels::window_names(), .help = "Window (periodic)."}};
    Parameter<std::string> scale{
        *this,
        "scale",
        {.initial = "power", .choices = {"power", "db"}, .help = "Powers (1: full scale), or levels in dBFS, at least -200."}};
    Input<T> in{*this, "in"};
    Output<f32> out{*this, "out"};

    std::size_t frame() const { return std::size_t(size.get()); }
    std::size_t hop() const { return frame() - std::size_t(overlap.given() ? overlap.get() : size.get() / 2); }

    void describe() override {
        if (overlap.given() && overlap >= size) overlap.refuse("fewer than size", double(size));
        ratio({.decimation = hop(), .window = frame()});
        memory(Memory::none);
        auto d = in.description().as(SampleType::rf32).with_shape({blocks::spectrum_axis(in.description(), frame())});
        d.full_scale.reset();
        d.unit = scale.get() == "db" ? "dBFS" : "";
        out.describe(d);
        holds(frame() * 28);
        cost((scale.get() == "db" ? 8 : 1.6) * double(frame()) / double(hop()));
    }
    void prepare() override {
        transform_ = kernels::Fft(frame());
        const auto w = kernels::window(window.get(), frame(), kernels::Symmetry::periodic);
        window_.assign(w.begin(), w.end());
        scale_ = blocks::tone_scale(w, in.description());
    }
    void work(std::size_t n) override {
        for (std::size_t m = 0; m < n; ++m) {
            kernels::apply_window(in.data() + m * hop(), window_.data(), transform_.in(), frame());
            transform_.run();
            write(out.data() + m * frame());
        }
    }

    void write(f32* item) {
        if (!kernels::holds_finite(transform_)) {
            ++not_finite_;
            std::fill_n(item, frame(), std::numeric_limits<f32>::quiet_NaN());
            return;
        }
        const bool decibels = scale.get() == "db";
        for (std::size_t b = 0; b < frame(); ++b) {
            const double power = double(std::norm(transform_.out()[b])) * scale_;
            item[kernels::ascending(b, frame())] = f32(decibels ? 10 * kernels::log10(std::max(power, 1e-20)) : power);
        }
    }
    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

    kernels::Fft transform_;
    std::vector<f32> window_;
    double scale_ = 1;
    std::uint64_t not_finite_ = 0;  // frames
};

}  // namespace

void register_spectrogram(Registry& r) {
    r.add<Spectrogram>(
        "spectrogram",
        "Powers of overlapping short transforms, in ascending order of frequency. Frames that are not finite are "
        "NaN, and counted.",
        types<cf32, f32>, "{size: 256, overlap: 192, scale: db}");
}

}  // namespace flowspan

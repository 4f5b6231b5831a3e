#include <flowspan/flowspan.hpp>

#include "blocks/registration.hpp"
#include "blocks/spectrum_axis.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <utility>

namespace flowspan {
namespace {

// Welch's estimate (IEEE Trans. Audio Electroacoust. 15, 1967): the mean over frames of |FFT(w x)|^2 / (fs sum of w^2).
//
// Two-sided, bins in ascending order of frequency, no detrending. One item is the mean of `average` frames, or, with 0, of all
// frames of a stretch. Powers are summed in double precision: frames into groups of 64, groups into the item, in order.
template <class T>
struct Psd final : Block {
    Parameter<int> size{
        *this, "size", {.unit = sample, .initial = 1024, .min = 1, .max = 1 << 22, .help = "Samples in a frame, and bins."}};
    Parameter<int> overlap{
        *this,
        "overlap",
        {.unit = sample, .min = 0, .optional = true, .help = "Samples that successive frames share; default: half of size."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "hann", .choices = kernels::window_names(), .help = "Window (periodic)."}};
    Parameter<std::int64_t> average{
        *this, "average", {.initial = 0, .min = 0, .max = 1e12, .help = "Frames in one item; 0: all, one item at the end."}};
    Input<T> in{*this, "in"};
    Output<f32> out{*this, "out"};

    std::size_t frame() const { return std::size_t(size.get()); }
    std::size_t hop() const { return frame() - std::size_t(overlap.given() ? overlap.get() : size.get() / 2); }
    /// Frames that one call takes: enough for little overhead, few enough for the cache.
    std::size_t frames_a_call() const { return std::max<std::size_t>(1, 8192 / frame()); }

    void describe() override {
        if (overlap.given() && overlap >= size) overlap.refuse("fewer than size", double(size));
        data_dependent();
        in.need(frames_a_call() * hop() + frame());
        out.room(1);
        memory(Memory::unbounded);
        auto d = in.description().as(SampleType::rf32).with_shape({blocks::spectrum_axis(in.description(), frame())});
        d.unit = d.sample_rate ? "1/Hz" : "";
        if (average == 0)
            d.sample_rate.reset();
        else if (d.sample_rate)
            d.sample_rate = *d.sample_rate / Rational(average) / Rational(std::int64_t(hop()));
        out.describe(d);
        holds(frame() * 36);
        cost(1.6 * double(frame()) / double(hop()));
    }

    void prepare() override {
        transform_ = kernels::Fft(frame());
        const auto w = kernels::window(window.get(), frame(), kernels::Symmetry::periodic);
        window_.assign(w.begin(), w.end());
        double energy = 0;
        for (double v : w) energy += v * v;
        scale_ = 1 / (energy * (in.description().sample_rate ? in.sample_rate() : 1.0));
        restart();
    }
    void restart() override {
        group_.assign(frame(), 0.0);
        sum_.assign(frame(), 0.0);
        frames_ = 0;
    }

    // More than the frames of one call is always left, so the last call of a stretch has fewer samples than asked for.
    void work(std::size_t n) override {
        const bool last = n < frames_a_call() * hop() + frame();
        const std::size_t there = n < frame() ? 0 : (n - frame()) / hop() + 1;
        const std::size_t wanted = average > 0 ? std::size_t(average) - frames_ : there;
        const std::size_t frames = std::min({there, wanted, last ? there : frames_a_call()});
        for (std::size_t m = 0; m < frames; ++m) add(in.data() + m * hop());
        const bool rest = last && frames == there;
        in.consume(rest ? n : frames * hop());
        const bool complete = average > 0 ? frames_ == std::uint64_t(average) : rest && frames_ > 0;
        out.produce(complete ? 1 : 0);
        if (complete) write();
    }

    void add(const T* x) {
        kernels::apply_window(x, window_.data(), transform_.in(), frame());
        transform_.run();
        kernels::add_power(transform_.out(), group_.data(), frame());
        if (++frames_ % 64 == 0) fold();
    }
    void fold() {
        for (std::size_t k = 0; k < frame(); ++k) sum_[k] += std::exchange(group_[k], 0.0);
    }
    void write() {
        fold();
        for (std::size_t k = 0; k < frame(); ++k)
            if (out) out[std::ptrdiff_t(kernels::ascending(k, frame()))] = f32(sum_[k] * scale_ / double(frames_));
        restart();
    }

    kernels::Fft transform_;
    std::vector<f32> window_;
    std::vector<double> group_, sum_;
    double scale_ = 1;
    std::uint64_t frames_ = 0;
};

}  // namespace

void register_psd(Registry& r) {
    r.add<Psd>("psd", "Power spectral density by Welch's method, in ascending order of frequency.", types<cf32, f32>,
               "{size: 1024, average: 100}");
}

}  // namespace flowspan

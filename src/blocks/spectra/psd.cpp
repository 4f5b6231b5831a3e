#include <flowspan/flowspan.hpp>

#include "blocks/spectra/power_sum.hpp"
#include "blocks/spectrum_axis.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <vector>

namespace flowspan {
namespace {

// Welch's estimate (IEEE Trans. Audio Electroacoust. 15, 1967): the mean over frames of |FFT(w x)|^2 / (fs sum of w^2).
//
// Two-sided, bins in ascending order of frequency, no detrending. One item is the mean of `average` frames, or, with 0, of all
// frames of a stretch. Frames that hold NaN or an infinity are left out of the mean; where that is all of them, it is NaN.
// Spectra of different parts of the band are not added: where the input is retuned within an item, frames that begin behind
// that are left out of it too; with `average: 0` those so far make an item, and the next one begins there.
// Powers are summed in double precision, in binary trees over the frame's index in its stretch (TreeSum): sums of parts join to
// the same bits.
template <class T>
struct Psd final : Block {
    static constexpr bool on_devices = true;
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
    /// Frames that one call takes: enough for little overhead, few enough for the cache. (On a device it takes more.)
    std::size_t frames_a_call() const { return std::max<std::size_t>(1, 16384 / frame()); }
    std::size_t items_a_call() const { return average > 0 ? frames_a_call() / std::size_t(average.get()) + 1 : 1; }
    /// Input items that an item stands for; all, where one stands for all.
    std::uint64_t span() const { return average > 0 ? std::uint64_t(average.get()) * hop() : input_items(); }
    std::uint64_t input_items() const {
        constexpr std::int64_t long_time = std::int64_t(1) << 32;
        return std::uint64_t(std::max<std::int64_t>(1, in.description().length.value_or(long_time)));
    }

    void describe() override {
        if (overlap.given() && overlap >= size) overlap.refuse("fewer than size", double(size));
        data_dependent();
        in.need(frame(), (frames_a_call() - 1) * hop() + frame());
        out.room(items_a_call());
        ratio({.decimation = span()});
        memory(average > 0 ? Memory::none : Memory::unbounded, average > 0 ? "" : "the sum of all frames");
        auto d = in.description().as(SampleType::rf32).with_shape({blocks::spectrum_axis(in.description(), frame())});
        d.unit = d.sample_rate ? "1/Hz" : "";
        if (average == 0) d.sample_rate.reset();
        out.describe(d);
        holds(frame() * (28 + 8 * (2 + std::bit_width(average > 0 ? std::uint64_t(average.get()) : span() / hop()) * 2)));
        cost(1.6 * double(frame()) / double(hop()));
        holds_on_device(kernels::DevicePsd<T>::memory_for(frame(), input_items() / hop()));
        if (!kernels::DevicePsd<T>::has_own(frame())) needs_device_transforms();
    }

    void prepare() override {
        const auto w = kernels::window(window.get(), frame(), kernels::Symmetry::periodic);
        double energy = 0;
        for (double v : w) energy += v * v;
        scale_ = 1 / (energy * (in.description().sample_rate ? in.sample_rate() : 1.0));
        if (sum_ != nullptr) return;
        std::vector<f32> window(w.begin(), w.end());
        if (queue() != nullptr)
            sum_ = std::make_unique<blocks::PowerSumOnDevice<T>>(*queue(), window);
        else
            sum_ = std::make_unique<blocks::PowerSumOnHost<T>>(std::move(window));
    }
    void restart() override {
        divided_ = false;
        clear();
    }
    void retuned() override { complete_ = sum_->frames() > 0; }
    Step finish() override { return sum_->count(); }
    Step seam() override { return sum_->count(); }

    void work(std::size_t n) override {
        if (complete_ && average == 0) {
            write(0);
            divided_ = true;
            if (n < frame()) left_over(n);
            in.consume(n < frame() ? n : 0);
            return out.produce(1);
        }
        if (n < frame()) {  // the stretch ends
            const bool last = average == 0 && sum_->frames() > 0;
            if (last) write(0), out.produce(1);
            left_over(n);
            return in.consume(n);
        }
        const std::size_t there = (n - frame()) / hop() + 1;
        std::size_t taken = 0, items = 0;
        while (taken < there) {
            const std::size_t first = taken * hop();
            begin_sum(in.data() + first);
            const std::size_t frames = add(in.data() + first, there - taken);
            taken += frames;
            last_ends_ = in.index() + first + (frames - 1) * hop() + frame();
            if (average > 0 && sum_->frames() == std::uint64_t(average.get())) write(items++);
        }
        in.consume(taken * hop());
        out.produce(items);
    }

    /// Of this frame, if it is the first of a sum; here: a segment begins with a later one of its stretch.
    void begin_sum(const T* x) {
        if (sum_->frames() > 0) return;
        sum_->begin(frame_index(x));
        begun_ = in.index() + std::uint64_t(x - in.data());
    }
    /// As many of these frames as belong to the sum.
    std::size_t add(const T* x, std::size_t there) {
        std::uint64_t n = there;
        if (average > 0) n = std::min(n, std::uint64_t(average.get()) - sum_->frames());
        if (complete_) {  // their places in the tree stay
            sum_->leave_out(n);
            left_out_ += n;
            retuned_ += n;
        } else {
            sum_->add(x, n, hop());
        }
        return std::size_t(n);
    }
    /// The stretch ends behind `n` samples, and what has not come into an item comes into none.
    void left_over(std::size_t n) {
        const std::uint64_t end = in.index() + n, from = std::max(in_items_until_, in.index() - in.in_stretch());
        left_over_ += end - std::min(end, from);
        left_over_frames_ += sum_->frames();
    }
    /// Of a frame that begins at this sample of the call.
    std::uint64_t frame_index(const T* x) const { return (in.in_stretch() + std::uint64_t(x - in.data())) / hop(); }

    /// Item k of this call.
    void write(std::size_t k) {
        if (out) sum_->write(out.data() + k * frame(), scale_, left_out_);
        if (divided_) out.at(k, begun_, 0.0);
        in_items_until_ = last_ends_;
        clear();
    }
    void clear() {
        sum_->clear();
        left_out_ = 0;
        complete_ = false;
    }
    Value results() const override {
        return Value::Map{{"left_over", left_over_},
                          {"left_over_frames", left_over_frames_},
                          {"not_finite", sum_ == nullptr ? 0 : sum_->not_finite()},
                          {"retuned", retuned_}};
    }

    std::unique_ptr<blocks::PowerSum<T>> sum_;
    double scale_ = 1;
    std::uint64_t begun_ = 0;                             // where the first frame of the sum begins
    bool complete_ = false;                               // the input was retuned behind the last frame that belongs to the sum
    bool divided_ = false;                                // items of this stretch lie where retunings were
    std::uint64_t left_out_ = 0, retuned_ = 0;            // frames left out for that, of this item and of all
    std::uint64_t last_ends_ = 0, in_items_until_ = 0;    // the last frame, and that of the last item
    std::uint64_t left_over_ = 0, left_over_frames_ = 0;  // samples and frames that came into no item
};

}  // namespace

void register_psd(Registry& r) {
    r.add<Psd>("psd",
               "Power spectral density by Welch's method, in ascending order of frequency. Frames that are not finite are left "
               "out and "
               "counted.",
               types<cf32, f32>, "{size: 1024, average: 100}");
}

}  // namespace flowspan

// A picture of a stream: power over frequency and time.
#include <flowspan/flowspan.hpp>

#include "blocks/sinks/pictures/picture_sink.hpp"
#include "blocks/sinks/pictures/text_size.hpp"
#include "blocks/sinks/row_average.hpp"
#include "blocks/spectrum_axis.hpp"
#include "blocks/tone_scale.hpp"
#include "io/products/waterfall.hpp"
#include "io/publish/product.hpp"
#include "io/recording/layout.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/window/window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

constexpr double silence_db = -200;

/// NaN stays: what is missing.
double decibels(double power) {
    return std::isnan(power) ? power : power > 0 ? std::max(silence_db, 10 * kernels::log10(power)) : silence_db;
}

// Complex samples: frames of `size` one after the other, |FFT(w x)|^2 / (sum of w)^2, so a tone of amplitude 1 stands at 0
// dBFS. Real items with an axis `frequency` (of `psd`): as they are. Frames are averaged into at most `height` rows. Frames
// that hold NaN or an infinity are missing: left out of the mean, and a row of nothing else is grey.
template <class T>
struct WaterfallPng final : blocks::PictureSink {
    static constexpr bool of_samples = std::is_same_v<T, cf32>;
    Parameter<int> size{
        *this,
        "size",
        {.unit = sample, .initial = 1024, .min = 8, .max = 1 << 20, .help = "Samples in a frame of the transform."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "hann", .choices = kernels::window_names(), .help = "Window (periodic)."}};
    Parameter<int> width{
        *this,
        "width",
        {.initial = 1024, .min = 16, .max = 8192, .help = "At most so many columns: neighbouring bins are averaged."}};
    Parameter<int> height{
        *this, "height", {.initial = 512, .min = 2, .max = 8192, .help = "At most so many rows of time (an even number)."}};
    Parameter<double> low{
        *this,
        "low",
        {.unit = decibel, .optional = true, .help = "Level of the darkest colour; by default the tenth percentile."}};
    Parameter<double> high{
        *this, "high", {.unit = decibel, .optional = true, .help = "Level of the brightest colour; by default the maximum."}};
    Parameter<std::string> title{*this, "title", {.initial = "", .help = "A line above the picture."}};
    blocks::TextSize text_size{*this, [this](const std::string& text) { warn(text); }};
    Input<T> in{*this, "in", of_samples ? InputOptions{} : InputOptions{.items = {"frequency"}}};

    void describe() override {
        if (height % 2 != 0) height.wrong("an even number");
        if (low.given() && high.given() && high <= low) high.wrong("more than low", low.get());
        if (!of_samples && in.description().shape.empty())
            refuse("complex samples, or items with a frequency axis", "real samples", "put `psd` before it");
        if (of_samples) ratio({.grid = std::uint64_t(size.get())});
        memory(Memory::unbounded);
        holds((std::uint64_t(height.get()) + blocks::RowAverage::further_rows) * (columns() + 1) * sizeof(double));
        cost(2.5);
        ignores_tags();
    }

    void work(std::size_t n) override {
        if (!first_) first_ = in.index();
        seen_ += n;
        if constexpr (of_samples) {
            // A last frame that is not whole would look weaker than it is; it counts where there is no other.
            for (std::size_t k = 0; k < n; k += columns())
                if (n - k >= columns() || average_->frames() == 0) {
                    if (n - k < columns())
                        warn(fmt::format("the {} samples that came are fewer than a frame of {}", n - k, columns()));
                    add(in.data() + k);
                } else {
                    left_over_ += n - k;
                }
        } else {
            for (std::size_t k = 0; k < n; ++k) {
                const f32* item = in.data() + k * columns();
                if (kernels::all_finite(item, columns()))
                    average_->add([item](std::size_t c) { return double(item[c]); });
                else
                    leave_out();
            }
        }
    }

    Value results() const override {
        return of_samples ? Value::Map{{"left_over", left_over_}, {"not_finite", not_finite_}}
                          : Value::Map{{"not_finite", not_finite_}};
    }

private:
    std::size_t columns() const { return of_samples ? std::size_t(size.get()) : in.description().shape.at(0).size; }

    const InputPort& input() const override { return in; }
    void ready() override {
        text_size.look();
        if (!of_samples) return;
        transform_ = kernels::Fft(columns());
        const auto w = kernels::window(window.get(), columns(), kernels::Symmetry::periodic);
        window_.assign(w.begin(), w.end());
        scale_ = blocks::tone_scale(w, in.description());
    }
    void begin() override {
        stream_ = in.description();
        average_.emplace(columns(), std::size_t(height.get()));
        first_.reset();
        seen_ = 0;
    }

    void add(const cf32* samples) {
        kernels::apply_window(samples, window_.data(), transform_.in(), columns());
        transform_.run();
        if (kernels::holds_finite(transform_))
            average_->add_power(transform_.out());
        else
            leave_out();
    }
    void leave_out() {
        ++not_finite_;
        average_->add_missing();
    }

    void draw() override {
        auto picture = std::make_shared<io::Waterfall>(gathered());
        product().holds(picture->rows, "rows",
                        stream_.seconds(of_samples ? std::min(seen_, average_->frames() * columns()) : seen_));
        write([picture, low = low.given() ? std::optional(low.get()) : std::nullopt,
               high = high.given() ? std::optional(high.get()) : std::nullopt] {
            io::choose_range(*picture);
            if (low) picture->low = *low;
            if (high) picture->high = *high;
            return io::waterfall_png(*picture);
        });
    }

    io::Waterfall gathered() const {
        io::Waterfall p;
        const std::size_t bins = columns();
        p.rows = average_->rows();
        p.columns = std::min(bins, std::size_t(width.get()));
        p.db.resize(p.rows * p.columns);
        std::vector<double> means(bins);
        for (std::size_t r = 0; r < p.rows; ++r) {
            average_->mean(r, means.data());
            for (std::size_t c = 0; c < p.columns; ++c) {
                const std::size_t from = c * bins / p.columns, to = (c + 1) * bins / p.columns;
                double sum = 0;
                for (std::size_t b = from; b < to; ++b) sum += means[of_samples ? (b + bins - bins / 2) % bins : b];
                p.db[r * p.columns + c] = float(decibels(scale_ * sum / double(to - from)));
            }
        }
        name_axes(p);
        p.title = title.get();
        p.text_size = text_size.pixels();
        return p;
    }

    void name_axes(io::Waterfall& p) const {
        const Axis axis = of_samples ? blocks::spectrum_axis(stream_, columns()) : stream_.shape[0];
        const double bins_a_column = double(columns()) / double(p.columns);
        p.frequency_unit = axis.unit;
        p.frequency_step = axis.step * bins_a_column;
        p.frequency_first = axis.first + axis.step * (bins_a_column - 1) / 2;
        if (axis.unit == "Hz") p.frequency_first += stream_.center_frequency.value_or(0);
        const double rate = stream_.sample_rate ? stream_.rate_hz() : 1;
        p.time_unit = stream_.sample_rate ? "s" : of_samples ? "samples" : "items";
        p.time_first = double(first_.value_or(0)) / rate;
        p.time_step = double(average_->frames_per_row()) * (of_samples ? double(columns()) : 1.0) / rate;
        if (stream_.utc && stream_.sample_rate) p.since = rfc3339(*stream_.utc);
        p.level_unit = of_samples ? "dBFS" : stream_.unit.empty() ? "dB" : fmt::format("dB ({})", stream_.unit);
    }

    StreamDescription stream_;
    std::optional<blocks::RowAverage> average_;
    std::optional<std::uint64_t> first_;
    kernels::Fft transform_;
    std::vector<f32> window_;
    double scale_ = 1;
    std::uint64_t seen_ = 0, not_finite_ = 0;  // items of this picture; frames of all
    std::uint64_t left_over_ = 0;              // samples of last frames that were not whole
};

}  // namespace

void register_waterfall_png(Registry& r) {
    r.add<WaterfallPng>(
        "waterfall_png",
        "Draws power over frequency and time as a PNG picture. Frames that are not finite are counted, and grey where there is "
        "nothing else.",
        types<cf32, f32>, "path: waterfall.png");
}

}  // namespace flowspan

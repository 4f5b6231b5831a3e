// A spectrum as a picture.
#include <flowspan/flowspan.hpp>

#include "blocks/sinks/pictures/picture_sink.hpp"
#include "blocks/sinks/pictures/text_size.hpp"
#include "blocks/spectrum_axis.hpp"
#include "io/products/spectrum_picture.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/tree_sum/tree_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

// The mean of all spectra of a stretch, in dB: of powers, or of levels that are in dB already. Summed in double precision, in
// binary trees over the spectrum's index in its stretch (TreeSum): sums of parts join to the same bits. Spectra that are not
// finite are left out.
struct PsdPng final : blocks::PictureSink {
    static constexpr int revision = 2;
    Parameter<int> width{*this, "width", {.initial = 1024, .min = 64, .max = 8192, .help = "Columns of the plot."}};
    Parameter<int> height{*this, "height", {.initial = 512, .min = 64, .max = 8192, .help = "Rows of the plot."}};
    Parameter<double> low{
        *this, "low", {.unit = decibel, .optional = true, .help = "Level at the bottom; by default below the least."}};
    Parameter<double> high{
        *this, "high", {.unit = decibel, .optional = true, .help = "Level at the top; by default above the greatest."}};
    Parameter<std::string> title{*this, "title", {.initial = "", .help = "A line above the picture."}};
    blocks::TextSize text_size{*this, [this](const std::string& text) { warn(text); }};
    Input<f32> in{*this, "in", {.items = {"frequency"}}};

    void describe() override {
        if (low.given() && high.given() && high <= low) high.wrong("more than low", low.get());
        if (in.description().shape.empty())
            warn("its items are of one sample, spectra of one bin: put `psd` or `spectrogram` before it");
        memory(Memory::unbounded, "the sum of all spectra");
        const auto spectra = std::uint64_t(std::max<std::int64_t>(1, in.description().length.value_or(1 << 20)));
        holds(bins() * 8 * 2 * (1 + std::size_t(std::bit_width(spectra))));
        cost(1.0 * double(bins()));
        ignores_tags();
    }

    void work(std::size_t n) override {
        if (seen_ == 0) sum_.reset(in.in_stretch());  // a segment begins with a later one
        seen_ += n;
        for (std::size_t k = 0; k < n; ++k) {
            const f32* item = in.data() + k * bins();
            const bool counts = kernels::all_finite(item, bins());
            ++(counts ? spectra_ : not_finite_);
            sum_.add([&](std::size_t b) { return counts ? double(item[b]) : 0.0; });  // its place in the tree stays
        }
    }
    Value results() const override { return Value::Map{{"not_finite", not_finite_}}; }

private:
    std::size_t bins() const { return in.description().samples_per_item(); }

    const InputPort& input() const override { return in; }
    void ready() override { text_size.look(); }
    void begin() override {
        stream_ = in.description();
        sum_ = kernels::TreeSum(bins());
        spectra_ = seen_ = 0;
    }
    void draw() override {
        auto picture = std::make_shared<io::SpectrumPicture>(gathered());
        product().holds(seen_, stream_.items_word(), stream_.seconds(seen_));
        write([picture] { return io::spectrum_png(*picture); });
    }

    io::SpectrumPicture gathered() const {
        io::SpectrumPicture p;
        const bool decibels = blocks::in_decibels(stream_);
        std::vector<double> sums(bins());
        sum_.write(sums.data());
        for (const double sum : sums) {
            const double mean = sum / double(spectra_);  // NaN of none
            p.db.push_back(f32(decibels ? mean : 10 * kernels::log10(std::max(mean, 1e-40))));
            if (spectra_ == 0) p.db.back() = std::nanf("");
        }
        for (const Axis& axis : stream_.shape) {
            p.frequency_unit = axis.unit;
            p.frequency_step = axis.step;
            p.frequency_first = axis.first + (axis.unit == "Hz" ? stream_.center_frequency.value_or(0) : 0);
        }
        p.level_unit = decibels ? stream_.unit : stream_.unit.empty() ? "dB" : fmt::format("dB ({})", stream_.unit);
        p.title = title.get();
        p.text_size = text_size.pixels();
        p.width = width;
        p.height = height;
        io::choose_range(p);
        if (low.given()) p.low = low;
        if (high.given()) p.high = high;
        if (p.high <= p.low) (high.given() ? p.low : p.high) = high.given() ? p.high - 10 : p.low + 10;
        return p;
    }

    StreamDescription stream_;
    kernels::TreeSum sum_;
    std::uint64_t spectra_ = 0, seen_ = 0, not_finite_ = 0;  // of this picture; of all
};

}  // namespace

void register_psd_png(Registry& r) {
    r.add<PsdPng>("psd_png",
                  "Draws the mean of spectra as a PNG picture, level over frequency. Spectra that are not finite are left out "
                  "and counted.",
                  "path: psd.png");
}

}  // namespace flowspan

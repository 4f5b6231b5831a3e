#include <flowspan/flowspan.hpp>

#include "blocks/spectrum_axis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace flowspan {
namespace {

// A peak is a bin that is greater than the one below it and no less than the one above, and at least `threshold` above 0 dB or
// above the median of the bins. The greatest `number` of them are reported, the greatest first, each by a message about the
// spectrum: its place in the recording (InputPort::place), {frequency, level, bin}. Frequency and level are those of the
// parabola through the bin and its neighbours in dB, d = (a - c) / 2 (a - 2 b + c) bins from the middle one, b - (a - c) d / 4.
struct Peaks final : Block {
    Parameter<int> number{*this, "number", {.initial = 5, .min = 1, .max = 1 << 20, .help = "At most so many of a spectrum."}};
    Parameter<double> threshold{*this,
                                "threshold",
                                {.unit = decibel,
                                 .initial = 10.0,
                                 .min = -400.0,
                                 .max = 400.0,
                                 .when = Change::running,
                                 .help = "Least level of a peak, above the reference."}};
    Parameter<std::string> reference{*this,
                                     "reference",
                                     {.initial = "median",
                                      .choices = {"median", "unit"},
                                      .help = "What levels are compared with: the spectrum's median, or 1 of its unit."}};
    Input<f32> in{*this, "in", {.items = {"frequency"}}};
    MessageOutput peaks{*this, "peaks"};

    void describe() override {
        if (in.description().shape.empty())
            warn("its items are of one sample, spectra of one bin: put `psd` or `spectrogram` before it");
        memory(Memory::none);
        holds(bins() * 32);
        cost(15.0 * double(bins()));
        ignores_tags();
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) look(k);
    }
    Value results() const override { return Value::Map{{"peaks", found_}, {"not_finite", not_finite_}}; }

private:
    std::size_t bins() const { return in.description().samples_per_item(); }

    void look(std::size_t k) {
        const f32* item = in.data() + k * bins();
        if (!std::all_of(item, item + bins(), [](f32 x) { return std::isfinite(x); })) {
            ++not_finite_;
            return;
        }
        const bool decibels = blocks::in_decibels(in.description());
        levels_.resize(bins());
        for (std::size_t b = 0; b < bins(); ++b) levels_[b] = decibels ? double(item[b]) : in_db(double(item[b]));
        const double least = threshold + (reference.get() == "median" ? median() : 0);
        found_here_.clear();
        for (std::size_t b = 0; b < bins(); ++b)
            if (levels_[b] >= least && level(b, -1) < levels_[b] && level(b, 1) <= levels_[b]) found_here_.push_back(b);
        std::stable_sort(found_here_.begin(), found_here_.end(),
                         [&](std::size_t a, std::size_t b) { return levels_[a] > levels_[b]; });
        if (found_here_.size() > std::size_t(number.get())) found_here_.resize(std::size_t(number.get()));
        found_ += found_here_.size();
        if (peaks)
            for (const std::size_t b : found_here_) tell(k, b);
    }
    static double in_db(double power) { return 10 * kernels::log10(std::max(power, 1e-40)); }
    double median() {
        sorted_ = levels_;
        const auto middle = sorted_.begin() + std::ptrdiff_t(sorted_.size() / 2);
        std::nth_element(sorted_.begin(), middle, sorted_.end());
        return *middle;
    }
    /// Of the neighbour of bin `b`; nothing lies beyond the ends.
    double level(std::size_t b, int by) const {
        if ((b == 0 && by < 0) || (b + 1 == levels_.size() && by > 0)) return -std::numeric_limits<double>::infinity();
        return levels_[std::size_t(std::ptrdiff_t(b) + by)];
    }

    void tell(std::size_t k, std::size_t b) {
        double offset = 0, top = levels_[b];
        if (b > 0 && b + 1 < bins()) {
            const double below = levels_[b - 1], above = levels_[b + 1], bend = below - 2 * levels_[b] + above;
            if (bend < 0) offset = (below - above) / (2 * bend);
            top -= (below - above) * offset / 4;
        }
        Value::Map said = in.place(in.index() + k, 1);
        for (const Axis& axis : in.description().shape) {
            const double centre = axis.unit == "Hz" ? in.description().center_frequency.value_or(0) : 0;
            said["frequency"] = centre + axis.first + axis.step * (double(b) + offset);
        }
        said["level"] = top;
        said["bin"] = std::int64_t(b);
        peaks.send(in.index() + k, said);
    }

    std::vector<double> levels_, sorted_;  // dB
    std::vector<std::size_t> found_here_;
    std::uint64_t found_ = 0, not_finite_ = 0;
};

}  // namespace

void register_peaks(Registry& r) {
    r.add<Peaks>(
        "peaks",
        "Finds the greatest local maxima of spectra: messages with frequency and level. Spectra that are not finite are left "
        "out and counted.",
        "{number: 3, threshold: 10 dB}");
}

}  // namespace flowspan

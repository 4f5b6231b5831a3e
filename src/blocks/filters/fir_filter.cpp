#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/low_pass.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/overlap_save/overlap_save.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>

namespace flowspan {
namespace {

/// Length that a transition of `width` cycles per sample takes (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5).
std::size_t taps_for(const std::string& window, double attenuation, double width) {
    if (window == "kaiser") return kernels::kaiser_taps(attenuation, width) | 1;
    const double lobes = window == "rectangular" ? 0.9 : window == "hann" ? 3.1 : window == "hamming" ? 3.3 : 5.5;
    return std::size_t(std::min(lobes / width, 1e9)) | 1;
}

// y[m] = sum over k of h[k] x[mD - k]
//
// Direct up to 128 taps for each sample that is kept, by fast convolution beyond: chosen from taps and decimation alone.
template <class T>
struct FirFilter final : Block {
    Parameter<std::string> kind{*this,
                                "kind",
                                {.initial = "low",
                                 .choices = {"low", "high", "band"},
                                 .help = "What passes: below cutoff, above cutoff, from low to high (of both signs)."}};
    Parameter<double> cutoff{*this,
                             "cutoff",
                             {.unit = hertz,
                              .min = 0.0,
                              .optional = true,
                              .when = Change::running,
                              .help = "Edge of a low or high pass: 6 dB down."}};
    Parameter<double> low{
        *this,
        "low",
        {.unit = hertz, .min = 0.0, .optional = true, .when = Change::running, .help = "Lower edge of a band pass."}};
    Parameter<double> high{
        *this,
        "high",
        {.unit = hertz, .min = 0.0, .optional = true, .when = Change::running, .help = "Upper edge of a band pass."}};
    Parameter<double> transition{*this,
                                 "transition",
                                 {.unit = hertz,
                                  .min = 1e-6,
                                  .optional = true,
                                  .help = "Width from pass band to stop band, around an edge; gives the number of taps."}};
    Parameter<int> taps_count{
        *this,
        "taps_count",
        {.min = 1, .max = 1 << 20, .optional = true, .help = "The number of taps, instead of transition."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "kaiser", .choices = kernels::window_names(), .help = "Window of the design."}};
    Parameter<double> attenuation{
        *this,
        "attenuation",
        {.unit = decibel, .initial = 60.0, .min = 10.0, .max = 180.0, .help = "Of the stop band, with Kaiser's window."}};
    Parameter<std::vector<double>> taps{
        *this, "taps", {.optional = true, .when = Change::running, .help = "The filter itself, instead of a designed one."}};
    Parameter<int> decimation{
        *this, "decimation", {.initial = 1, .min = 1, .max = 1 << 20, .help = "Keeps one sample in so many."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    void describe() override {
        if (!taps.given() && !check_design()) return;
        if (taps.given() && taps->empty()) taps.refuse("at least one tap");
        const std::size_t L = length(), D = std::size_t(decimation.get());
        const auto delay = taps.given() ? blocks::group_delay(taps) : Rational(std::int64_t(L) - 1, 2);
        Ratio r{.decimation = D, .delay = delay};
        if (fast()) {
            r.grid = kernels::OverlapSave<T>::block_for(L, D);
            in.history(L - 1);
        } else {
            in.history(kernels::Fir<T>::history_for(L));
        }
        ratio(r);
        out.describe(in.description());
        holds(channels_.bytes(in.description(), in.history()));
        cost((fast() ? 3.0 : (0.1 + 0.025 * double(L)) / double(D)) * double(in.description().samples_per_item()));
    }

    void prepare() override {
        const auto h = taps.given() ? taps.get() : design();
        if (!taps.given()) {
            const double edge = kind.get() == "low" ? cutoff.get() : kind.get() == "band" ? high.get() : in.sample_rate() / 2;
            if (const std::string text = blocks::folding(edge, in.sample_rate() / decimation); !text.empty()) warn(text);
        }
        if (fast())
            fast_filter_ = kernels::OverlapSave<T>(h, std::size_t(decimation.get()));
        else
            filter_ = kernels::Fir<T>(h, 1, std::size_t(decimation.get()));
    }

    void work(std::size_t n) override {
        const auto D = std::uint64_t(decimation.get());
        if (fast()) {
            const std::size_t block = fast_filter_.block(), made = (n + block - 1) / block * block;
            channels_(in, in.history(), blocks::items_for(made, 0, 1, D), out, n,
                      [&](std::size_t, const T* x, T* y) { fast_filter_(x, y, n); });
        } else {
            channels_(in, in.history(), blocks::items_for(n, 0, 1, D), out, n,
                      [&](std::size_t, const T* x, T* y) { filter_(x, y, n); });
        }
    }

    bool fast() const { return length() > 128 * std::size_t(decimation.get()); }

    std::size_t length() const {
        if (taps.given()) return taps->size();
        if (taps_count.given()) return std::size_t(taps_count.get());
        return taps_for(window, attenuation, transition / in.sample_rate());
    }

    bool check_edge(const Parameter<double>& edge, double above) const {
        if (!edge.given())
            edge.wrong("a frequency for kind " + kind.get());
        else if (edge <= above)
            edge.wrong("a frequency above", above);
        else if (edge >= in.sample_rate() / 2)
            edge.wrong("below half the sample rate", in.sample_rate() / 2);
        else
            return true;
        return false;
    }

    /// What is wrong with an edge says nothing of the length.
    bool check_design() const {
        bool right = true;
        if (kind.get() == "band") {
            right = check_edge(low, 0);
            right = check_edge(high, right ? low.get() : 0) && right;
        } else {
            right = check_edge(cutoff, 0);
        }
        return check_length() && right;
    }
    bool check_length() const {
        if (!taps_count.given() && !transition.given())
            transition.wrong("transition, taps_count or taps");
        else if (length() > (1U << 20))
            transition.wrong("a transition that takes at most 1048576 taps", {}, "a wider one");
        else if (kind.get() == "high" && length() % 2 == 0)
            taps_count.wrong("an odd number for a high pass");
        else
            return true;
        return false;
    }

    std::vector<double> design() const {
        const double rate = in.sample_rate();
        const auto w = kernels::window(window.get(), length(), kernels::Symmetry::symmetric, kernels::kaiser_beta(attenuation));
        if (kind.get() == "low") return kernels::design_low_pass(cutoff / rate, w);
        if (kind.get() == "high") return kernels::design_band(cutoff / rate, 0.5, w);
        return kernels::design_band(low / rate, high / rate, w);
    }

    kernels::Fir<T> filter_;
    kernels::OverlapSave<T> fast_filter_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_fir_filter(Registry& r) {
    r.add<FirFilter>("fir_filter",
                     "Filters each channel with a finite impulse response, designed from hertz or given, and decimates.",
                     types<cf32, f32>, "{kind: low, cutoff: 15 kHz, transition: 3 kHz, decimation: 2}");
}

}  // namespace flowspan

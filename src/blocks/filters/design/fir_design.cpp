#include "blocks/filters/design/fir_design.hpp"

#include "kernels/fir_design/fir_design.hpp"
#include "kernels/fir_design/remez.hpp"
#include "kernels/fir_design/shapes.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan::blocks {
namespace {

constexpr std::size_t most_taps = 1 << 20, most_of_remez = 2047;

ParameterOptions<double> edge(const char* help) {
    return {.unit = hertz, .optional = true, .when = Change::running, .help = help};
}

/// Width of a transition times the taps that it takes (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5).
double lobes(const std::string& window) {
    return window == "rectangular" ? 0.9 : window == "hann" ? 3.1 : window == "hamming" ? 3.3 : 5.5;
}

/// `width` in cycles per sample.
std::size_t taps_for(const std::string& window, double attenuation, double width) {
    if (window == "kaiser") return kernels::kaiser_taps(attenuation, width) | 1;
    return std::size_t(std::min(lobes(window) / width, 1e9)) | 1;
}

/// Greatest errors, as factors, of `ripple` dB from the least to the greatest gain and of `attenuation` dB.
double pass_error(double ripple) {
    const double gain = kernels::exp(ripple / 20 * kernels::log(10));
    return (gain - 1) / (gain + 1);
}
double stop_error(double attenuation) { return kernels::exp(-attenuation / 20 * kernels::log(10)); }

}  // namespace

FirDesign::FirDesign(Block& owner)
    : kind(owner, "kind",
           {.initial = "low",
            .choices = {"low", "high", "band", "one_sided"},
            .help =
                "What passes: below cutoff, above cutoff, from low to high of both signs, or as they are (complex samples)."}),
      cutoff(owner, "cutoff",
             {.unit = hertz,
              .min = 0.0,
              .optional = true,
              .when = Change::running,
              .help = "Edge of a low or high pass: 6 dB down."}),
      low(owner, "low", edge("Lower edge of a band.")),
      high(owner, "high", edge("Upper edge of a band.")),
      transition(owner, "transition",
                 {.unit = hertz,
                  .min = 1e-6,
                  .optional = true,
                  .help = "Width from pass band to stop band, around an edge; gives the number of taps."}),
      taps_count(owner, "taps_count",
                 {.min = 1, .max = 1 << 20, .optional = true, .help = "The number of taps, instead of what transition needs."}),
      design(owner, "design",
             {.initial = "window",
              .choices = {"window", "kaiser", "remez", "rrc", "gaussian"},
              .help = "How: by the window, by Kaiser's; with the least greatest error (needs transition); root raised cosine "
                      "and Gaussian pulses of symbol_rate."}),
      window(owner, "window", {.initial = "kaiser", .choices = kernels::window_names(), .help = "Window of the design."}),
      attenuation(owner, "attenuation",
                  {.unit = decibel,
                   .initial = 60.0,
                   .min = 10.0,
                   .max = 180.0,
                   .help = "Of the stop band, with Kaiser's window or remez."}),
      ripple(owner, "ripple",
             {.unit = decibel,
              .initial = 0.1,
              .min = 1e-6,
              .max = 6.0,
              .help = "Of the pass band with remez, from the least to the greatest gain."}),
      symbol_rate(owner, "symbol_rate",
                  {.unit = hertz, .min = 1e-6, .optional = true, .help = "Of rrc and gaussian: symbols in a second."}),
      rolloff(owner, "rolloff", {.initial = 0.35, .min = 0.01, .max = 1.0, .help = "Of rrc: excess bandwidth."}),
      bt(owner, "bt", {.initial = 0.3, .min = 0.01, .max = 10.0, .help = "Of gaussian: 3 dB bandwidth by symbol_rate."}) {}

bool FirDesign::check(double rate_hz, bool complex_samples) const {
    if (design.get() == "kaiser" && window.explicitly_given() && window.get() != "kaiser") {
        window.wrong("kaiser beside design: kaiser");
        return false;
    }
    if (shaped()) return check_shape(rate_hz);
    const bool right = check_edges(rate_hz, complex_samples);
    return check_length(rate_hz) && right;  // what is wrong with an edge says nothing of the length
}

bool FirDesign::check_edge(const Parameter<double>& edge, double above, double rate_hz) const {
    if (!edge.given())
        edge.wrong("a frequency for kind " + kind.get());
    else if (edge <= above)
        edge.wrong("a frequency above", above);
    else if (edge >= rate_hz / 2)
        edge.wrong("below half the sample rate", rate_hz / 2);
    else
        return true;
    return false;
}

bool FirDesign::check_edges(double rate_hz, bool complex_samples) const {
    if (kind.get() == "low" || kind.get() == "high") return check_edge(cutoff, 0, rate_hz);
    if (kind.get() == "one_sided" && !complex_samples) {
        kind.wrong("low, high or band for real samples");
        return false;
    }
    const bool right = check_edge(low, kind.get() == "band" ? 0 : -rate_hz / 2, rate_hz);
    return check_edge(high, right ? low.get() : kind.get() == "band" ? 0 : -rate_hz / 2, rate_hz) && right;
}

bool FirDesign::check_shape(double rate_hz) const {
    if (!symbol_rate.given())
        symbol_rate.wrong("a rate for design " + design.get());
    else if (symbol_rate > rate_hz)
        symbol_rate.wrong("at most the sample rate", rate_hz);
    else if (length(rate_hz) > most_taps)
        symbol_rate.wrong("a rate for which the pulse has at most 1048576 taps");
    else
        return true;
    return false;
}

bool FirDesign::check_length(double rate_hz) const {
    const bool remez = design.get() == "remez";
    if (!transition.given() && (remez || !taps_count.given()))
        transition.wrong(remez ? "transition" : "transition, taps_count or taps");
    else if (remez && (length(rate_hz) > most_of_remez || length(rate_hz) < 3))
        (taps_count.given() ? static_cast<const ParameterBase&>(taps_count) : transition)
            .wrong("a filter of 3 to 2047 taps for remez");
    else if (length(rate_hz) > most_taps)
        transition.wrong("a transition that takes at most 1048576 taps", {}, "a wider one");
    else if (kind.get() == "high" && length(rate_hz) % 2 == 0)
        taps_count.wrong("an odd number for a high pass");
    else
        return true;
    return false;
}

std::size_t FirDesign::length(double rate_hz) const {
    if (taps_count.given()) return std::size_t(taps_count.get());
    if (shaped()) {
        const double symbols = design.get() == "rrc" ? 11 : std::max(2.0, 2 / bt);
        return std::size_t(std::min(symbols * rate_hz / symbol_rate, 1e9)) | 1;
    }
    if (design.get() == "remez")
        return kernels::remez_taps(pass_error(ripple), stop_error(attenuation), transition / rate_hz) | 1;
    return taps_for(window_name(), attenuation, transition / rate_hz);
}

std::vector<double> FirDesign::taps(double rate_hz) const {
    const std::size_t n = length(rate_hz);
    if (design.get() == "rrc") return kernels::design_root_raised_cosine(symbol_rate / rate_hz, rolloff, n);
    if (design.get() == "gaussian") return kernels::design_gaussian(symbol_rate / rate_hz, bt, n);
    if (design.get() == "remez") return equiripple(rate_hz);
    const auto w = kernels::window(window_name(), n, kernels::Symmetry::symmetric, kernels::kaiser_beta(attenuation));
    if (kind.get() == "low") return kernels::design_low_pass(cutoff / rate_hz, w);
    if (kind.get() == "high") return kernels::design_band(cutoff / rate_hz, 0.5, w);
    if (kind.get() == "one_sided") return kernels::design_low_pass(half_width() / rate_hz, w);
    return kernels::design_band(low / rate_hz, high / rate_hz, w);
}

std::vector<double> FirDesign::equiripple(double rate_hz) const {
    const double stop_weight = pass_error(ripple) / stop_error(attenuation);
    std::vector<kernels::RemezBand> wanted;
    for (const Response::Band& band : bands(rate_hz)) {
        // (A one-sided band is a low pass that is moved: its upper half.)
        const double middle = one_sided() ? (low + high) / 2 : 0;
        if (one_sided() && band.high <= middle) continue;
        const double from = std::max(0.0, band.low - middle) / rate_hz, to = std::min(0.5, (band.high - middle) / rate_hz);
        if (from < to) wanted.push_back({from, to, band.passes ? 1.0 : 0.0, band.passes ? 1.0 : stop_weight});
    }
    if (one_sided()) wanted.back().high = 0.5;
    if (wanted.size() < 2) transition.refuse("a transition that leaves bands to pass and to stop");
    try {
        return kernels::design_remez(length(rate_hz), wanted);
    } catch (const kernels::NotConverged& e) {
        const ParameterBase& blamed = taps_count.given() ? static_cast<const ParameterBase&>(taps_count) : transition;
        blamed.refuse(std::string("a filter that can be made: ") + e.what(), {}, "fewer taps, or a narrower transition");
    }
}

std::vector<cf64> FirDesign::moved(const std::vector<double>& low_pass, double rate_hz) const {
    return kernels::moved_up(low_pass, (low + high) / 2 / rate_hz);
}

double FirDesign::reach(double rate_hz) const {
    if (design.get() == "rrc") return symbol_rate * (1 + rolloff) / 2;
    if (design.get() == "gaussian") return symbol_rate * bt;
    if (kind.get() == "low") return cutoff;
    if (kind.get() == "high") return rate_hz / 2;
    return std::max(std::abs(low.get()), std::abs(high.get()));
}

double FirDesign::width(double rate_hz) const {
    if (transition.given()) return transition;
    const std::string name = window_name();
    const double n = double(length(rate_hz));
    const double kaiser = (attenuation - 7.95) / (2.285 * kernels::two_pi * std::max(1.0, n - 1));
    return (name == "kaiser" ? kaiser : lobes(name) / n) * rate_hz;
}

std::vector<Response::Band> FirDesign::bands(double rate_hz) const {
    const double half = width(rate_hz) / 2, end = rate_hz / 2;
    std::vector<Response::Band> all;
    if (shaped()) {
        if (design.get() == "rrc")
            all = {{0, symbol_rate * (1 - rolloff) / 2, true}, {symbol_rate * (1 + rolloff) / 2, end, false}};
    } else if (kind.get() == "low") {
        all = {{0, cutoff - half, true}, {cutoff + half, end, false}};
    } else if (kind.get() == "high") {
        all = {{0, cutoff - half, false}, {cutoff + half, end, true}};
    } else {
        const double begin = kind.get() == "band" ? 0 : -end;
        all = {{begin, low - half, false}, {low + half, high - half, true}, {high + half, end, false}};
    }
    std::erase_if(all, [](const Response::Band& b) { return b.low >= b.high; });
    return all;
}

}  // namespace flowspan::blocks

#include "blocks/filters/design/low_pass.hpp"

#include "core/numbers/quantity.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace flowspan::blocks {

LowPass::LowPass(Block& owner)
    : cutoff(owner, "cutoff",
             {.unit = hertz,
              .min = 0.0,
              .optional = true,
              .when = Change::before,
              .help = "Where the low pass is 6 dB down; default 0.4 of the rate that leaves."}),
      transition(owner, "transition",
                 {.unit = hertz,
                  .min = 1e-6,
                  .optional = true,
                  .help = "Width from pass band to stop band, around the cutoff; default 0.2 of the rate that leaves."}),
      attenuation(owner, "attenuation",
                  {.unit = decibel, .initial = 60.0, .min = 10.0, .max = 180.0, .help = "Of the stop band."}),
      taps_count(owner, "taps_count",
                 {.min = 1, .max = 1 << 20, .optional = true, .help = "How many taps, instead of what transition needs."}),
      taps(owner, "taps", {.optional = true, .help = "The filter itself, instead of a designed one."}) {}

bool LowPass::asked_for() const { return cutoff.given() || transition.given() || taps_count.given() || taps.given(); }

namespace {
double transition_of(const LowPass& p, double reach_hz) { return p.transition.given() ? p.transition.get() : 0.4 * reach_hz; }
}  // namespace

void LowPass::check(double rate_hz, double reach_hz) const {
    if (taps.given()) {
        if (taps->empty()) taps.refuse("at least one tap");
        return;
    }
    if (edge(reach_hz) > rate_hz / 2) cutoff.wrong("at most half the sample rate", rate_hz / 2);
    if (cutoff.given() && cutoff <= 0) cutoff.wrong("a frequency above 0 Hz");
    if (!taps_count.given() && size(rate_hz, reach_hz) > (1U << 20)) {
        transition.refuse("a transition that takes at most 1048576 taps", {}, "a wider one, or taps_count");
    }
}

std::string LowPass::folds(double out_rate_hz) const {
    return cutoff.given() && !taps.given() ? folding(cutoff, out_rate_hz) : "";
}

std::string folding(double edge_hz, double out_rate_hz) {
    if (edge_hz <= out_rate_hz / 2) return "";
    return fmt::format("what lies between {} and the cutoff of {} is folded: the rate that leaves is {}",
                       format_quantity(out_rate_hz / 2, hertz), format_quantity(edge_hz, hertz),
                       format_quantity(out_rate_hz, hertz));
}

double LowPass::beta() const { return kernels::kaiser_beta(attenuation); }

std::size_t LowPass::size(double rate_hz, double reach_hz) const {
    if (taps.given()) return taps->size();
    if (taps_count.given()) return std::size_t(taps_count.get());
    return kernels::kaiser_taps(attenuation, transition_of(*this, reach_hz) / rate_hz) | 1;  // odd: a whole group delay
}

std::vector<double> LowPass::design(double rate_hz, double reach_hz) const {
    if (taps.given()) return taps;
    const auto window = kernels::window("kaiser", size(rate_hz, reach_hz), kernels::Symmetry::symmetric, beta());
    return kernels::design_low_pass(edge(reach_hz) / rate_hz, window);
}

std::vector<Response::Band> LowPass::bands(double rate_hz, double reach_hz) const {
    if (taps.given() || taps_count.given()) return {};
    const double middle = edge(reach_hz), half = transition_of(*this, reach_hz) / 2;
    std::vector<Response::Band> all{{0, middle - half, true}, {middle + half, rate_hz / 2, false}};
    std::erase_if(all, [](const Response::Band& band) { return band.low >= band.high; });
    return all;
}

Rational group_delay(const std::vector<double>& taps) { return group_delay(std::vector<cf64>(taps.begin(), taps.end())); }

Rational group_delay(const std::vector<cf64>& taps) {
    const auto mirrors = [&](double sign) {
        return std::equal(taps.begin(), taps.end(), taps.rbegin(), [sign](cf64 a, cf64 b) { return a == sign * std::conj(b); });
    };
    const bool even = mirrors(1), odd = mirrors(-1);
    return even || odd ? Rational(std::int64_t(taps.size()) - 1, 2) : Rational(0);
}

}  // namespace flowspan::blocks

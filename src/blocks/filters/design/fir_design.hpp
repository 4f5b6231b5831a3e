// The parameters that describe a filter of linear phase in hertz, and the filter that they mean.
#pragma once

#include <flowspan/flowspan.hpp>

#include "blocks/filters/design/response.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// To be a member of a block. What is asked for belongs to samples at `rate_hz`, the rate that comes in times the
/// interpolation.
class FirDesign {
public:
    explicit FirDesign(Block& owner);

    Parameter<std::string> kind;
    Parameter<double> cutoff, low, high, transition;
    Parameter<int> taps_count;
    Parameter<std::string> design, window;
    Parameter<double> attenuation, ripple, symbol_rate, rolloff, bt;

    /// Whether a band from `low` to `high` of one sign is asked for: complex taps.
    bool one_sided() const { return kind.get() == "one_sided" && !shaped(); }
    /// For `describe`: says what is wrong; false where something is.
    bool check(double rate_hz, bool complex_samples) const;
    std::size_t length(double rate_hz) const;
    /// For `prepare`. Gain 1; of a one-sided band those of the low pass that `moved` moves.
    std::vector<double> taps(double rate_hz) const;
    /// The taps of a one-sided band.
    std::vector<cf64> moved(const std::vector<double>& low_pass, double rate_hz) const;
    /// The highest frequency that passes, in Hz from 0.
    double reach(double rate_hz) const;
    /// Where it passes and where it stops, in Hz.
    std::vector<Response::Band> bands(double rate_hz) const;

private:
    bool shaped() const { return design.get() == "rrc" || design.get() == "gaussian"; }
    bool check_edge(const Parameter<double>& edge, double above, double rate_hz) const;
    bool check_edges(double rate_hz, bool complex_samples) const;
    bool check_shape(double rate_hz) const;
    bool check_length(double rate_hz) const;
    double half_width() const { return (high - low) / 2; }
    /// Of the window's design, or around a designed edge.
    double width(double rate_hz) const;
    std::vector<double> equiripple(double rate_hz) const;
    const char* window_name() const { return design.get() == "kaiser" ? "kaiser" : window->c_str(); }
};

}  // namespace flowspan::blocks

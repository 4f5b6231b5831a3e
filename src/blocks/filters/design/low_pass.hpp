// The parameters that blocks with a low-pass filter share, and the filter that they mean.
#pragma once

#include <flowspan/flowspan.hpp>

#include "blocks/filters/design/response.hpp"

#include <optional>
#include <vector>

namespace flowspan::blocks {

/// A linear-phase low pass with Kaiser's window, described in hertz, or taps that are given. To be a member of a block.
class LowPass {
public:
    explicit LowPass(Block& owner);

    Parameter<double> cutoff, transition, attenuation;
    Parameter<int> taps_count;
    Parameter<std::vector<double>> taps;

    /// Whether the graph asks for a filter at all.
    bool asked_for() const;
    /// For `describe`: refuses what does not fit samples at `rate_hz` of which `reach_hz` (at most rate/2) can be kept:
    /// what is not given is cutoff 0.4 and transition 0.2 of 2 x reach.
    void check(double rate_hz, double reach_hz) const;
    /// For `prepare`, with the rate that leaves: what to warn of where the cutoff lies beyond what that rate can hold, else "".
    std::string folds(double out_rate_hz) const;
    /// The cutoff in Hz.
    double edge(double reach_hz) const { return cutoff.given() ? cutoff.get() : 0.8 * reach_hz; }
    /// Of Kaiser's window.
    double beta() const;
    /// How many taps `design` gives.
    std::size_t size(double rate_hz, double reach_hz) const;
    std::vector<double> design(double rate_hz, double reach_hz) const;
    /// Where it passes and where it stops, in Hz around 0, as far as that was asked for.
    std::vector<Response::Band> bands(double rate_hz, double reach_hz) const;
};

/// What is to be said where a filter lets pass what the rate that leaves cannot hold (complex samples: half of it on each
/// side); "" where it does not.
std::string folding(double edge_hz, double out_rate_hz);

/// Group delay in samples: half the length for symmetric and antisymmetric taps, else 0.
Rational group_delay(const std::vector<double>& taps);
/// The same; symmetric are taps whose mirror image is their conjugate, as those of a low pass that is moved.
Rational group_delay(const std::vector<cf64>& taps);

}  // namespace flowspan::blocks

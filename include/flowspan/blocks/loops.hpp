// Block types as C++ classes, for graphs that a program builds; written by `flowspan blocks --cpp`:
//
//     flowspan::blocks::TYPE block(graph, "name", {.parameter = value});
//     block.parameter.set(value);
//
// Settings that are left out keep their defaults. A class can also be made of what `Graph::block` gives.
// clang-format off
#pragma once

#include <flowspan/typed.hpp>

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// Brings each channel to a level. Samples that are not finite are counted, and leave the factor as it is.
class agc : public BlockProxy {
public:
    struct Settings {
        /// What is brought to the reference: the root mean square; the magnitude, by a loop; the greatest magnitude of
        /// the samples ahead. One of rms, peak, feedforward; default rms.
        std::optional<std::string> kind{};
        /// The level that leaves. A number from 1e-09 to 1000000000; default 1.0; may change while running.
        std::optional<double> reference{};
        /// Of kinds rms and peak: weight of a new sample, or of its error. A number from 1e-09 to 1; default 0.01; may
        /// change while running.
        std::optional<double> rate{};
        /// Of kind peak: the rate where the output is above the reference; default: rate. A number from 1e-09 to 1; may
        /// be left out; may change while running.
        std::optional<double> attack{};
        /// Of kind peak: the rate where it is below; default: rate. A number from 1e-09 to 1; may be left out; may
        /// change while running.
        std::optional<double> decay{};
        /// Of kind feedforward: how far it looks ahead. A number of samples (an integer) from 1 samples to 65536
        /// samples; default 1024 samples.
        std::optional<std::int64_t> samples{};
        /// The greatest factor. A number from 1e-09 to 1000000000000; default 65536.0; may change while running.
        std::optional<double> max_gain{};
    };
    explicit agc(const BlockProxy& block) : BlockProxy(block) {}
    agc(Graph& graph, const std::string& name) : agc(graph, name, Settings{}) {}
    agc(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : agc(graph.add(name, "agc", detail::given_settings({
              {"kind", detail::setting(settings.kind)},
              {"reference", detail::setting(settings.reference)},
              {"rate", detail::setting(settings.rate)},
              {"attack", detail::setting(settings.attack)},
              {"decay", detail::setting(settings.decay)},
              {"samples", detail::setting(settings.samples)},
              {"max_gain", detail::setting(settings.max_gain)}}), copies)) {}

    TypedParameter<std::string> kind{*this, "kind"};
    TypedParameter<double> reference{*this, "reference"};
    TypedParameter<double> rate{*this, "rate"};
    TypedParameter<double> attack{*this, "attack"};
    TypedParameter<double> decay{*this, "decay"};
    TypedParameter<std::int64_t> samples{*this, "samples"};
    TypedParameter<double> max_gain{*this, "max_gain"};
    /// The factor of the last sample, of channel 0.
    TypedReading<double> gain{*this, "gain"};
};

/// Takes a shift of frequency out of each channel that is known for some times, by the UTC of the samples.
class doppler : public BlockProxy {
public:
    struct Settings {
        /// Times in UTC, rising, each with the shift in Hz that is taken out: "2026-01-31T12:00:00Z 1234.5". A list of
        /// texts; must be given.
        std::optional<std::vector<std::string>> table{};
    };
    explicit doppler(const BlockProxy& block) : BlockProxy(block) {}
    doppler(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : doppler(graph.add(name, "doppler", detail::given_settings({
              {"table", detail::setting(settings.table)}}), copies)) {}

    TypedParameter<std::vector<std::string>> table{*this, "table"};
};

/// Follows the phase of a carrier, in each channel. Samples that are not finite are counted, and leave the loop as it
/// is.
class pll : public BlockProxy {
public:
    struct Settings {
        /// What leaves: the samples with the carrier at 0 Hz, the carrier as it should be, or its frequency in Hz. One
        /// of carrier, reference, frequency; default carrier.
        std::optional<std::string> output{};
        /// How fast it follows. A frequency >= 1e-09 Hz; must be given; may change while running.
        std::optional<double> loop_bandwidth{};
        /// Lowest frequency; default minus half the rate. A frequency; may be left out; may change while running.
        std::optional<double> min_frequency{};
        /// Highest frequency; default half the rate. A frequency; may be left out; may change while running.
        std::optional<double> max_frequency{};
    };
    explicit pll(const BlockProxy& block) : BlockProxy(block) {}
    pll(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : pll(graph.add(name, "pll", detail::given_settings({
              {"output", detail::setting(settings.output)},
              {"loop_bandwidth", detail::setting(settings.loop_bandwidth)},
              {"min_frequency", detail::setting(settings.min_frequency)},
              {"max_frequency", detail::setting(settings.max_frequency)}}), copies)) {}

    TypedParameter<std::string> output{*this, "output"};
    TypedParameter<double> loop_bandwidth{*this, "loop_bandwidth"};
    TypedParameter<double> min_frequency{*this, "min_frequency"};
    TypedParameter<double> max_frequency{*this, "max_frequency"};
    /// That of the loop, of channel 0. In Hz.
    TypedReading<double> frequency{*this, "frequency"};
    /// Whether the mean of cos e is above one half, of channel 0.
    TypedReading<bool> locked{*this, "locked"};
};

/// Lets samples pass while their mean power is above a threshold; makes zeros of the others, or cuts them out. Samples
/// that are not finite are counted, and leave the power as it is.
class squelch : public BlockProxy {
public:
    struct Settings {
        /// Mean power that opens it; 0 dB is |x| = 1. A level from -300 dB to 300 dB; must be given; may change while
        /// running.
        std::optional<double> threshold{};
        /// How far below the threshold the power is that closes it. A level from 0 dB to 300 dB; default 3.0 dB; may
        /// change while running.
        std::optional<double> hysteresis{};
        /// How long it stays open behind that. A time from 0 s to 1000000 s; default 0.0 s.
        std::optional<double> tail{};
        /// Weight of a new sample in the mean power. A number from 1e-09 to 1; default 0.001; may change while running.
        std::optional<double> alpha{};
        /// What it makes while it is closed: zeros, or nothing. One of zeros, cut; default zeros.
        std::optional<std::string> mode{};
    };
    explicit squelch(const BlockProxy& block) : BlockProxy(block) {}
    squelch(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : squelch(graph.add(name, "squelch", detail::given_settings({
              {"threshold", detail::setting(settings.threshold)},
              {"hysteresis", detail::setting(settings.hysteresis)},
              {"tail", detail::setting(settings.tail)},
              {"alpha", detail::setting(settings.alpha)},
              {"mode", detail::setting(settings.mode)}}), copies)) {}

    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<double> hysteresis{*this, "hysteresis"};
    TypedParameter<double> tail{*this, "tail"};
    TypedParameter<double> alpha{*this, "alpha"};
    TypedParameter<std::string> mode{*this, "mode"};
    /// Whether it is open.
    TypedReading<bool> open{*this, "open"};
};

}  // namespace flowspan::blocks

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

/// Undoes the pre-emphasis of broadcast FM, of each channel.
class deemphasis : public BlockProxy {
public:
    struct Settings {
        /// Time constant: 50 us in most of the world, 75 us in the Americas and South Korea. A time from 100 ns to 1 s;
        /// default 5e-05 s.
        std::optional<double> tau{};
    };
    explicit deemphasis(const BlockProxy& block) : BlockProxy(block) {}
    deemphasis(Graph& graph, const std::string& name) : deemphasis(graph, name, Settings{}) {}
    deemphasis(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : deemphasis(graph.add(name, "deemphasis", detail::given_settings({
              {"tau", detail::setting(settings.tau)}}), copies)) {}

    TypedParameter<double> tau{*this, "tau"};
};

/// Filters each channel with a finite impulse response, designed from hertz or given, and decimates.
class fir_filter : public BlockProxy {
public:
    struct Settings {
        /// What passes: below cutoff, above cutoff, from low to high (of both signs). One of low, high, band; default
        /// low.
        std::optional<std::string> kind{};
        /// Edge of a low or high pass: 6 dB down. A frequency >= 0 Hz; may be left out; may change while running.
        std::optional<double> cutoff{};
        /// Lower edge of a band pass. A frequency >= 0 Hz; may be left out; may change while running.
        std::optional<double> low{};
        /// Upper edge of a band pass. A frequency >= 0 Hz; may be left out; may change while running.
        std::optional<double> high{};
        /// Width from pass band to stop band, around an edge; gives the number of taps. A frequency >= 1e-06 Hz; may be
        /// left out.
        std::optional<double> transition{};
        /// The number of taps, instead of transition. An integer from 1 to 1048576; may be left out.
        std::optional<std::int64_t> taps_count{};
        /// Window of the design. One of rectangular, hann, hamming, blackman, kaiser; default kaiser.
        std::optional<std::string> window{};
        /// Of the stop band, with Kaiser's window. A level from 10 dB to 180 dB; default 60.0 dB.
        std::optional<double> attenuation{};
        /// The filter itself, instead of a designed one. A list of numbers; may be left out; may change while running.
        std::optional<std::vector<double>> taps{};
        /// Keeps one sample in so many. An integer from 1 to 1048576; default 1.
        std::optional<std::int64_t> decimation{};
    };
    explicit fir_filter(const BlockProxy& block) : BlockProxy(block) {}
    fir_filter(Graph& graph, const std::string& name) : fir_filter(graph, name, Settings{}) {}
    fir_filter(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : fir_filter(graph.add(name, "fir_filter", detail::given_settings({
              {"kind", detail::setting(settings.kind)},
              {"cutoff", detail::setting(settings.cutoff)},
              {"low", detail::setting(settings.low)},
              {"high", detail::setting(settings.high)},
              {"transition", detail::setting(settings.transition)},
              {"taps_count", detail::setting(settings.taps_count)},
              {"window", detail::setting(settings.window)},
              {"attenuation", detail::setting(settings.attenuation)},
              {"taps", detail::setting(settings.taps)},
              {"decimation", detail::setting(settings.decimation)}}), copies)) {}

    TypedParameter<std::string> kind{*this, "kind"};
    TypedParameter<double> cutoff{*this, "cutoff"};
    TypedParameter<double> low{*this, "low"};
    TypedParameter<double> high{*this, "high"};
    TypedParameter<double> transition{*this, "transition"};
    TypedParameter<std::int64_t> taps_count{*this, "taps_count"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<double> attenuation{*this, "attenuation"};
    TypedParameter<std::vector<double>> taps{*this, "taps"};
    TypedParameter<std::int64_t> decimation{*this, "decimation"};
};

/// Moves a frequency to the centre, and filters and decimates what is around it, in each channel.
class frequency_translate : public BlockProxy {
public:
    struct Settings {
        /// What is this far above the centre becomes the centre. A frequency; must be given; may change while running.
        std::optional<double> shift{};
        /// Keeps one sample in so many, after the low pass. An integer from 1 to 1048576; default 1.
        std::optional<std::int64_t> decimation{};
        /// Where the low pass is 6 dB down; default 0.4 of the rate that leaves. A frequency >= 0 Hz; may be left out.
        std::optional<double> cutoff{};
        /// Width from pass band to stop band, around the cutoff; default 0.2 of the rate that leaves. A frequency >=
        /// 1e-06 Hz; may be left out.
        std::optional<double> transition{};
        /// Of the stop band. A level from 10 dB to 180 dB; default 60.0 dB.
        std::optional<double> attenuation{};
        /// How many taps, instead of what transition needs. An integer from 1 to 1048576; may be left out.
        std::optional<std::int64_t> taps_count{};
        /// The filter itself, instead of a designed one. A list of numbers; may be left out.
        std::optional<std::vector<double>> taps{};
    };
    explicit frequency_translate(const BlockProxy& block) : BlockProxy(block) {}
    frequency_translate(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : frequency_translate(graph.add(name, "frequency_translate", detail::given_settings({
              {"shift", detail::setting(settings.shift)},
              {"decimation", detail::setting(settings.decimation)},
              {"cutoff", detail::setting(settings.cutoff)},
              {"transition", detail::setting(settings.transition)},
              {"attenuation", detail::setting(settings.attenuation)},
              {"taps_count", detail::setting(settings.taps_count)},
              {"taps", detail::setting(settings.taps)}}), copies)) {}

    TypedParameter<double> shift{*this, "shift"};
    TypedParameter<std::int64_t> decimation{*this, "decimation"};
    TypedParameter<double> cutoff{*this, "cutoff"};
    TypedParameter<double> transition{*this, "transition"};
    TypedParameter<double> attenuation{*this, "attenuation"};
    TypedParameter<std::int64_t> taps_count{*this, "taps_count"};
    TypedParameter<std::vector<double>> taps{*this, "taps"};
};

/// Mean of the last items, of each sample of items of any shape.
class moving_average : public BlockProxy {
public:
    struct Settings {
        /// How many items a mean is of. A number of samples (an integer) from 1 samples to 16777216 samples; must be
        /// given.
        std::optional<std::int64_t> n{};
    };
    explicit moving_average(const BlockProxy& block) : BlockProxy(block) {}
    moving_average(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : moving_average(graph.add(name, "moving_average", detail::given_settings({
              {"n", detail::setting(settings.n)}}), copies)) {}

    TypedParameter<std::int64_t> n{*this, "n"};
};

/// Splits a band into equal channels in ascending order of frequency; channel M/2 is centred where the input is.
class pfb_channelizer : public BlockProxy {
public:
    struct Settings {
        /// How many channels, M. An integer from 1 to 65536; must be given.
        std::optional<std::int64_t> channels{};
        /// Length of the prototype filter in units of M. An integer from 2 to 256; default 12.
        std::optional<std::int64_t> taps_per_channel{};
        /// Of the prototype's stop band (Kaiser's window). A level from 0 dB to 150 dB; default 80.0 dB.
        std::optional<double> attenuation{};
    };
    explicit pfb_channelizer(const BlockProxy& block) : BlockProxy(block) {}
    pfb_channelizer(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : pfb_channelizer(graph.add(name, "pfb_channelizer", detail::given_settings({
              {"channels", detail::setting(settings.channels)},
              {"taps_per_channel", detail::setting(settings.taps_per_channel)},
              {"attenuation", detail::setting(settings.attenuation)}}), copies)) {}

    TypedParameter<std::int64_t> channels{*this, "channels"};
    TypedParameter<std::int64_t> taps_per_channel{*this, "taps_per_channel"};
    TypedParameter<double> attenuation{*this, "attenuation"};
};

/// Changes the sample rate by a ratio of integers of any size, with a low pass, in each channel.
class rational_resampler : public BlockProxy {
public:
    struct Settings {
        /// I: the rate is multiplied by I / D. An integer from 1 to 1000000000000; default 1.
        std::optional<std::int64_t> interpolation{};
        /// D. An integer from 1 to 1000000000000; default 1.
        std::optional<std::int64_t> decimation{};
        /// The rate that leaves, instead of I and D. A frequency from 1e-06 Hz to 1000 GHz; may be left out.
        std::optional<double> output_rate{};
        /// Where the low pass is 6 dB down; default 0.4 of the rate that leaves. A frequency >= 0 Hz; may be left out.
        std::optional<double> cutoff{};
        /// Width from pass band to stop band, around the cutoff; default 0.2 of the rate that leaves. A frequency >=
        /// 1e-06 Hz; may be left out.
        std::optional<double> transition{};
        /// Of the stop band. A level from 10 dB to 180 dB; default 60.0 dB.
        std::optional<double> attenuation{};
        /// How many taps, instead of what transition needs. An integer from 1 to 1048576; may be left out.
        std::optional<std::int64_t> taps_count{};
        /// The filter itself, instead of a designed one. A list of numbers; may be left out.
        std::optional<std::vector<double>> taps{};
    };
    explicit rational_resampler(const BlockProxy& block) : BlockProxy(block) {}
    rational_resampler(Graph& graph, const std::string& name) : rational_resampler(graph, name, Settings{}) {}
    rational_resampler(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : rational_resampler(graph.add(name, "rational_resampler", detail::given_settings({
              {"interpolation", detail::setting(settings.interpolation)},
              {"decimation", detail::setting(settings.decimation)},
              {"output_rate", detail::setting(settings.output_rate)},
              {"cutoff", detail::setting(settings.cutoff)},
              {"transition", detail::setting(settings.transition)},
              {"attenuation", detail::setting(settings.attenuation)},
              {"taps_count", detail::setting(settings.taps_count)},
              {"taps", detail::setting(settings.taps)}}), copies)) {}

    TypedParameter<std::int64_t> interpolation{*this, "interpolation"};
    TypedParameter<std::int64_t> decimation{*this, "decimation"};
    TypedParameter<double> output_rate{*this, "output_rate"};
    TypedParameter<double> cutoff{*this, "cutoff"};
    TypedParameter<double> transition{*this, "transition"};
    TypedParameter<double> attenuation{*this, "attenuation"};
    TypedParameter<std::int64_t> taps_count{*this, "taps_count"};
    TypedParameter<std::vector<double>> taps{*this, "taps"};
};

}  // namespace flowspan::blocks

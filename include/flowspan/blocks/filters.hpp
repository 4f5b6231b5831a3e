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

/// Changes the rate of each channel by an integer with a filter of moving averages (a CIC), gain 1 at 0 Hz.
class cic : public BlockProxy {
public:
    struct Settings {
        /// D: keeps one sample in so many. An integer from 1 to 65536; default 1.
        std::optional<std::int64_t> decimation{};
        /// I: makes so many samples of one. An integer from 1 to 65536; default 1.
        std::optional<std::int64_t> interpolation{};
        /// N. What is folded from beside a multiple of the lower rate is N times as far down in dB; the pass band
        /// droops: 0.2 dB a stage at 1/8 of the lower rate, 0.9 dB at a quarter (M = 1). An integer from 1 to 8;
        /// default 4.
        std::optional<std::int64_t> stages{};
        /// M: of the combs. An integer from 1 to 4; default 1.
        std::optional<std::int64_t> differential_delay{};
    };
    explicit cic(const BlockProxy& block) : BlockProxy(block) {}
    cic(Graph& graph, const std::string& name) : cic(graph, name, Settings{}) {}
    cic(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : cic(graph.add(name, "cic", detail::given_settings({
              {"decimation", detail::setting(settings.decimation)},
              {"interpolation", detail::setting(settings.interpolation)},
              {"stages", detail::setting(settings.stages)},
              {"differential_delay", detail::setting(settings.differential_delay)}}), copies)) {}

    TypedParameter<std::int64_t> decimation{*this, "decimation"};
    TypedParameter<std::int64_t> interpolation{*this, "interpolation"};
    TypedParameter<std::int64_t> stages{*this, "stages"};
    TypedParameter<std::int64_t> differential_delay{*this, "differential_delay"};
};

/// Takes what is at 0 Hz out of each channel, with linear phase.
class dc_blocker : public BlockProxy {
public:
    struct Settings {
        /// L, of each moving average. What is further than about rate / L from 0 Hz passes. A number of samples (an
        /// integer) from 2 samples to 262144 samples; default 32 samples.
        std::optional<std::int64_t> length{};
        /// Four averages (a flatter pass band) instead of two. True or false; default true.
        std::optional<bool> long_form{};
    };
    explicit dc_blocker(const BlockProxy& block) : BlockProxy(block) {}
    dc_blocker(Graph& graph, const std::string& name) : dc_blocker(graph, name, Settings{}) {}
    dc_blocker(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : dc_blocker(graph.add(name, "dc_blocker", detail::given_settings({
              {"length", detail::setting(settings.length)},
              {"long_form", detail::setting(settings.long_form)}}), copies)) {}

    TypedParameter<std::int64_t> length{*this, "length"};
    TypedParameter<bool> long_form{*this, "long_form"};
};

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

/// Filters each channel with a finite impulse response, designed from hertz or given, interpolates and decimates.
class fir_filter : public BlockProxy {
public:
    struct Settings {
        /// What passes: below cutoff, above cutoff, from low to high of both signs, or as they are (complex samples).
        /// One of low, high, band, one_sided; default low.
        std::optional<std::string> kind{};
        /// Edge of a low or high pass: 6 dB down. A frequency >= 0 Hz; may be left out; may change while running.
        std::optional<double> cutoff{};
        /// Lower edge of a band. A frequency; may be left out; may change while running.
        std::optional<double> low{};
        /// Upper edge of a band. A frequency; may be left out; may change while running.
        std::optional<double> high{};
        /// Width from pass band to stop band, around an edge; gives the number of taps. A frequency >= 1e-06 Hz; may be
        /// left out.
        std::optional<double> transition{};
        /// The number of taps, instead of what transition needs. An integer from 1 to 1048576; may be left out.
        std::optional<std::int64_t> taps_count{};
        /// How: by the window, by Kaiser's; with the least greatest error (needs transition); root raised cosine and
        /// Gaussian pulses of symbol_rate. One of window, kaiser, remez, rrc, gaussian; default window.
        std::optional<std::string> design{};
        /// Window of the design. One of rectangular, hann, hamming, blackman, kaiser; default kaiser.
        std::optional<std::string> window{};
        /// Of the stop band, with Kaiser's window or remez. A level from 10 dB to 180 dB; default 60.0 dB.
        std::optional<double> attenuation{};
        /// Of the pass band with remez, from the least to the greatest gain. A level from 1e-06 dB to 6 dB; default 0.1
        /// dB.
        std::optional<double> ripple{};
        /// Of rrc and gaussian: symbols in a second. A frequency >= 1e-06 Hz; may be left out.
        std::optional<double> symbol_rate{};
        /// Of rrc: excess bandwidth. A number from 0.01 to 1; default 0.35.
        std::optional<double> rolloff{};
        /// Of gaussian: 3 dB bandwidth by symbol_rate. A number from 0.01 to 10; default 0.3.
        std::optional<double> bt{};
        /// The filter itself, instead of a designed one; complex ones for complex samples, without interpolation. A
        /// list of complex numbers (1+2j); may be left out; may change while running.
        std::optional<std::vector<std::complex<double>>> taps{};
        /// Keeps one sample in so many. An integer from 1 to 1048576; default 1.
        std::optional<std::int64_t> decimation{};
        /// Makes so many samples of one, before that. An integer from 1 to 65536; default 1.
        std::optional<std::int64_t> interpolation{};
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
              {"design", detail::setting(settings.design)},
              {"window", detail::setting(settings.window)},
              {"attenuation", detail::setting(settings.attenuation)},
              {"ripple", detail::setting(settings.ripple)},
              {"symbol_rate", detail::setting(settings.symbol_rate)},
              {"rolloff", detail::setting(settings.rolloff)},
              {"bt", detail::setting(settings.bt)},
              {"taps", detail::setting(settings.taps)},
              {"decimation", detail::setting(settings.decimation)},
              {"interpolation", detail::setting(settings.interpolation)}}), copies)) {}

    TypedParameter<std::string> kind{*this, "kind"};
    TypedParameter<double> cutoff{*this, "cutoff"};
    TypedParameter<double> low{*this, "low"};
    TypedParameter<double> high{*this, "high"};
    TypedParameter<double> transition{*this, "transition"};
    TypedParameter<std::int64_t> taps_count{*this, "taps_count"};
    TypedParameter<std::string> design{*this, "design"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<double> attenuation{*this, "attenuation"};
    TypedParameter<double> ripple{*this, "ripple"};
    TypedParameter<double> symbol_rate{*this, "symbol_rate"};
    TypedParameter<double> rolloff{*this, "rolloff"};
    TypedParameter<double> bt{*this, "bt"};
    TypedParameter<std::vector<std::complex<double>>> taps{*this, "taps"};
    TypedParameter<std::int64_t> decimation{*this, "decimation"};
    TypedParameter<std::int64_t> interpolation{*this, "interpolation"};
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

/// Halves the rate of each channel, by a filter of which half of the taps are 0 and are left out.
class half_band : public BlockProxy {
public:
    struct Settings {
        /// Width from pass band to stop band, around a quarter of the rate; default a tenth of the rate. A frequency >=
        /// 1e-06 Hz; may be left out.
        std::optional<double> transition{};
        /// Of the stop band. A level from 10 dB to 180 dB; default 60.0 dB.
        std::optional<double> attenuation{};
    };
    explicit half_band(const BlockProxy& block) : BlockProxy(block) {}
    half_band(Graph& graph, const std::string& name) : half_band(graph, name, Settings{}) {}
    half_band(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : half_band(graph.add(name, "half_band", detail::given_settings({
              {"transition", detail::setting(settings.transition)},
              {"attenuation", detail::setting(settings.attenuation)}}), copies)) {}

    TypedParameter<double> transition{*this, "transition"};
    TypedParameter<double> attenuation{*this, "attenuation"};
};

/// Makes the analytic signal of each real channel: frequencies above 0 alone.
class hilbert : public BlockProxy {
public:
    struct Settings {
        /// Length of the transformer, an odd number. An integer from 3 to 8191; default 65.
        std::optional<std::int64_t> taps_count{};
        /// Window of the design. One of rectangular, hann, hamming, blackman, kaiser; default hamming.
        std::optional<std::string> window{};
        /// Of negative frequencies, with Kaiser's window. A level from 10 dB to 180 dB; default 60.0 dB.
        std::optional<double> attenuation{};
    };
    explicit hilbert(const BlockProxy& block) : BlockProxy(block) {}
    hilbert(Graph& graph, const std::string& name) : hilbert(graph, name, Settings{}) {}
    hilbert(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : hilbert(graph.add(name, "hilbert", detail::given_settings({
              {"taps_count", detail::setting(settings.taps_count)},
              {"window", detail::setting(settings.window)},
              {"attenuation", detail::setting(settings.attenuation)}}), copies)) {}

    TypedParameter<std::int64_t> taps_count{*this, "taps_count"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<double> attenuation{*this, "attenuation"};
};

/// Filters each channel by a cascade of second-order sections. Samples that are not finite are counted, and are 0 to
/// the sections.
class iir_filter : public BlockProxy {
public:
    struct Settings {
        /// Second-order sections, b0 b1 b2 a0 a1 a2 of each, one after the other, as scipy.signal gives them
        /// (output='sos'); a0 is 1. A list of numbers; must be given; may change while running.
        std::optional<std::vector<double>> sections{};
    };
    explicit iir_filter(const BlockProxy& block) : BlockProxy(block) {}
    iir_filter(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : iir_filter(graph.add(name, "iir_filter", detail::given_settings({
              {"sections", detail::setting(settings.sections)}}), copies)) {}

    TypedParameter<std::vector<double>> sections{*this, "sections"};
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

/// Smooths each channel with a recursive filter of one pole. Samples that are not finite are counted, and are 0 to the
/// filter.
class single_pole : public BlockProxy {
public:
    struct Settings {
        /// Weight of a new sample; after 1 / alpha samples a step is made up for but for 1 / e. A number from 1e-09 to
        /// 1; must be given; may change while running.
        std::optional<double> alpha{};
    };
    explicit single_pole(const BlockProxy& block) : BlockProxy(block) {}
    single_pole(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : single_pole(graph.add(name, "single_pole", detail::given_settings({
              {"alpha", detail::setting(settings.alpha)}}), copies)) {}

    TypedParameter<double> alpha{*this, "alpha"};
};

}  // namespace flowspan::blocks

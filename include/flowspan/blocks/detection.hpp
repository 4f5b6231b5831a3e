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

/// Decodes Mode S frames (ADS-B) of aircraft on 1090 MHz, from samples at 2 MHz or more: a message for each whose
/// parity is right.
class adsb_decoder : public BlockProxy {
public:
    struct Settings {
        /// How far the pulses of a preamble lie above what is between them. Parity is checked in any case; a higher
        /// threshold costs weak frames and saves time. A level from 0 dB to 60 dB; default 0.0 dB; may change while
        /// running.
        std::optional<double> threshold{};
        /// Also frames whose parity holds their address (formats 0, 4, 5, 16, 20, 21; 11 in answers), where that was
        /// announced in the minute before. True or false; default false.
        std::optional<bool> known_addresses{};
    };
    explicit adsb_decoder(const BlockProxy& block) : BlockProxy(block) {}
    adsb_decoder(Graph& graph, const std::string& name) : adsb_decoder(graph, name, Settings{}) {}
    adsb_decoder(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : adsb_decoder(graph.add(name, "adsb_decoder", detail::given_settings({
              {"threshold", detail::setting(settings.threshold)},
              {"known_addresses", detail::setting(settings.known_addresses)}}), copies)) {}

    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<bool> known_addresses{*this, "known_addresses"};
};

/// Finds bursts of energy above the noise floor; passes samples on, tagged. A level that stays for 512 frames becomes
/// the floor. What lies between exact zeros, shorter than they are, is a burst, too. Frames that are not finite are
/// left out and counted.
class burst_detector : public BlockProxy {
public:
    struct Settings {
        /// How far above the noise floor a burst is. A level from 0 dB to 200 dB; default 10.0 dB; may change while
        /// running.
        std::optional<double> threshold{};
        /// A burst ends where it is no further above the noise floor than this (hysteresis); default: threshold. A
        /// level from 0 dB to 200 dB; may be left out; may change while running.
        std::optional<double> end_threshold{};
        /// When a burst is told of: when it is over, or also when it has begun; messages then say `event`, begin or
        /// end. One of end, begin_and_end; default end.
        std::optional<std::string> report{};
        /// Samples whose power is taken together: the resolution in time. A number of samples (an integer) from 1
        /// samples to 1048576 samples; default 256 samples.
        std::optional<std::int64_t> frame{};
        /// Shorter bursts are not reported. A time >= 0 s; default 0.0 s.
        std::optional<double> minimum_duration{};
        /// A level that stays so long becomes the noise floor; default: 512 frames, and at least twice
        /// minimum_duration. A time >= 0 s; may be left out.
        std::optional<double> maximum_duration{};
    };
    explicit burst_detector(const BlockProxy& block) : BlockProxy(block) {}
    burst_detector(Graph& graph, const std::string& name) : burst_detector(graph, name, Settings{}) {}
    burst_detector(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : burst_detector(graph.add(name, "burst_detector", detail::given_settings({
              {"threshold", detail::setting(settings.threshold)},
              {"end_threshold", detail::setting(settings.end_threshold)},
              {"report", detail::setting(settings.report)},
              {"frame", detail::setting(settings.frame)},
              {"minimum_duration", detail::setting(settings.minimum_duration)},
              {"maximum_duration", detail::setting(settings.maximum_duration)}}), copies)) {}

    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<double> end_threshold{*this, "end_threshold"};
    TypedParameter<std::string> report{*this, "report"};
    TypedParameter<std::int64_t> frame{*this, "frame"};
    TypedParameter<double> minimum_duration{*this, "minimum_duration"};
    TypedParameter<double> maximum_duration{*this, "maximum_duration"};
};

/// Finds a known sequence: a message and a tag at its first sample, with phase and frequency offset. Passes samples on.
class correlate : public BlockProxy {
public:
    struct Settings {
        /// The samples to look for: a list, or a file of them (.npy, text). A list of complex numbers (1+2j); must be
        /// given.
        std::optional<std::vector<std::complex<double>>> sequence{};
        /// Least normalised correlation of a peak; 1: nothing but the sequence, scaled and turned. A number from 0 to
        /// 1; default 0.7; may change while running.
        std::optional<double> threshold{};
        /// Of peaks that are no further apart the greatest is reported; default: the sequence's length. A number of
        /// samples (an integer) from 0 samples to 4194304 samples; may be left out.
        std::optional<std::int64_t> spacing{};
    };
    explicit correlate(const BlockProxy& block) : BlockProxy(block) {}
    correlate(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : correlate(graph.add(name, "correlate", detail::given_settings({
              {"sequence", detail::setting(settings.sequence)},
              {"threshold", detail::setting(settings.threshold)},
              {"spacing", detail::setting(settings.spacing)}}), copies)) {}

    TypedParameter<std::vector<std::complex<double>>> sequence{*this, "sequence"};
    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<std::int64_t> spacing{*this, "spacing"};
};

/// Measures level and peak of a stream as it passes, for who watches. Counts samples that are not finite.
class probe : public BlockProxy {
public:
    struct Settings {
        /// Items of one measurement, which is of all their samples. A number of samples (an integer) from 1 samples to
        /// 1048576 samples; default 65536 samples.
        std::optional<std::int64_t> every{};
    };
    explicit probe(const BlockProxy& block) : BlockProxy(block) {}
    probe(Graph& graph, const std::string& name) : probe(graph, name, Settings{}) {}
    probe(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : probe(graph.add(name, "probe", detail::given_settings({
              {"every", detail::setting(settings.every)}}), copies)) {}

    TypedParameter<std::int64_t> every{*this, "every"};
    /// Root mean square of the last frame.
    TypedReading<double> rms{*this, "rms"};
    /// Greatest magnitude in the last frame.
    TypedReading<double> peak{*this, "peak"};
    /// Items per second that come by, on the clock on the wall.
    TypedReading<double> rate{*this, "rate"};
};

/// Finds bursts in time and frequency: bins of short transforms above a threshold of constant false-alarm rate. Each is
/// reported with its band. Frames that are not finite are counted.
class spectral_burst_detector : public BlockProxy {
public:
    struct Settings {
        /// Samples in a frame, and bins. A number of samples (an integer) from 8 samples to 1048576 samples; default
        /// 256 samples.
        std::optional<std::int64_t> size{};
        /// Window (periodic). One of rectangular, hann, hamming, blackman, kaiser; default hann.
        std::optional<std::string> window{};
        /// What noise is told by: ca, the mean of the bins around; os, their third quartile, which signals beside do
        /// not lift. One of ca, os; default os.
        std::optional<std::string> cfar{};
        /// Probability that a bin of noise is above its threshold (with independent bins: `window: rectangular`). A
        /// number from 1e-15 to 0.1; default 1e-07.
        std::optional<double> false_alarms{};
        /// Bins on each side that tell the noise. An integer from 1 to 65536; default 16.
        std::optional<std::int64_t> training{};
        /// Bins on each side that are passed over: about as wide as half a burst. An integer from 0 to 65536; default
        /// 8.
        std::optional<std::int64_t> guard{};
        /// Bins below the threshold that a burst may have within. An integer from 0 to 65536; default 2.
        std::optional<std::int64_t> join{};
        /// Frames without it that end a burst. An integer from 1 to 65536; default 1.
        std::optional<std::int64_t> hold_{};
        /// Shorter bursts are not reported. A time >= 0 s; default 0.0 s.
        std::optional<double> minimum_duration{};
    };
    explicit spectral_burst_detector(const BlockProxy& block) : BlockProxy(block) {}
    spectral_burst_detector(Graph& graph, const std::string& name) : spectral_burst_detector(graph, name, Settings{}) {}
    spectral_burst_detector(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : spectral_burst_detector(graph.add(name, "spectral_burst_detector", detail::given_settings({
              {"size", detail::setting(settings.size)},
              {"window", detail::setting(settings.window)},
              {"cfar", detail::setting(settings.cfar)},
              {"false_alarms", detail::setting(settings.false_alarms)},
              {"training", detail::setting(settings.training)},
              {"guard", detail::setting(settings.guard)},
              {"join", detail::setting(settings.join)},
              {"hold", detail::setting(settings.hold_)},
              {"minimum_duration", detail::setting(settings.minimum_duration)}}), copies)) {}

    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<std::string> cfar{*this, "cfar"};
    TypedParameter<double> false_alarms{*this, "false_alarms"};
    TypedParameter<std::int64_t> training{*this, "training"};
    TypedParameter<std::int64_t> guard{*this, "guard"};
    TypedParameter<std::int64_t> join{*this, "join"};
    TypedParameter<std::int64_t> hold_{*this, "hold"};
    TypedParameter<double> minimum_duration{*this, "minimum_duration"};
};

/// 1 where real samples are high, else 0; with hysteresis where `low` is given.
class threshold : public BlockProxy {
public:
    struct Settings {
        /// From here on it is 1. A number; must be given; may change while running.
        std::optional<double> high{};
        /// What has become 1 stays so down to here (hysteresis); default: high. A number; may be left out; may change
        /// while running.
        std::optional<double> low{};
    };
    explicit threshold(const BlockProxy& block) : BlockProxy(block) {}
    threshold(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : threshold(graph.add(name, "threshold", detail::given_settings({
              {"high", detail::setting(settings.high)},
              {"low", detail::setting(settings.low)}}), copies)) {}

    TypedParameter<double> high{*this, "high"};
    TypedParameter<double> low{*this, "low"};
};

}  // namespace flowspan::blocks

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
              {"frame", detail::setting(settings.frame)},
              {"minimum_duration", detail::setting(settings.minimum_duration)},
              {"maximum_duration", detail::setting(settings.maximum_duration)}}), copies)) {}

    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<std::int64_t> frame{*this, "frame"};
    TypedParameter<double> minimum_duration{*this, "minimum_duration"};
    TypedParameter<double> maximum_duration{*this, "maximum_duration"};
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

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

/// Spectra of successive frames, bins in ascending order of frequency.
class fft : public BlockProxy {
public:
    struct Settings {
        /// Samples in a frame, and bins. A number of samples (an integer) from 1 samples to 16777216 samples; default
        /// 1024 samples.
        std::optional<std::int64_t> size{};
        /// From one frame's first sample to the next one's; default: size. A number of samples (an integer) from 1
        /// samples to 16777216 samples; may be left out.
        std::optional<std::int64_t> hop{};
        /// Window (periodic). One of rectangular, hann, hamming, blackman, kaiser; default rectangular.
        std::optional<std::string> window{};
    };
    explicit fft(const BlockProxy& block) : BlockProxy(block) {}
    fft(Graph& graph, const std::string& name) : fft(graph, name, Settings{}) {}
    fft(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : fft(graph.add(name, "fft", detail::given_settings({
              {"size", detail::setting(settings.size)},
              {"hop", detail::setting(settings.hop)},
              {"window", detail::setting(settings.window)}}), copies)) {}

    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::int64_t> hop{*this, "hop"};
    TypedParameter<std::string> window{*this, "window"};
};

/// Finds the greatest local maxima of spectra: messages with frequency and level. Spectra that are not finite are left
/// out and counted.
class peaks : public BlockProxy {
public:
    struct Settings {
        /// At most so many of a spectrum. An integer from 1 to 1048576; default 5.
        std::optional<std::int64_t> number{};
        /// Least level of a peak, above the reference. A level from -400 dB to 400 dB; default 10.0 dB; may change
        /// while running.
        std::optional<double> threshold{};
        /// What levels are compared with: the spectrum's median, or 1 of its unit. One of median, unit; default median.
        std::optional<std::string> reference{};
    };
    explicit peaks(const BlockProxy& block) : BlockProxy(block) {}
    peaks(Graph& graph, const std::string& name) : peaks(graph, name, Settings{}) {}
    peaks(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : peaks(graph.add(name, "peaks", detail::given_settings({
              {"number", detail::setting(settings.number)},
              {"threshold", detail::setting(settings.threshold)},
              {"reference", detail::setting(settings.reference)}}), copies)) {}

    TypedParameter<std::int64_t> number{*this, "number"};
    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<std::string> reference{*this, "reference"};
};

/// Power spectral density by Welch's method, in ascending order of frequency. Frames that are not finite are left out
/// and counted.
class psd : public BlockProxy {
public:
    struct Settings {
        /// Samples in a frame, and bins. A number of samples (an integer) from 1 samples to 4194304 samples; default
        /// 1024 samples.
        std::optional<std::int64_t> size{};
        /// Samples that successive frames share; default: half of size. A number of samples (an integer) >= 0 samples;
        /// may be left out.
        std::optional<std::int64_t> overlap{};
        /// Window (periodic). One of rectangular, hann, hamming, blackman, kaiser; default hann.
        std::optional<std::string> window{};
        /// Frames in one item; 0: all, one item at the end. An integer from 0 to 1000000000000; default 0.
        std::optional<std::int64_t> average{};
    };
    explicit psd(const BlockProxy& block) : BlockProxy(block) {}
    psd(Graph& graph, const std::string& name) : psd(graph, name, Settings{}) {}
    psd(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : psd(graph.add(name, "psd", detail::given_settings({
              {"size", detail::setting(settings.size)},
              {"overlap", detail::setting(settings.overlap)},
              {"window", detail::setting(settings.window)},
              {"average", detail::setting(settings.average)}}), copies)) {}

    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::int64_t> overlap{*this, "overlap"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<std::int64_t> average{*this, "average"};
};

/// Powers of overlapping short transforms, in ascending order of frequency. Frames that are not finite are NaN, and
/// counted.
class spectrogram : public BlockProxy {
public:
    struct Settings {
        /// Samples in a frame, and bins. A number of samples (an integer) from 1 samples to 4194304 samples; default
        /// 1024 samples.
        std::optional<std::int64_t> size{};
        /// Samples that successive frames share; default: half of size. A number of samples (an integer) >= 0 samples;
        /// may be left out.
        std::optional<std::int64_t> overlap{};
        /// Window (periodic). One of rectangular, hann, hamming, blackman, kaiser; default hann.
        std::optional<std::string> window{};
        /// Powers (1: full scale), or levels in dBFS, at least -200. One of power, db; default power.
        std::optional<std::string> scale{};
    };
    explicit spectrogram(const BlockProxy& block) : BlockProxy(block) {}
    spectrogram(Graph& graph, const std::string& name) : spectrogram(graph, name, Settings{}) {}
    spectrogram(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : spectrogram(graph.add(name, "spectrogram", detail::given_settings({
              {"size", detail::setting(settings.size)},
              {"overlap", detail::setting(settings.overlap)},
              {"window", detail::setting(settings.window)},
              {"scale", detail::setting(settings.scale)}}), copies)) {}

    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::int64_t> overlap{*this, "overlap"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<std::string> scale{*this, "scale"};
};

}  // namespace flowspan::blocks

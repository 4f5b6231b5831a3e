// Block types as C++ classes, for graphs that a program builds; written by `flowspan blocks --cpp`:
//
//     flowspan::blocks::TYPE block(graph, "name", {.parameter = value});
//     block.parameter.set(value);
//
// Settings that are left out keep their defaults. A class can also be made of what `Graph::block` gives.
// clang-format off
#pragma once

#include <flowspan/typed.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// Adds streams, sample by sample; 16-bit integers saturate.
class add : public BlockProxy {
public:
    struct Settings {
        /// How many streams are added. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
    };
    explicit add(const BlockProxy& block) : BlockProxy(block) {}
    add(Graph& graph, const std::string& name) : add(graph, name, Settings{}) {}
    add(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : add(graph.add(name, "add", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
};

/// Finds bursts of energy above the noise floor; passes samples on, tagged.
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
    };
    explicit burst_detector(const BlockProxy& block) : BlockProxy(block) {}
    burst_detector(Graph& graph, const std::string& name) : burst_detector(graph, name, Settings{}) {}
    burst_detector(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : burst_detector(graph.add(name, "burst_detector", detail::given_settings({
              {"threshold", detail::setting(settings.threshold)},
              {"frame", detail::setting(settings.frame)},
              {"minimum_duration", detail::setting(settings.minimum_duration)}}), copies)) {}

    TypedParameter<double> threshold{*this, "threshold"};
    TypedParameter<std::int64_t> frame{*this, "frame"};
    TypedParameter<double> minimum_duration{*this, "minimum_duration"};
};

/// Turns floats into integers: rounds half to even, saturates, counts clips.
class convert : public BlockProxy {
public:
    struct Settings {
        /// The type that leaves: ci16, ci8, cu8 (of complex samples), ri16, ri8, ru8 (of real ones). A sample type
        /// (cf32, ci16, rf32, ...); must be given.
        std::optional<std::string> to{};
    };
    explicit convert(const BlockProxy& block) : BlockProxy(block) {}
    convert(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : convert(graph.add(name, "convert", detail::given_settings({
              {"to", detail::setting(settings.to)}}), copies)) {}

    TypedParameter<std::string> to{*this, "to"};
};

/// Passes items of any type on unchanged.
class copy : public BlockProxy {
public:
    struct Settings {};
    explicit copy(const BlockProxy& block) : BlockProxy(block) {}
    copy(Graph& graph, const std::string& name) : copy(graph, name, Settings{}) {}
    copy(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : copy(graph.add(name, "copy", detail::given_settings({}), copies)) {}
};

/// Undoes the pre-emphasis of broadcast FM.
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

/// Writes a stream to a file: raw samples, or a SigMF recording.
class file_sink : public BlockProxy {
public:
    struct Settings {
        /// The file to make. A SigMF recording is a pair: .sigmf-data and .sigmf-meta. The path of a file to write;
        /// must be given.
        std::optional<std::string> path{};
        /// raw: samples alone. sigmf: with a header. auto: SigMF when `path` ends in .sigmf-meta or .sigmf-data. One of
        /// auto, raw, sigmf; default auto.
        std::optional<std::string> format{};
        /// Writes core:sha512 into the SigMF header. True or false; default false.
        std::optional<bool> checksum{};
        /// core:description of the SigMF header. A text; may be left out.
        std::optional<std::string> description{};
    };
    explicit file_sink(const BlockProxy& block) : BlockProxy(block) {}
    file_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : file_sink(graph.add(name, "file_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"format", detail::setting(settings.format)},
              {"checksum", detail::setting(settings.checksum)},
              {"description", detail::setting(settings.description)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> format{*this, "format"};
    TypedParameter<bool> checksum{*this, "checksum"};
    TypedParameter<std::string> description{*this, "description"};
};

/// Reads a recording: SigMF, WAV, or raw samples.
class file_source : public BlockProxy {
public:
    struct Settings {
        /// Recording: SigMF, WAV, or raw samples. The path of a file; must be given.
        std::optional<std::string> path{};
        /// Type of the samples of a recording without a header: cf32, ci16, cu8, ci16_be, … A text; may be left out.
        std::optional<std::string> datatype{};
        /// Samples per second, where the recording does not say it. A frequency from 1e-06 Hz to 2.147483647 GHz; may
        /// be left out.
        std::optional<double> sample_rate{};
        /// What 0 Hz of the samples was on the air, where the recording does not say it. A frequency; may be left out.
        std::optional<double> center_frequency{};
        /// The sample value that means 1.0; by default that of the type (32768 for ci16). A number >= 1e-30; may be
        /// left out.
        std::optional<double> full_scale{};
        /// Where to begin: samples (1000), seconds (2.5 s), or UTC (2019-08-29T19:08:20Z). Indices are not renumbered.
        /// A text; may be left out.
        std::optional<std::string> from{};
        /// How much to read: samples, seconds, or the UTC at which to end. A text; may be left out.
        std::optional<std::string> duration{};
        /// What missing samples become: an error, zeros in their place, or the end of a stretch. One of error, zeros,
        /// restart; default error.
        std::optional<std::string> gaps{};
        /// What a change of the centre frequency becomes: an error, or the end of a stretch. One of error, restart;
        /// default error.
        std::optional<std::string> retune{};
        /// Compares the data with core:sha512 of the SigMF header before the run, whatever part is read: about 1.3
        /// CPU-seconds per GB. True or false; default false.
        std::optional<bool> checksum{};
    };
    explicit file_source(const BlockProxy& block) : BlockProxy(block) {}
    file_source(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : file_source(graph.add(name, "file_source", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"datatype", detail::setting(settings.datatype)},
              {"sample_rate", detail::setting(settings.sample_rate)},
              {"center_frequency", detail::setting(settings.center_frequency)},
              {"full_scale", detail::setting(settings.full_scale)},
              {"from", detail::setting(settings.from)},
              {"duration", detail::setting(settings.duration)},
              {"gaps", detail::setting(settings.gaps)},
              {"retune", detail::setting(settings.retune)},
              {"checksum", detail::setting(settings.checksum)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> datatype{*this, "datatype"};
    TypedParameter<double> sample_rate{*this, "sample_rate"};
    TypedParameter<double> center_frequency{*this, "center_frequency"};
    TypedParameter<double> full_scale{*this, "full_scale"};
    TypedParameter<std::string> from{*this, "from"};
    TypedParameter<std::string> duration{*this, "duration"};
    TypedParameter<std::string> gaps{*this, "gaps"};
    TypedParameter<std::string> retune{*this, "retune"};
    TypedParameter<bool> checksum{*this, "checksum"};
};

/// Filters with a finite impulse response, designed from hertz or given, and decimates.
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

/// Demodulates frequency modulation (quadrature).
class fm_demod : public BlockProxy {
public:
    struct Settings {
        /// Frequency deviation that gives an output of 1. A frequency >= 1 Hz; default 75000.0 Hz; may change while
        /// running.
        std::optional<double> deviation{};
    };
    explicit fm_demod(const BlockProxy& block) : BlockProxy(block) {}
    fm_demod(Graph& graph, const std::string& name) : fm_demod(graph, name, Settings{}) {}
    fm_demod(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : fm_demod(graph.add(name, "fm_demod", detail::given_settings({
              {"deviation", detail::setting(settings.deviation)}}), copies)) {}

    TypedParameter<double> deviation{*this, "deviation"};
};

/// Modulates the frequency of a carrier at 0 Hz.
class fm_modulator : public BlockProxy {
public:
    struct Settings {
        /// Frequency deviation for an input of 1. A frequency >= 0 Hz; default 75000.0 Hz; may change while running.
        std::optional<double> deviation{};
        /// Magnitude of the output. A number >= 0; default 1.0; may change while running.
        std::optional<double> amplitude{};
    };
    explicit fm_modulator(const BlockProxy& block) : BlockProxy(block) {}
    fm_modulator(Graph& graph, const std::string& name) : fm_modulator(graph, name, Settings{}) {}
    fm_modulator(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : fm_modulator(graph.add(name, "fm_modulator", detail::given_settings({
              {"deviation", detail::setting(settings.deviation)},
              {"amplitude", detail::setting(settings.amplitude)}}), copies)) {}

    TypedParameter<double> deviation{*this, "deviation"};
    TypedParameter<double> amplitude{*this, "amplitude"};
};

/// Moves a frequency to the centre, and filters and decimates what is around it.
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

/// Writes a stream of any type and shape to an HDF5 file.
class hdf5_sink : public BlockProxy {
public:
    struct Settings {
        /// The file to make, with the dataset `data`. Each further stretch of the stream gets a file of its own:
        /// NAME.2.h5, … The path of a file to write; must be given.
        std::optional<std::string> path{};
    };
    explicit hdf5_sink(const BlockProxy& block) : BlockProxy(block) {}
    hdf5_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : hdf5_sink(graph.add(name, "hdf5_sink", detail::given_settings({
              {"path", detail::setting(settings.path)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
};

/// Passes the first items of a stream and ends; what makes them is cancelled.
class head : public BlockProxy {
public:
    struct Settings {
        /// How many items pass. A number of samples (an integer) >= 0 samples; must be given.
        std::optional<std::int64_t> length{};
    };
    explicit head(const BlockProxy& block) : BlockProxy(block) {}
    head(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : head(graph.add(name, "head", detail::given_settings({
              {"length", detail::setting(settings.length)}}), copies)) {}

    TypedParameter<std::int64_t> length{*this, "length"};
};

/// Writes messages to a file of JSON lines.
class message_log : public BlockProxy {
public:
    struct Settings {
        /// The file to make: one JSON object a line, {"port", "stamp", "value"}. The path of a file to write; must be
        /// given.
        std::optional<std::string> path{};
    };
    explicit message_log(const BlockProxy& block) : BlockProxy(block) {}
    message_log(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : message_log(graph.add(name, "message_log", detail::given_settings({
              {"path", detail::setting(settings.path)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
};

/// Multiplies every sample by a constant.
class multiply_const : public BlockProxy {
public:
    struct Settings {
        /// Factor (its real part). A number; must be given; may change while running.
        std::optional<double> constant{};
        /// Imaginary part of the factor; complex samples only. A number; default 0.0; may change while running.
        std::optional<double> imaginary{};
    };
    explicit multiply_const(const BlockProxy& block) : BlockProxy(block) {}
    multiply_const(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : multiply_const(graph.add(name, "multiply_const", detail::given_settings({
              {"constant", detail::setting(settings.constant)},
              {"imaginary", detail::setting(settings.imaginary)}}), copies)) {}

    TypedParameter<double> constant{*this, "constant"};
    TypedParameter<double> imaginary{*this, "imaginary"};
};

/// Takes items of any type and counts them.
class null_sink : public BlockProxy {
public:
    struct Settings {};
    explicit null_sink(const BlockProxy& block) : BlockProxy(block) {}
    null_sink(Graph& graph, const std::string& name) : null_sink(graph, name, Settings{}) {}
    null_sink(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : null_sink(graph.add(name, "null_sink", detail::given_settings({}), copies)) {}
};

/// Makes zeros.
class null_source : public BlockProxy {
public:
    struct Settings {
        /// Sample type. A sample type (cf32, ci16, rf32, ...); default cf32.
        std::optional<std::string> datatype{};
        /// Samples per second. A frequency from 0.001 Hz to 2 GHz; may be left out.
        std::optional<double> sample_rate{};
        /// How many; endless without it. A number of samples (an integer) >= 0 samples; may be left out.
        std::optional<std::int64_t> length{};
    };
    explicit null_source(const BlockProxy& block) : BlockProxy(block) {}
    null_source(Graph& graph, const std::string& name) : null_source(graph, name, Settings{}) {}
    null_source(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : null_source(graph.add(name, "null_source", detail::given_settings({
              {"datatype", detail::setting(settings.datatype)},
              {"sample_rate", detail::setting(settings.sample_rate)},
              {"length", detail::setting(settings.length)}}), copies)) {}

    TypedParameter<std::string> datatype{*this, "datatype"};
    TypedParameter<double> sample_rate{*this, "sample_rate"};
    TypedParameter<std::int64_t> length{*this, "length"};
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

/// Measures level and peak of a stream as it passes, for who watches.
class probe : public BlockProxy {
public:
    struct Settings {
        /// Samples of one measurement. A number of samples (an integer) from 1 samples to 1048576 samples; default
        /// 65536 samples.
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
    /// Samples per second that come by, on the clock on the wall.
    TypedReading<double> rate{*this, "rate"};
};

/// Power spectral density by Welch's method, in ascending order of frequency.
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

/// Changes the sample rate by a ratio of integers, with a low pass.
class rational_resampler : public BlockProxy {
public:
    struct Settings {
        /// I: the rate is multiplied by I / D. An integer from 1 to 65536; default 1.
        std::optional<std::int64_t> interpolation{};
        /// D. An integer from 1 to 1048576; default 1.
        std::optional<std::int64_t> decimation{};
        /// The rate that leaves, instead of I and D. A frequency from 0.001 Hz to 2 GHz; may be left out.
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

/// Writes messages about parts of a recording as annotations of a SigMF header.
class sigmf_annotations : public BlockProxy {
public:
    struct Settings {
        /// The header to make, .sigmf-meta. The path of a file to write; must be given.
        std::optional<std::string> path{};
        /// The recording that the annotations describe: its header is carried over, and its annotations are kept. The
        /// path of a file; may be left out.
        std::optional<std::string> recording{};
        /// core:label of annotations whose message brings none. A text; may be left out.
        std::optional<std::string> label{};
    };
    explicit sigmf_annotations(const BlockProxy& block) : BlockProxy(block) {}
    sigmf_annotations(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : sigmf_annotations(graph.add(name, "sigmf_annotations", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"recording", detail::setting(settings.recording)},
              {"label", detail::setting(settings.label)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> recording{*this, "recording"};
    TypedParameter<std::string> label{*this, "label"};
};

/// Makes tones, square waves, chirps and noise, continuously or in bursts.
class signal_source : public BlockProxy {
public:
    struct Settings {
        /// Kind of signal. One of cosine, square, chirp, noise; default cosine.
        std::optional<std::string> kind{};
        /// cf32 or rf32. A sample type (cf32, ci16, rf32, ...); default cf32.
        std::optional<std::string> datatype{};
        /// Samples per second. A frequency from 0.001 Hz to 2 GHz; must be given.
        std::optional<double> sample_rate{};
        /// What 0 Hz of the samples is on the air. A frequency; may be left out.
        std::optional<double> center_frequency{};
        /// UTC of sample 0, as 2026-01-31T12:00:00Z. A text; may be left out.
        std::optional<std::string> datetime{};
        /// How many samples; endless without it. A number of samples (an integer) >= 0 samples; may be left out.
        std::optional<std::int64_t> length{};
        /// Of each tone; root mean square of noise. A number; default 1.0; may change while running.
        std::optional<double> amplitude{};
        /// Of cosine and square; start of a chirp. A frequency; default 0.0 Hz; may change while running.
        std::optional<double> frequency{};
        /// Several cosines, instead of frequency. A list of numbers in Hz; may be left out; may change while running.
        std::optional<std::vector<double>> tones{};
        /// At sample 0. An angle; default 0.0 rad; may change while running.
        std::optional<double> phase{};
        /// How far a chirp rises. A frequency; default 0.0 Hz.
        std::optional<double> sweep{};
        /// How long a chirp takes. A time from 1 ns to 1000000 s; default 1.0 s.
        std::optional<double> sweep_time{};
        /// Of noise; another seed, other noise. An integer; default 0.
        std::optional<std::int64_t> seed{};
        /// Silence before. A time >= 0 s; default 0.0 s.
        std::optional<double> on_start{};
        /// Silence again after this long. A time >= 0 s; may be left out.
        std::optional<double> on_time{};
        /// And on again every so often. A time >= 1 ns; may be left out.
        std::optional<double> on_period{};
    };
    explicit signal_source(const BlockProxy& block) : BlockProxy(block) {}
    signal_source(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : signal_source(graph.add(name, "signal_source", detail::given_settings({
              {"kind", detail::setting(settings.kind)},
              {"datatype", detail::setting(settings.datatype)},
              {"sample_rate", detail::setting(settings.sample_rate)},
              {"center_frequency", detail::setting(settings.center_frequency)},
              {"datetime", detail::setting(settings.datetime)},
              {"length", detail::setting(settings.length)},
              {"amplitude", detail::setting(settings.amplitude)},
              {"frequency", detail::setting(settings.frequency)},
              {"tones", detail::setting(settings.tones)},
              {"phase", detail::setting(settings.phase)},
              {"sweep", detail::setting(settings.sweep)},
              {"sweep_time", detail::setting(settings.sweep_time)},
              {"seed", detail::setting(settings.seed)},
              {"on_start", detail::setting(settings.on_start)},
              {"on_time", detail::setting(settings.on_time)},
              {"on_period", detail::setting(settings.on_period)}}), copies)) {}

    TypedParameter<std::string> kind{*this, "kind"};
    TypedParameter<std::string> datatype{*this, "datatype"};
    TypedParameter<double> sample_rate{*this, "sample_rate"};
    TypedParameter<double> center_frequency{*this, "center_frequency"};
    TypedParameter<std::string> datetime{*this, "datetime"};
    TypedParameter<std::int64_t> length{*this, "length"};
    TypedParameter<double> amplitude{*this, "amplitude"};
    TypedParameter<double> frequency{*this, "frequency"};
    TypedParameter<std::vector<double>> tones{*this, "tones"};
    TypedParameter<double> phase{*this, "phase"};
    TypedParameter<double> sweep{*this, "sweep"};
    TypedParameter<double> sweep_time{*this, "sweep_time"};
    TypedParameter<std::int64_t> seed{*this, "seed"};
    TypedParameter<double> on_start{*this, "on_start"};
    TypedParameter<double> on_time{*this, "on_time"};
    TypedParameter<double> on_period{*this, "on_period"};
};

/// Leaves out the first items of a stream; what follows is numbered from 0 and keeps its time.
class skip : public BlockProxy {
public:
    struct Settings {
        /// How many items are left out. A number of samples (an integer) >= 0 samples; must be given.
        std::optional<std::int64_t> length{};
    };
    explicit skip(const BlockProxy& block) : BlockProxy(block) {}
    skip(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : skip(graph.add(name, "skip", detail::given_settings({
              {"length", detail::setting(settings.length)}}), copies)) {}

    TypedParameter<std::int64_t> length{*this, "length"};
};

/// Keeps a stream in memory, for a program to fetch.
class vector_sink : public BlockProxy {
public:
    struct Settings {
        /// The most that it keeps; a longer stream is a failure. A size in bytes (an integer) from 0 B to 8388608 GiB;
        /// default 268435456 B.
        std::optional<std::int64_t> limit{};
    };
    explicit vector_sink(const BlockProxy& block) : BlockProxy(block) {}
    vector_sink(Graph& graph, const std::string& name) : vector_sink(graph, name, Settings{}) {}
    vector_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : vector_sink(graph.add(name, "vector_sink", detail::given_settings({
              {"limit", detail::setting(settings.limit)}}), copies)) {}

    TypedParameter<std::int64_t> limit{*this, "limit"};
};

/// Gives the samples of a list.
class vector_source : public BlockProxy {
public:
    struct Settings {
        /// The samples; complex ones as I, Q, I, Q, … A list of numbers; must be given.
        std::optional<std::vector<double>> data{};
        /// cf32 or rf32. A sample type (cf32, ci16, rf32, ...); default cf32.
        std::optional<std::string> datatype{};
        /// How many times the list comes. An integer from 1 to 1000000000000; default 1.
        std::optional<std::int64_t> repeat{};
        /// Samples per second. A frequency from 0.001 Hz to 2 GHz; may be left out.
        std::optional<double> sample_rate{};
    };
    explicit vector_source(const BlockProxy& block) : BlockProxy(block) {}
    vector_source(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : vector_source(graph.add(name, "vector_source", detail::given_settings({
              {"data", detail::setting(settings.data)},
              {"datatype", detail::setting(settings.datatype)},
              {"repeat", detail::setting(settings.repeat)},
              {"sample_rate", detail::setting(settings.sample_rate)}}), copies)) {}

    TypedParameter<std::vector<double>> data{*this, "data"};
    TypedParameter<std::string> datatype{*this, "datatype"};
    TypedParameter<std::int64_t> repeat{*this, "repeat"};
    TypedParameter<double> sample_rate{*this, "sample_rate"};
};

/// Draws power over frequency and time as a PNG picture.
class waterfall_png : public BlockProxy {
public:
    struct Settings {
        /// The picture to make. Each further stretch of the stream gets one of its own: NAME.2.png, … The path of a
        /// file to write; must be given.
        std::optional<std::string> path{};
        /// Samples in a frame of the transform. A number of samples (an integer) from 8 samples to 1048576 samples;
        /// default 1024 samples.
        std::optional<std::int64_t> size{};
        /// Window (periodic). One of rectangular, hann, hamming, blackman, kaiser; default hann.
        std::optional<std::string> window{};
        /// At most so many columns: neighbouring bins are averaged. An integer from 16 to 8192; default 1024.
        std::optional<std::int64_t> width{};
        /// At most so many rows of time (an even number). An integer from 2 to 8192; default 512.
        std::optional<std::int64_t> height{};
        /// Level of the darkest colour; by default the tenth percentile. A level; may be left out.
        std::optional<double> low{};
        /// Level of the brightest colour; by default the maximum. A level; may be left out.
        std::optional<double> high{};
        /// A line above the picture. A text; default .
        std::optional<std::string> title{};
    };
    explicit waterfall_png(const BlockProxy& block) : BlockProxy(block) {}
    waterfall_png(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : waterfall_png(graph.add(name, "waterfall_png", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"size", detail::setting(settings.size)},
              {"window", detail::setting(settings.window)},
              {"width", detail::setting(settings.width)},
              {"height", detail::setting(settings.height)},
              {"low", detail::setting(settings.low)},
              {"high", detail::setting(settings.high)},
              {"title", detail::setting(settings.title)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<std::int64_t> width{*this, "width"};
    TypedParameter<std::int64_t> height{*this, "height"};
    TypedParameter<double> low{*this, "low"};
    TypedParameter<double> high{*this, "high"};
    TypedParameter<std::string> title{*this, "title"};
};

/// Writes audio to a WAV file: real samples in one channel, complex ones in two.
class wav_sink : public BlockProxy {
public:
    struct Settings {
        /// The file to make. Each further stretch of the stream gets one of its own: NAME.2.wav, NAME.3.wav, … The
        /// path of a file to write; must be given.
        std::optional<std::string> path{};
        /// How samples are stored. One of pcm16, pcm24, float; default pcm16.
        std::optional<std::string> format{};
        /// Samples are multiplied by it; 1.0 is full scale in the file. A number; default 1.0.
        std::optional<double> gain{};
    };
    explicit wav_sink(const BlockProxy& block) : BlockProxy(block) {}
    wav_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : wav_sink(graph.add(name, "wav_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"format", detail::setting(settings.format)},
              {"gain", detail::setting(settings.gain)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> format{*this, "format"};
    TypedParameter<double> gain{*this, "gain"};
};

}  // namespace flowspan::blocks

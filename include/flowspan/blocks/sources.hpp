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

/// Reads a recording: SigMF, WAV, FLAC, Ogg, NumPy, Digital RF or raw samples.
class file_source : public BlockProxy {
public:
    struct Settings {
        /// Recording: SigMF, WAV, FLAC, Ogg, NumPy, raw samples, or the folder of a Digital RF channel. Another folder,
        /// a pattern or a list of files is one recording, in order of their times; time missing between them is a gap.
        /// The path of a file; must be given.
        std::optional<std::string> path{};
        /// Type of the samples of a recording without a header, where its name does not say it: cf32, ci16, cu8,
        /// ci16_be, … A text; may be left out.
        std::optional<std::string> datatype{};
        /// Of WAV, FLAC and Ogg: whether pairs of channels are I and Q. Without it they are in WAV files of an even
        /// number of channels, and in no other. One of iq, real; may be left out.
        std::optional<std::string> channels{};
        /// How to read the file's name, as {datetime:%Y%m%d_%H%M%S}_{frequency}Hz: text, `*` for any, and the fields
        /// datetime (UTC, as strptime has it), frequency, rate, datatype. A header and parameters count more. A text;
        /// may be left out.
        std::optional<std::string> name_{};
        /// Samples per second, where the recording does not say it. A frequency from 1e-06 Hz to 1000 GHz; may be left
        /// out.
        std::optional<double> sample_rate{};
        /// What 0 Hz of the samples was on the air, where the recording does not say it. A frequency from -1000000 GHz
        /// to 1000000 GHz; may be left out.
        std::optional<double> center_frequency{};
        /// UTC of the first sample, as 2026-01-31T12:00:00Z, where the recording does not say it. A text; may be left
        /// out.
        std::optional<std::string> datetime{};
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
        /// What bytes behind the last whole sample become: a warning, or an error. They are no sample in either case.
        /// One of warn, error; default warn.
        std::optional<std::string> tail{};
        /// Compares the data with core:sha512 of the SigMF header before the run, whatever part is read: about 1.3
        /// CPU-seconds per GB. True or false; default false.
        std::optional<bool> checksum{};
    };
    explicit file_source(const BlockProxy& block) : BlockProxy(block) {}
    file_source(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : file_source(graph.add(name, "file_source", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"datatype", detail::setting(settings.datatype)},
              {"channels", detail::setting(settings.channels)},
              {"name", detail::setting(settings.name_)},
              {"sample_rate", detail::setting(settings.sample_rate)},
              {"center_frequency", detail::setting(settings.center_frequency)},
              {"datetime", detail::setting(settings.datetime)},
              {"full_scale", detail::setting(settings.full_scale)},
              {"from", detail::setting(settings.from)},
              {"duration", detail::setting(settings.duration)},
              {"gaps", detail::setting(settings.gaps)},
              {"retune", detail::setting(settings.retune)},
              {"tail", detail::setting(settings.tail)},
              {"checksum", detail::setting(settings.checksum)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> datatype{*this, "datatype"};
    TypedParameter<std::string> channels{*this, "channels"};
    TypedParameter<std::string> name_{*this, "name"};
    TypedParameter<double> sample_rate{*this, "sample_rate"};
    TypedParameter<double> center_frequency{*this, "center_frequency"};
    TypedParameter<std::string> datetime{*this, "datetime"};
    TypedParameter<double> full_scale{*this, "full_scale"};
    TypedParameter<std::string> from{*this, "from"};
    TypedParameter<std::string> duration{*this, "duration"};
    TypedParameter<std::string> gaps{*this, "gaps"};
    TypedParameter<std::string> retune{*this, "retune"};
    TypedParameter<std::string> tail{*this, "tail"};
    TypedParameter<bool> checksum{*this, "checksum"};
};

/// Makes zeros.
class null_source : public BlockProxy {
public:
    struct Settings {
        /// Sample type. A sample type (cf32, ci16, rf32, ...); default cf32.
        std::optional<std::string> datatype{};
        /// Samples per second. A frequency from 1e-06 Hz to 1000 GHz; may be left out.
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

/// Makes tones, square waves, chirps and noise, continuously or in bursts.
class signal_source : public BlockProxy {
public:
    struct Settings {
        /// Kind of signal. One of cosine, square, chirp, noise; default cosine.
        std::optional<std::string> kind{};
        /// cf32 or rf32. A sample type (cf32, ci16, rf32, ...); default cf32.
        std::optional<std::string> datatype{};
        /// Samples per second. A frequency from 1e-06 Hz to 1000 GHz; must be given.
        std::optional<double> sample_rate{};
        /// What 0 Hz of the samples is on the air. A frequency from -1000000 GHz to 1000000 GHz; may be left out.
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
        /// Samples per second. A frequency from 1e-06 Hz to 1000 GHz; may be left out.
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

}  // namespace flowspan::blocks

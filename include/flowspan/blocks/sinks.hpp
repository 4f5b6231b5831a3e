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

/// Writes every burst that is reported to a SigMF recording of its own, with samples before and behind it.
class burst_sink : public BlockProxy {
public:
    struct Settings {
        /// The SigMF recordings to make, pairs of .sigmf-data and .sigmf-meta: NAME_000, NAME_001, … of NAME, unless
        /// {part} or {datetime} stands in it. {datetime} is that of a file's first sample. The path of a file to write;
        /// must be given.
        std::optional<std::string> path{};
        /// What to keep in front of a burst. A time from 0 s to 3600 s; default 0.0 s.
        std::optional<double> before{};
        /// What to keep behind a burst. A time from 0 s to 3600 s; default 0.0 s.
        std::optional<double> after{};
        /// The longest burst that is kept whole; of a longer one, the end is kept. Memory holds so much, and `before`
        /// and `after`. A time from 1 ns to 3600 s; default 1.0 s.
        std::optional<double> longest{};
        /// core:label of bursts whose message brings none. A text; may be left out.
        std::optional<std::string> label{};
    };
    explicit burst_sink(const BlockProxy& block) : BlockProxy(block) {}
    burst_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : burst_sink(graph.add(name, "burst_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"before", detail::setting(settings.before)},
              {"after", detail::setting(settings.after)},
              {"longest", detail::setting(settings.longest)},
              {"label", detail::setting(settings.label)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<double> before{*this, "before"};
    TypedParameter<double> after{*this, "after"};
    TypedParameter<double> longest{*this, "longest"};
    TypedParameter<std::string> label{*this, "label"};
};

/// Writes a stream as a Digital RF channel, a folder of HDF5 files.
class digital_rf_sink : public BlockProxy {
public:
    struct Settings {
        /// The folder of the channel to make; an axis `channel` of items becomes subchannels. The path of a file to
        /// write; must be given.
        std::optional<std::string> path{};
        /// A file has the samples of so many milliseconds. An integer from 1 to 1000000000; default 1000.
        std::optional<std::int64_t> file_cadence_millisecs{};
        /// A folder has the files of so many seconds: a multiple of the above. An integer from 1 to 1000000000; default
        /// 3600.
        std::optional<std::int64_t> subdir_cadence_secs{};
    };
    explicit digital_rf_sink(const BlockProxy& block) : BlockProxy(block) {}
    digital_rf_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : digital_rf_sink(graph.add(name, "digital_rf_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"file_cadence_millisecs", detail::setting(settings.file_cadence_millisecs)},
              {"subdir_cadence_secs", detail::setting(settings.subdir_cadence_secs)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::int64_t> file_cadence_millisecs{*this, "file_cadence_millisecs"};
    TypedParameter<std::int64_t> subdir_cadence_secs{*this, "subdir_cadence_secs"};
};

/// Writes a stream to a file: raw samples, a NumPy array, or a SigMF recording.
class file_sink : public BlockProxy {
public:
    struct Settings {
        /// The file to make. A SigMF recording is a pair, .sigmf-data and .sigmf-meta, or an archive, .sigmf; a NumPy
        /// array .npy. The path of a file to write; must be given.
        std::optional<std::string> path{};
        /// raw: samples alone. npy: a NumPy array. sigmf: with a header. auto: as `path` ends: .npy; SigMF by
        /// .sigmf-meta, .sigmf-data or .sigmf. One of auto, raw, npy, sigmf; default auto.
        std::optional<std::string> format{};
        /// Divides the stream into files of this duration (60 s), each from a whole multiple of it in UTC on (where no
        /// time is known: counted from the first sample), or of so many samples. Their names have {datetime} or {part}
        /// in them, or are NAME_000.EXT, NAME_001.EXT, … A text; may be left out.
        std::optional<std::string> split{};
        /// Writes core:sha512 into the SigMF header. True or false; default false.
        std::optional<bool> checksum{};
        /// core:description of the SigMF header, instead of the recording's. A text; may be left out.
        std::optional<std::string> description{};
    };
    explicit file_sink(const BlockProxy& block) : BlockProxy(block) {}
    file_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : file_sink(graph.add(name, "file_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"format", detail::setting(settings.format)},
              {"split", detail::setting(settings.split)},
              {"checksum", detail::setting(settings.checksum)},
              {"description", detail::setting(settings.description)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> format{*this, "format"};
    TypedParameter<std::string> split{*this, "split"};
    TypedParameter<bool> checksum{*this, "checksum"};
    TypedParameter<std::string> description{*this, "description"};
};

/// Writes a stream of any type and shape to an HDF5 file.
class hdf5_sink : public BlockProxy {
public:
    struct Settings {
        /// The file to make, with the dataset `data`. Each further stretch of the stream gets a file of its own:
        /// NAME.2.h5, … The path of a file to write; must be given.
        std::optional<std::string> path{};
        /// What a retune in the recording, which ends a stretch, means here: a file of its own, or more of the same
        /// one. One of new_file, continue; default new_file.
        std::optional<std::string> retune{};
    };
    explicit hdf5_sink(const BlockProxy& block) : BlockProxy(block) {}
    hdf5_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : hdf5_sink(graph.add(name, "hdf5_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"retune", detail::setting(settings.retune)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> retune{*this, "retune"};
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

/// Takes items of any type and counts them.
class null_sink : public BlockProxy {
public:
    struct Settings {};
    explicit null_sink(const BlockProxy& block) : BlockProxy(block) {}
    null_sink(Graph& graph, const std::string& name) : null_sink(graph, name, Settings{}) {}
    null_sink(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : null_sink(graph.add(name, "null_sink", detail::given_settings({}), copies)) {}
};

/// Draws the mean of spectra as a PNG picture, level over frequency. Spectra that are not finite are left out and
/// counted.
class psd_png : public BlockProxy {
public:
    struct Settings {
        /// The picture to make. Each further stretch of the stream gets one of its own: NAME.2.png, … The path of a
        /// file to write; must be given.
        std::optional<std::string> path{};
        /// What a retune in the recording, which ends a stretch, means here: a file of its own, or more of the same
        /// one. One of new_file, continue; default new_file.
        std::optional<std::string> retune{};
        /// Columns of the plot. An integer from 64 to 8192; default 1024.
        std::optional<std::int64_t> width{};
        /// Rows of the plot. An integer from 64 to 8192; default 512.
        std::optional<std::int64_t> height{};
        /// Level at the bottom; by default below the least. A level; may be left out.
        std::optional<double> low{};
        /// Level at the top; by default above the greatest. A level; may be left out.
        std::optional<double> high{};
        /// A line above the picture. A text; default .
        std::optional<std::string> title{};
        /// Height of a line of text in pixels, in a font of the machine (DejaVu Sans, if there is); by default letters
        /// of 13 pixels, which are the same everywhere. A number from 6 to 400; may be left out.
        std::optional<double> text_size{};
    };
    explicit psd_png(const BlockProxy& block) : BlockProxy(block) {}
    psd_png(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : psd_png(graph.add(name, "psd_png", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"retune", detail::setting(settings.retune)},
              {"width", detail::setting(settings.width)},
              {"height", detail::setting(settings.height)},
              {"low", detail::setting(settings.low)},
              {"high", detail::setting(settings.high)},
              {"title", detail::setting(settings.title)},
              {"text_size", detail::setting(settings.text_size)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> retune{*this, "retune"};
    TypedParameter<std::int64_t> width{*this, "width"};
    TypedParameter<std::int64_t> height{*this, "height"};
    TypedParameter<double> low{*this, "low"};
    TypedParameter<double> high{*this, "high"};
    TypedParameter<std::string> title{*this, "title"};
    TypedParameter<double> text_size{*this, "text_size"};
};

/// Writes messages about parts of a recording as annotations of a SigMF header.
class sigmf_annotations : public BlockProxy {
public:
    struct Settings {
        /// The header to make, .sigmf-meta. The path of a file to write; must be given.
        std::optional<std::string> path{};
        /// The recording that the annotations describe, from which all messages must come: its header is carried over,
        /// and its annotations are kept. The path of a file; may be left out.
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

/// Draws power over frequency and time as a PNG picture. Frames that are not finite are counted, and grey where there
/// is nothing else.
class waterfall_png : public BlockProxy {
public:
    struct Settings {
        /// The picture to make. Each further stretch of the stream gets one of its own: NAME.2.png, … The path of a
        /// file to write; must be given.
        std::optional<std::string> path{};
        /// What a retune in the recording, which ends a stretch, means here: a file of its own, or more of the same
        /// one. One of new_file, continue; default new_file.
        std::optional<std::string> retune{};
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
        /// Height of a line of text in pixels, in a font of the machine (DejaVu Sans, if there is); by default letters
        /// of 13 pixels, which are the same everywhere. A number from 6 to 400; may be left out.
        std::optional<double> text_size{};
    };
    explicit waterfall_png(const BlockProxy& block) : BlockProxy(block) {}
    waterfall_png(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : waterfall_png(graph.add(name, "waterfall_png", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"retune", detail::setting(settings.retune)},
              {"size", detail::setting(settings.size)},
              {"window", detail::setting(settings.window)},
              {"width", detail::setting(settings.width)},
              {"height", detail::setting(settings.height)},
              {"low", detail::setting(settings.low)},
              {"high", detail::setting(settings.high)},
              {"title", detail::setting(settings.title)},
              {"text_size", detail::setting(settings.text_size)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> retune{*this, "retune"};
    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::string> window{*this, "window"};
    TypedParameter<std::int64_t> width{*this, "width"};
    TypedParameter<std::int64_t> height{*this, "height"};
    TypedParameter<double> low{*this, "low"};
    TypedParameter<double> high{*this, "high"};
    TypedParameter<std::string> title{*this, "title"};
    TypedParameter<double> text_size{*this, "text_size"};
};

/// Writes audio to a WAV file: a channel for each channel of real samples, two for complex ones.
class wav_sink : public BlockProxy {
public:
    struct Settings {
        /// The file to make. Each further stretch of the stream gets one of its own: NAME.2.wav, NAME.3.wav, … The
        /// path of a file to write; must be given.
        std::optional<std::string> path{};
        /// Divides the stream into files of this duration (60 s), each from a whole multiple of it in UTC on (where no
        /// time is known: counted from the first sample), or of so many samples. Their names have {datetime} or {part}
        /// in them, or are NAME_000.EXT, NAME_001.EXT, … A text; may be left out.
        std::optional<std::string> split{};
        /// What a retune in the recording, which ends a stretch, means here: a file of its own, or more of the same
        /// one. One of new_file, continue; default new_file.
        std::optional<std::string> retune{};
        /// How samples are stored. One of pcm16, pcm24, float; default pcm16.
        std::optional<std::string> format{};
        /// Samples are multiplied by it; 1.0 is full scale in the file. A number; default 1.0.
        std::optional<double> gain{};
    };
    explicit wav_sink(const BlockProxy& block) : BlockProxy(block) {}
    wav_sink(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : wav_sink(graph.add(name, "wav_sink", detail::given_settings({
              {"path", detail::setting(settings.path)},
              {"split", detail::setting(settings.split)},
              {"retune", detail::setting(settings.retune)},
              {"format", detail::setting(settings.format)},
              {"gain", detail::setting(settings.gain)}}), copies)) {}

    TypedParameter<std::string> path{*this, "path"};
    TypedParameter<std::string> split{*this, "split"};
    TypedParameter<std::string> retune{*this, "retune"};
    TypedParameter<std::string> format{*this, "format"};
    TypedParameter<double> gain{*this, "gain"};
};

}  // namespace flowspan::blocks

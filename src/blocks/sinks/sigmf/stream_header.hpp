// The SigMF header of a stream as it comes: what its recording said, where captures begin, annotations.
#pragma once

#include "blocks/sinks/sigmf/stream_annotations.hpp"

#include <flowspan/input.hpp>
#include <flowspan/recording.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// A header that is complete but for the hash of its samples.
struct SigmfHeader {
    Value::Map global;
    Value::List captures, annotations;
    std::string text(const std::string& sha512) const;
};

/// The recording that a stream comes from, with its header; nullptr: none, or several.
const Recording* known_recording(const InputPort& in, const Facts& facts);
/// What all of a stream's header is about. `known` and `graph` as in StreamHeader::begin.
Value::Map global_of(const InputPort& in, const Recording* known, const std::string& graph);

class StreamHeader {
public:
    /// `known`: the recording that the stream comes from, with its header, which must stay where it is; nullptr: none, or
    /// several. `graph`: the name of the graph.
    void begin(const InputPort& in, const Recording* known, const std::string& graph);
    void describe(const std::string& text) { global_["core:description"] = text; }
    /// A stretch begins with the next item; so many are missing before it.
    void next_stretch(std::uint64_t missing) {
        new_capture_ = new_stretch_ = true;
        missing_ += missing;
    }
    /// From the next item on there is another frequency.
    void next_capture() { new_capture_ = true; }
    /// The stream is written in several files: captures say where in all of it they begin, too.
    void in_parts() { in_parts_ = true; }
    /// The n items from in[from] on: the first of a file, or those that follow on the ones before.
    void take(const InputPort& in, std::size_t from, std::size_t n);
    /// What has come since the last one is a file.
    SigmfHeader finish(const InputPort& in);
    std::uint64_t annotations() const { return n_annotations_; }
    std::size_t annotations_outside() const { return annotations_.outside(); }

private:
    struct Start {
        Value::Map capture;
        std::uint64_t sample = 0, global_index = 0;
    };
    /// From when on the recording's captures say something of their own.
    struct Keys {
        Time from;
        Value::Map keys;
    };
    void read_keys(const Recording& known, const RecordingPlaces& places);
    /// Goes on to the keys of the items up to `index`.
    void pass_keys(const InputPort& in, std::uint64_t index, std::size_t n);
    void begin_file(std::uint64_t index);
    void begin_capture(const InputPort& in, std::uint64_t index);
    std::uint64_t sample_of(std::uint64_t index) const { return index - first_; }

    Value::Map global_;
    std::vector<Keys> keys_;
    std::size_t next_keys_ = 0;  // those that begin later than what has come
    std::vector<Start> starts_;
    StreamAnnotations annotations_;
    std::uint64_t stream_first_ = 0, first_ = 0, end_ = 0, missing_ = 0, n_annotations_ = 0;
    bool stream_begun_ = false, begun_ = false, new_capture_ = true, new_stretch_ = true, in_parts_ = false;
};

}  // namespace flowspan::blocks

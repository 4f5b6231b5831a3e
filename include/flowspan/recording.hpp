// Facts about a recording, read from its header on rank 0 and the same on every rank.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/value.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

/// One capture (SigMF): where it starts among the recording's samples and what is known of it.
struct Capture {
    std::uint64_t start = 0;         // sample index in the file
    std::uint64_t header_bytes = 0;  // bytes to skip before its samples
    std::optional<std::uint64_t> global_index;
    std::optional<double> frequency;  // Hz
    std::optional<Time> utc;
    int utc_digits = 0;  // behind the point of the seconds, as `utc` is written
    friend bool operator==(const Capture&, const Capture&) = default;
};

/// How numbers lie in the file, where not as `Recording::type` says.
enum class Stored : std::uint8_t {
    as_is,
    packed24,  // three bytes, of type ci32 or ri32: times 256
    offset8    // one byte that counts from 0, of type ci8 or ri8: less 128
};

/// What a header says. What it does not say is nothing, never a guess.
struct RecordingFacts {
    std::string path;       // as it was asked for
    std::string name;       // without folder and extension: what `{recording}` stands for
    std::string data_path;  // where the samples are; empty: no data (metadata only); "-": stdin
    std::string member;     // of the archive there, where that is packed
    std::string format;     // "sigmf", "raw", "wav", …: a RecordingFormat
    SampleType type = SampleType::any;
    bool big_endian = false;
    Stored stored = Stored::as_is;
    bool seeks = true;         // else it is read from its beginning on
    bool length_known = true;  // else `length` is 0, and its end is found by reading
    bool missing_inside =
        false;                   // missing samples may be marked as such among them: only reading tells (SampleReader::missing)
    std::uint64_t channels = 1;  // interleaved per sample index
    std::optional<Rational> sample_rate;
    std::optional<double> frequency;  // Hz, where the format has one for all
    std::uint64_t length = 0;         // samples (per channel) in the file, trailing bytes left out
    std::uint64_t offset = 0;         // SigMF core:offset: index of the first sample
    std::vector<Capture> captures;    // sorted; empty: one, at 0
    std::vector<std::string> warnings;
    std::vector<std::string> from_name;        // what only its name says: "datatype", "sample_rate", "frequency", "datetime"
    std::uint64_t data_bytes = 0;              // size of the data file
    std::uint64_t tail_bytes = 0;              // behind the last whole sample: too few for another
    std::string identity;                      // the file's name with links resolved: what tells two recordings apart
    std::shared_ptr<const std::string> files;  // of a recording of several files: these, packed; else null

    /// Whether only its name says this.
    bool is_from_name(const std::string& fact) const;
};

/// The same with its header, which may be large.
struct Recording : RecordingFacts {
    Value header;  // all that it holds, for `info` and for keeping what we do not know
    Value value() const;
    static Recording from(const Value& value);
};

/// Where the items of a source's stream lie in its recording. Item and sample are the same thing but where samples are missing.
struct RecordingPlaces {
    /// Consecutive items.
    struct Piece {
        std::uint64_t index = 0, count = 0;
        std::optional<std::uint64_t> sample;  // of its first item; nothing: zeros that stand for missing samples
        std::int64_t missing = 0;             // samples before it that no items stand for; negative: samples that came twice
        friend bool operator==(const Piece&, const Piece&) = default;
    };
    RecordingFacts recording;   // as the source reads it: completed by its parameters
    bool generated = false;     // there is none: what the source makes is all there is
    Rational ticks{1};          // items of the source per second of stamp time
    std::vector<Piece> pieces;  // without holes, the first at item 0; empty: item k is sample k

    /// The first sample at or behind an item; the recording's length behind its end.
    std::uint64_t sample_at(std::int64_t item) const;
    /// The same at a time of the source, as stamps have it.
    std::uint64_t sample_at(const Time& time) const { return sample_at(time.ceil_index(ticks)); }
    /// The item of a sample of the recording; behind its last the first that is none.
    std::uint64_t item_of(std::uint64_t sample) const;
    /// From the recording's first sample to a time of the source, what is missing between included.
    Time since_beginning(const Time& time) const;
    /// Whether both are of one file, read as the same samples.
    bool same_recording(const RecordingPlaces& other) const;
};

/// What every rank knows about files before anything runs.
class Facts {
public:
    /// `path`: what it will be asked for by; without it, the recording's own.
    void add(Recording recording, const std::string& path = {});
    /// By what it was asked for, or by its own path; nullptr when rank 0 did not read it.
    const Recording* find(const std::string& path) const;
    /// The same; throws std::out_of_range.
    const Recording& recording(const std::string& path) const;
    Value value() const;
    static Facts from(const Value& value);

private:
    std::vector<std::pair<std::string, Recording>> recordings_;
};

}  // namespace flowspan

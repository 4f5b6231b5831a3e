// Facts about a recording, read from its header on rank 0 and the same on every rank.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
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

/// What a header says. What it does not say is nothing, never a guess.
struct Recording {
    std::string path;       // as it was asked for
    std::string data_path;  // where the samples are; empty: no data (metadata only)
    std::string format;     // "sigmf", "raw", "wav"
    SampleType type = SampleType::any;
    bool big_endian = false;
    std::uint64_t channels = 1;  // interleaved per sample index
    std::optional<Rational> sample_rate;
    std::optional<double> frequency;  // Hz, where the format has one for all
    std::uint64_t length = 0;         // samples (per channel) in the file, trailing bytes left out
    std::uint64_t offset = 0;         // SigMF core:offset: index of the first sample
    std::vector<Capture> captures;    // sorted; empty: one, at 0
    Value header;                     // all that the header holds, for `info` and for keeping what we do not know
    std::vector<std::string> warnings;
    std::uint64_t data_bytes = 0;  // size of the data file

    Value value() const;
    static Recording from(const Value& value);
};

/// What every rank knows about files before anything runs.
class Facts {
public:
    void add(Recording recording);
    /// Throws std::out_of_range when rank 0 did not read it.
    const Recording& recording(const std::string& path) const;
    Value value() const;
    static Facts from(const Value& value);

private:
    std::vector<Recording> recordings_;
};

}  // namespace flowspan

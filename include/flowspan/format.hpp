// A format of recordings: how it is known, what its header says, and how its samples are read. A plug-in may add one.
#pragma once

#include <flowspan/recording.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace flowspan {

/// The samples of one recording, whatever a format stores. Used on one thread, the I/O thread.
class SampleReader {
public:
    virtual ~SampleReader() = default;
    /// Reads samples from the one numbered `first` on, as many as `to` has room for, in this machine's byte order, channels
    /// interleaved; returns how many bytes were read, of whole samples. Fewer than asked for where a recording ends whose
    /// length is not known; else that is a Failure. Where `Recording::seeks` is false, `first` never goes back.
    virtual std::size_t read(std::uint64_t first, std::span<std::byte> to) = 0;
    /// Consecutive samples of a recording that are missing.
    struct Missing {
        std::uint64_t first = 0, count = 0;
    };
    /// Of those that the last `read` gave: what it found to be missing, in order; it has given zeros for them. Where
    /// `Recording::missing_inside`.
    virtual std::span<const Missing> missing() const { return {}; }
    /// After fewer: whether the recording ends there; else the others are not there yet.
    virtual bool ended() const { return true; }
    /// What was found while reading, once it has ended: bytes that are no whole sample, …
    virtual std::optional<std::string> warning() { return {}; }
    /// XXH3-128 of the file, 32 digits, where it was asked for and the file was read whole and in order.
    virtual std::optional<std::string> hash() { return {}; }
};

class RecordingFormat {
public:
    virtual ~RecordingFormat() = default;
    /// "wav": what `Recording::format` says.
    virtual std::string name() const = 0;
    /// Whether a file is of this format by what it begins with (up to 4096 bytes). Formats are asked in turn; what no format
    /// knows by its content is asked for by name.
    virtual bool holds(std::span<const std::byte> head) const = 0;
    /// Whether the file is named as one, in any case of letters.
    virtual bool named(const std::string& path) const = 0;
    /// Whether a folder is a recording of this format. Throws Refused (ExitCode::file) where it is several.
    virtual bool holds_folder(const std::string& path) const {
        (void)path;
        return false;
    }
    /// Reads its header; no samples. On rank 0. Throws Refused (ExitCode::file) for a header that is wrong, Failure for a file
    /// that cannot be read.
    virtual Recording facts(const std::string& path) const = 0;
    /// `hash`: see SampleReader::hash.
    virtual std::unique_ptr<SampleReader> open(const Recording& recording, bool hash) const = 0;
};

}  // namespace flowspan

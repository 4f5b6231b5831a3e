// A recording of several files: what lies in a folder, matches a pattern, or stands in a list.
#pragma once

#include "io/recording/capture_clock.hpp"
#include "io/series/packed_files.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/format.hpp>
#include <flowspan/recording.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::io {

/// Whether a path names several files: a folder, a list (see InputPath), or a pattern that is no file.
bool names_series(const std::string& path);

/// Finds the files and reads their headers: facts that have `files` and neither length, type, rate nor captures, which the
/// Series of these files has. The header is that of the first; annotations stay with their files. One file alone is read as
/// itself. Throws Refused with all that is wrong, and Failure where nothing is found.
Recording read_series(const std::string& path);

/// Puts files one behind the other: in order of the time of their first samples where each says one, else in the order in which
/// they come. Time that is missing between them is a gap, see CaptureClock.
class Series {
public:
    /// A file as it is to be read.
    void add(const RecordingFacts& file);
    /// The facts of all (that the first alone says a time is enough, and no order), with path, data path, warnings and identity
    /// of `whole`. Throws Refused (ExitCode::file) where files overlap, or are of other types, rates or channels than the
    /// first.
    RecordingFacts join(const RecordingFacts& whole);

private:
    void sort_by_time();

    PackedFiles packed_;
    std::vector<Time> times_;      // of the files that say one
    std::string timed_, untimed_;  // the first of each kind
    std::size_t files_ = 0;
    bool in_order_ = true, first_is_timed_ = false;
};

/// The series of a recording's files as they are; other recordings as they are.
Recording joined(Recording recording);
/// The header with the annotations of all files at their places in the series.
Value header_of_series(const RecordingFacts& joined, const Value& header);

/// Opens one file after the other; see RecordingFormat::open.
std::unique_ptr<SampleReader> open_series(const Recording& recording);

/// All that a recording holds that is a folder itself, in order of the names. What cannot be read is left out.
std::vector<std::string> files_below(const std::string& folder);

/// How many files there are; those that hold the samples: one, where the recording is a file itself.
std::size_t count_files(const RecordingFacts& recording);
std::vector<std::string> data_files(const RecordingFacts& recording);

}  // namespace flowspan::io

// What a SigMF header says of things around its samples: where they are, and when they were taken.
#pragma once

#include <flowspan/rational.hpp>
#include <flowspan/value.hpp>

#include <functional>
#include <optional>
#include <string>

namespace flowspan::io {

struct Dataset {
    std::string path;                // empty: none, metadata only
    bool although_left_out = false;  // core:metadata_only says that there is none
};
bool is_regular_file(const std::string& path);

/// By core:dataset, else by the header's name. A file that core:dataset names beats core:metadata_only, as the standard has it.
/// `is_there`: of a path; by default whether it is a regular file.
Dataset dataset_of(const Value& header, const std::string& meta_path,
                   const std::function<bool(const std::string&)>& is_there = is_regular_file);
/// The warning of `although_left_out`.
inline constexpr const char* dataset_beats = "global.core:metadata_only is ignored: core:dataset names a file that is there";

struct ReadTime {
    Time utc;
    int digits = 0;        // behind the point of the seconds
    bool conforms = true;  // RFC 3339 with a capital Z, as SigMF has it
};
/// Also what is written otherwise but can mean one time only: another zone, a small letter, a space for the T; and a time
/// without a zone, as SigMF has UTC alone.
std::optional<ReadTime> read_time(const std::string& text);

}  // namespace flowspan::io

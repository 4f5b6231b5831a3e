// A Digital RF 2.6 channel (https://github.com/MITHaystack/digital_rf): a folder with drf_properties.h5, and below it
// YYYY-MM-DDTHH-MM-SS/rf@SECONDS.mmm.h5. Samples are numbered from 1970-01-01T00:00:00Z on (the channel's epoch); which file
// holds a sample follows from its number.
#pragma once

#include <flowspan/rational.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io::drf {

inline constexpr std::uint64_t most_samples = std::uint64_t{1} << 62;  // a greater number of a sample is a mistake

/// How samples are dealt to files: by milliseconds since the epoch.
struct Cadence {
    Rational rate{1};  // samples per second
    std::int64_t folder_s = 3600, file_ms = 1000;

    /// When the file begins that holds this sample.
    std::int64_t file_of(std::uint64_t sample) const;
    /// The first sample at or behind a time.
    std::uint64_t first_sample(std::int64_t ms) const;
    /// Samples of a file that lacks none.
    std::uint64_t length_of(std::int64_t file) const { return first_sample(file + file_ms) - first_sample(file); }
};

/// "2014-03-09T12-30-30", of whole seconds since 1970.
std::string folder_name(std::int64_t seconds);
/// "2014-03-09T12-30-30/rf@1394368230.000.h5"
std::string file_name(const Cadence& cadence, std::int64_t file);

/// What drf_properties.h5 says.
struct Properties {
    Cadence cadence;
    bool complex = false, continuous = false;
    std::uint64_t subchannels = 1;
    Time epoch;  // since 1970
    std::string version;
};
/// Throws Refused, Failure.
Properties read_properties(const std::string& channel);

/// The folder of the channel that a path means: itself, or the one below it. Nothing: there is none. Throws Refused for
/// several.
std::optional<std::string> channel_folder(const std::string& path);

/// Calls `each` for every NAME@SECONDS[.mmm].h5 of a channel's (or its metadata's) folders of times, in the order of time.
/// Returns what lies there and is none. Throws Failure.
std::vector<std::string> for_each_file(const std::string& channel, const std::string& prefix,
                                       const std::function<void(const std::string& path, std::int64_t ms)>& each);

}  // namespace flowspan::io::drf

// A pattern of the user's own for names of files: "{datetime:%Y%m%d_%H%M%S}_{frequency}Hz".
#pragma once

#include "io/names/name.hpp"

#include <optional>
#include <string>

namespace flowspan::io {

/// What it may hold, for messages and help.
inline constexpr const char* pattern_form =
    "a pattern such as {datetime:%Y%m%d_%H%M%S}_{frequency}Hz, of text, `*` and the fields datetime, frequency, rate, datatype";

/// Reads a file's name, or its name without the last extension, all of which the pattern must fit. `*` is any text. Fields,
/// each at most once: {frequency} and {rate}, with k, M or G in the name or ahead of Hz or sps in the pattern; {datatype}, a
/// name of SigMF or an extension; {datetime:FORMAT} as strptime has it (%Y %y %m %d %j %b %H %M %S %f %s %Z %%; %f are digits
/// behind the point of the seconds), or {datetime} in one of the usual spellings. Times are UTC.
///
/// Nothing where the name does not fit, or says nonsense. Throws std::invalid_argument with a sentence for what is no pattern.
std::optional<Named> match_name(const std::string& pattern, const std::string& name);

}  // namespace flowspan::io

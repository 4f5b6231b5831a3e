// Whether a recording's samples are those that its header was written for.
#pragma once

#include <flowspan/recording.hpp>

#include <optional>
#include <string>

namespace flowspan::io {

/// core:sha512 of a SigMF header, in small letters; nothing where it has none.
std::optional<std::string> stated_sha512(const Recording& recording);

/// Reads the whole data file and compares; about 1.3 CPU-seconds per GB. Throws Failure (exit code 3) with both sums.
void verify_sha512(const Recording& recording);

}  // namespace flowspan::io

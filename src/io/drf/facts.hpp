// What the files of a Digital RF channel hold.
#pragma once

#include <flowspan/recording.hpp>

#include <string>

namespace flowspan::io::drf {

/// `path`: a channel, or the folder above one. Its samples are numbered row by row; captures begin where rows do not follow on
/// each other, and where the centre frequency changes. Fill before the first sample and behind the last is no part of it.
/// Throws Refused, Failure.
Recording read_facts(const std::string& path);

}  // namespace flowspan::io::drf

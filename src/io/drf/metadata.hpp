// Digital Metadata beside a channel: what holds from a sample on, until something else is said.
#pragma once

#include "io/drf/channel.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::io::drf {

struct Tuning {
    std::uint64_t sample = 0;
    double frequency = 0;  // Hz
};

/// The centre frequencies that metadata/ of a channel says, changes alone, by sample. None where there is no metadata. Throws
/// Failure, Refused.
std::vector<Tuning> read_tunings(const std::string& channel, const Cadence& cadence, std::vector<std::string>& warnings);

}  // namespace flowspan::io::drf

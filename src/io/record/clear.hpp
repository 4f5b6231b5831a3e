// What a run that is given up clears away of itself.
#pragma once

#include "io/claim/lock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// Canonical.
std::vector<std::string> folders_of(const Claims& claims);

/// Removes the run's parts in these folders: those of all ranks, or of one. File calls only; what cannot be removed stays.
/// Nothing happens where a record of the run is there: its parts will be published.
void remove_parts(const std::vector<std::string>& folders, const std::string& run, std::optional<int> rank = std::nullopt);
/// The same with the parts of all ranks, then the locks.
void remove_traces(const std::vector<std::string>& folders, const std::string& run);

}  // namespace flowspan::io

// What the next units read is fetched while this one is computed.
#pragma once

#include "batch/work/compute.hpp"

#include <vector>

namespace flowspan::batch {

/// Asks the system for the header and the first MiBs of the recordings of these tasks, and does not wait for them. What goes
/// wrong the unit itself will say. Opening may take its time: not on the thread of a rank.
void fetch_ahead(const std::vector<Task>& tasks);

}  // namespace flowspan::batch

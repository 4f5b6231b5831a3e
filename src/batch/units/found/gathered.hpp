// Units as words and lists name them, before they have folders.
#pragma once

#include "batch/units/lists/list.hpp"
#include "batch/units/sweep.hpp"
#include "batch/units/units.hpp"
#include "io/found/recordings.hpp"

#include <cstdint>

namespace flowspan::batch {

struct GatheredRecording {
    std::string path, name{};  // absolute, and below the root
};
struct Origin {
    std::uint32_t recording = 0;  // its number
    int line = 0;                 // of the list
};

struct Gathered {
    std::vector<GatheredRecording> recordings;
    std::vector<Unit> units;
    std::vector<Origin> origins;    // of each unit
    std::set<std::string> folders;  // that the root must hold
    std::vector<std::string> notes;
    std::string list_folder;

    /// How a graph stands in a unit's folder: from the list's folder on, where it lies there.
    std::string name_of_graph(const std::string& path) const;
};

/// Reads words and list. Sweeps are not applied; what they give no list may give.
Gathered gather(const UnitsRequest& request, const std::vector<Sweep>& sweeps, Diagnostics& found);

}  // namespace flowspan::batch

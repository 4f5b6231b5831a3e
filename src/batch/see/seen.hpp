// A batch as it lies in OUT, for whoever looks at it: nothing is locked, nothing is written, and it may run meanwhile.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/keep/hold.hpp"
#include "batch/see/live.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// Part K of N; 0 of 0 without parts.
struct PartOf {
    int k = 0, n = 0;
    std::string text() const;  // "part 2/4"; "" without parts
};
/// In order. Throws Failure (2) where OUT holds no batch.
std::vector<PartOf> parts_of(const std::string& out);

struct SeenPart {
    PartOf part;
    History history;
    std::optional<Holder> holder;  // while it runs
    std::optional<LiveSaid> live;  // of that holder
    std::vector<std::string> warnings;
};
/// `light`: what was made is not wanted (`History::read`). Throws Failure where the folder cannot be read.
SeenPart see(const std::string& out, const PartOf& part, bool light = false);

/// What is amiss with journals, for people: not that the last line of the last one is being written, or was when the batch
/// died.
std::vector<std::string> warnings_of(const Troubles& troubles);
/// "a.wav", as people may write it: below OUT or not, with a slash behind it or not.
std::string unit_name(const std::string& out, const std::string& word);
/// Refuses a unit that no part knows, with those whose names are near. `known`: gives each name to what it is called with.
Refused no_such_unit(const std::string& name, const std::function<void(const std::function<void(const std::string&)>&)>& known);
/// Whether a version, "0.10.2", comes after this one.
bool is_newer(const std::string& version, const std::string& than);

}  // namespace flowspan::batch

// `--dry-run`: what will happen to each unit that is asked for, and why. Pure.
#pragma once

#include "batch/unit.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace flowspan::batch {

using Texts = std::map<std::string, std::string>;

/// What is known of a unit.
struct KnownUnit {
    enum class State : std::uint8_t { done, failed, unfinished } state = State::unfinished;
    std::string cause{};                 // of the failure
    Texts parameters{};                  // all that were given, --set included
    Texts fingerprint{};                 // what it was made from, by a word for people: "graph", "recording", "flowspan"
    std::vector<std::string> missing{};  // products that are not there, below the unit's folder
};
using KnownUnits = std::unordered_map<std::string, KnownUnit>;  // by folder

/// What is asked for.
struct Asked {
    Texts set{};                                         // of --set; a unit's own parameters come before
    Texts fingerprint{};                                 // what all units have in common
    std::function<Texts(const Unit&)> fingerprint_of{};  // further, of one
};

struct Planned {
    enum class What : std::uint8_t { run, again, nothing, given_up } what = What::run;
    std::vector<std::string>
        why{};  // of `again`: "gain 1 -> 2", "graph changed", "product a.wav is missing", "failed before: …"; of `given_up`
};

/// One for each unit.
std::vector<Planned> plan(const std::vector<Unit>& units, const KnownUnits& known, const Asked& asked);

/// Lines sorted by folder, "a.wav: run again: gain 1 -> 2", then one that counts: "3 units: 1 new, 1 again, 1 as they are", and
/// how many failed before and are not tried, where there are any.
std::string plan_text(const std::vector<Unit>& units, const std::vector<Planned>& planned);

}  // namespace flowspan::batch

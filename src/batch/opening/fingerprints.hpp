// What a unit's products follow from, as far as that is known without reading its samples.
#pragma once

#include "batch/opening/opening.hpp"
#include "batch/unit.hpp"

#include <flowspan/registry.hpp>

#include <string>
#include <vector>

namespace flowspan::batch {

/// XXH3-128 of a text, in hexadecimal digits.
std::string hash_of(const std::string& text);
/// The parameter that a recording goes to: "recording", where the graph has such a one, else that of its only file_source.
/// Throws Refused.
std::string input_of(const Registry& registry, const BatchRequest& request, const GraphText& graph);
/// What reading the graph needs beyond its text, as rank 0 sees it: the files that it includes, and the environment variables
/// that its text, theirs and these values speak of (JobRequest::seen). Throws Refused, Failure.
Value seen_of(const Registry& registry, const std::vector<graph::Override>& overrides, const GraphText& graph);
/// With those that other values speak of.
Value with_variables(Value seen, const std::vector<graph::Override>& overrides);
/// The same for all units of a graph: what products follow from beside parameters and recordings.
std::string common_fingerprint(const Registry& registry, const BatchRequest& request, const GraphText& graph);
std::string fingerprint_of(const std::string& common, const Unit& unit);
/// Bytes that a unit will read, as a number to compare with others.
double cost_of(const Unit& unit);
/// What the system says of a unit's files: whether something that was wrong may have been mended.
std::string facts_of(const Unit& unit);

}  // namespace flowspan::batch

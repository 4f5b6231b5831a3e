// What the products of a unit follow from, as one number: equal keys, equal bytes.
#pragma once

#include "runtime/flowgraph/flowgraph.hpp"

#include <flowspan/value.hpp>

#include <string>
#include <vector>

namespace flowspan::batch {

/// The described graph as a text: blocks with types and values, connections, messages, schedule. Neither ranks nor buffers,
/// which change no byte, nor paths of recordings and products.
std::string graph_text(const runtime::Flowgraph& graph);

/// `agreement`: of the team (build, numeric level, fingerprint, plug-ins). 32 hexadecimal digits.
std::string key_of(const std::string& graph_text, const std::vector<std::string>& content, const Value& agreement);

}  // namespace flowspan::batch

// What the products of a unit follow from, as one number: equal keys, equal bytes.
#pragma once

#include "runtime/flowgraph/flowgraph.hpp"

#include <flowspan/value.hpp>

#include <functional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// The described graph as a text: blocks with types and values, connections, messages, schedule. Of what is read its name
/// (which may say a type or a rate) and its content, of products their names below `out`; no folder. Neither ranks nor buffers,
/// which change no byte. `content`: the hashes of the files that a recording consists of.
std::string graph_text(const runtime::Flowgraph& graph, const std::string& out,
                       const std::function<std::vector<std::string>(const std::string& recording)>& content);

/// `agreement`: of the team (build, numeric level, fingerprint, plug-ins). 32 hexadecimal digits.
std::string key_of(const std::string& graph_text, const Value& agreement);

}  // namespace flowspan::batch

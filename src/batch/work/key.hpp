// What the products of a unit follow from, as one number: equal keys, equal bytes.
#pragma once

#include "batch/work/content.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <flowspan/registry.hpp>
#include <flowspan/value.hpp>

#include <functional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// Known before a sample is read.
struct Origin {
    std::string graph;               // the described graph as a text
    std::vector<std::string> files;  // that its recordings consist of, in their order there
};

/// As a text: blocks with types, revisions and values, connections, messages, schedule. Of what is read its name (which may
/// say a type or a rate), of products their names below `out`; no folder. Neither ranks nor buffers, which change no byte.
/// `files_of`: that a recording consists of.
Origin origin_of(const runtime::Flowgraph& graph, const Registry& registry, const std::string& out,
                 const std::function<std::vector<std::string>(const std::string& recording)>& files_of);

/// `agreement`: of the team (numeric level, transforms, fingerprint, plug-ins). 32 hexadecimal digits.
std::string key_of(const Origin& origin, const Content& content, const Value& agreement);

}  // namespace flowspan::batch

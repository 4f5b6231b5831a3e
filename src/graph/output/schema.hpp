// The JSON Schema of graph files, from the declarations of blocks and parameters.
#pragma once

#include "graph/spec.hpp"

#include <functional>

namespace flowspan::graph {

/// A JSON Schema (draft 7, which editors know) of graph files over these block types. It says what an editor can complete and
/// explain; what only the reader can tell (names, counts, units) it leaves to `flowspan check`. `summary` explains a type.
Value json_schema(const Catalog& catalog, const std::function<std::string(const std::string& type)>& summary);

}  // namespace flowspan::graph

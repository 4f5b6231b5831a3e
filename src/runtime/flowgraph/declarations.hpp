// What a rank knows of blocks that live on other ranks.
#pragma once

#include "runtime/block/declarations.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <memory>
#include <vector>

namespace flowspan::runtime {

/// By block. Blocks of one type and variant share theirs, so that ten thousand copies cost a pointer each. All blocks must
/// still be there (Flowgraph::keep_only).
std::vector<std::shared_ptr<const BlockDeclarations>> declarations_of(const Flowgraph& graph);

}  // namespace flowspan::runtime

// What a rank knows of blocks that live on other ranks: the names and declarations that people and programs ask for.
#pragma once

#include "runtime/flowgraph/flowgraph.hpp"

#include <flowspan/parameter.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::runtime {

/// Of one block type in one variant. A constructor declares the same in every block that it makes.
struct BlockDeclarations {
    std::vector<ParameterDeclaration> parameters;
    std::vector<std::string> commands, readings, message_outputs;
    const ParameterDeclaration* parameter(std::string_view name) const;
};

/// By block. Blocks of one type and variant share theirs, so that ten thousand copies cost a pointer each. All blocks must
/// still be there (Flowgraph::keep_only).
std::vector<std::shared_ptr<const BlockDeclarations>> declarations_of(const Flowgraph& graph);

}  // namespace flowspan::runtime

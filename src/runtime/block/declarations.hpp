// The names and declarations of a block that people and programs ask for, apart from the block, which may live on another rank.
#pragma once

#include "core/mistakes/names.hpp"

#include <flowspan/block.hpp>
#include <flowspan/parameter.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::runtime {

/// Of one block type in one variant. A constructor declares the same in every block that it makes.
struct BlockDeclarations {
    std::vector<ParameterDeclaration> parameters;
    std::vector<std::string> commands, readings, message_outputs;
    const ParameterDeclaration* parameter(std::string_view name) const;

    /// What may be asked for of a block of this type; `block` is its name.
    KnownNames readable(const std::string& block) const;
    KnownNames settable(const std::string& block) const;
    KnownNames callable(const std::string& block) const;
    KnownNames watchable(const std::string& block) const;
};

BlockDeclarations declarations_of(const Block& block);

/// A port, command or reading by its name; nullptr: there is none.
template <class Named>
Named* find_named(const std::vector<Named*>& all, std::string_view name) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const Named* one) { return one->name() == name; });
    return it == all.end() ? nullptr : *it;
}

}  // namespace flowspan::runtime

// What a block type declares, for people and for programs.
#pragma once

#include <flowspan/registry.hpp>

#include <string>

namespace flowspan::cli {

/// "a number >= 0; default 1; may change while running".
std::string declared_text(const ParameterDeclaration& d);
/// `flowspan blocks TYPE`: summary, ports, parameters, readings, commands, an example.
std::string block_text(const BlockType& type);
/// The same for `--json`.
Value block_value(const BlockType& type);

}  // namespace flowspan::cli

// docs/reference: pages made of declarations. `flowspan reference` writes them, a test compares them.
#pragma once

#include "cli/reference/commands.hpp"

#include <flowspan/registry.hpp>

#include <string>
#include <vector>

namespace flowspan::cli {

/// Of blocks, by kind: a section each, with ports, parameters, readings, commands and an example.
std::string blocks_page(const std::string& kind, const std::vector<const BlockType*>& types);
/// The kinds, and all blocks, each with a link to its section in blocks/KIND.md.
std::string blocks_index(const Registry& registry);
/// Sample types: flowspan's names beside those of SigMF, C++, GNU Radio and NumPy.
std::string types_page();
/// The graph files of a folder with their first comment and their parameters. Throws Refused, Failure.
std::string graphs_page(const std::string& folder);
std::string exit_codes_page();
std::string commands_page(const std::vector<CommandText>& commands);
/// flowspan(1), for man(1).
std::string man_page(const std::vector<CommandText>& commands);

/// What Markdown would take for its own, within a table's cell.
std::string cell(const std::string& text);

}  // namespace flowspan::cli

// `flowspan blocks --cpp`.
#pragma once

#include <flowspan/registry.hpp>

#include <string>
#include <vector>

namespace flowspan::cli {

/// A C++ header with a class for each of these block types; include/flowspan/blocks/KIND.hpp are those of the built-in ones.
std::string cpp_header(const std::vector<const BlockType*>& types);

}  // namespace flowspan::cli

// What the ending of a product's path promises, and what its sink makes.
#pragma once

#include "runtime/flowgraph/flowgraph.hpp"

#include <optional>
#include <string>

namespace flowspan::run {

/// The mistake of a sink of flowspan whose path ends as what another one makes (`file_sink` to x.wav), or says another sample
/// type than its stream has (x.cs16 of cf32). Nothing of blocks of others, of endings that say nothing, and where `format:`
/// is given.
std::optional<Diagnostic> wrong_ending(const runtime::Flowgraph& graph, int block);

}  // namespace flowspan::run

// What is wrong with a text that is no YAML, where it began to be wrong.
#pragma once

#include "graph/mistakes/places.hpp"

#include <yaml-cpp/exceptions.h>

#include <optional>

namespace flowspan::graph {

/// yaml-cpp's complaint in our words. A bracket that is not closed, or a line that stands too far in or out, is blamed itself,
/// not the line after it.
Diagnostic syntax_error(const YAML::Exception& error, Places& places);

/// A quote that the text never closes, which yaml-cpp takes for a value up to the end.
std::optional<Diagnostic> open_quote(Places& places);

}  // namespace flowspan::graph

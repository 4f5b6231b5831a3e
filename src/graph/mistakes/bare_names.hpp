// `samp_rate` where `$samp_rate` was meant.
#pragma once

#include <functional>
#include <string>

namespace flowspan::graph {

/// The text of a number with `$` before each bare name that `is_known`: "2 * $samp_rate" for "2 * samp_rate". "" where it has
/// none, or words that are neither names nor functions.
std::string with_dollars(const std::string& text, const std::function<bool(const std::string& name)>& is_known);

}  // namespace flowspan::graph

// The same recording under several names counts once.
#pragma once

#include "io/found/tree.hpp"

#include <string>
#include <vector>

namespace flowspan::io {

/// Keeps the first of those that are one file, by whatever links, and of a SigMF recording its header rather than its data;
/// adds a note of what counts once.
std::vector<std::string> each_once(std::vector<Candidate> all, std::vector<std::string>& notes);

}  // namespace flowspan::io

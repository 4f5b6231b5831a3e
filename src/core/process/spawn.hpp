// Programs of others.
#pragma once

#include <sys/types.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace flowspan {

/// Starts `words[0]`, looked for on PATH, in a process group of its own, with no signal blocked or ignored, these three files
/// as standard input, output and error and no other, and the environment of this process with `variables` in it. Returns an
/// error of errno, or 0.
int spawn(std::vector<std::string> words, const std::map<std::string, std::string>& variables,
          const std::array<int, 3>& standard, pid_t& process);

}  // namespace flowspan

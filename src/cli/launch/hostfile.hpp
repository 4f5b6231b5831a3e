// A hostfile of mpirun, looked at before mpirun does: it takes what it does not know for something else, or ends without a
// word.
#pragma once

#include <string>

namespace flowspan::cli {

/// Throws Refused with every mistake: lines are a host, then `slots=N` and `max_slots=N`; `#` begins a comment.
void check_hostfile(const std::string& path);

}  // namespace flowspan::cli

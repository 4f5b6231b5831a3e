// The process of mpirun, below the launcher.
#pragma once

#include "cli/launch/launcher.hpp"
#include "cli/launch/relay.hpp"

#include <sys/types.h>

#include <vector>

namespace flowspan::cli {

/// Starts it, in a process group of its own, with its stderr at `relay`. Throws Failure.
pid_t start_mpirun(const LaunchRequest& request, Relay& relay);
/// The ranks on this host.
std::vector<pid_t> ranks_here(pid_t mpirun);
/// mpirun, what it has started on this host, and with it what its daemons have started elsewhere.
void kill_all(pid_t mpirun);

}  // namespace flowspan::cli

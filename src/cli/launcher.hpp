// `flowspan run -n N`: starts mpirun itself, passes stops on, maps exit codes, ends an mpirun that is stuck.
#pragma once

#include <string>
#include <vector>

namespace flowspan::cli {

struct Launched {
    int code = 0;
    std::vector<std::string> locks;  // of the run, which may be left where it was ended by force
};

/// Runs `mpirun -n ranks PROGRAM arguments…` and returns the exit code that the job meant, which rank 0 leaves in a file
/// (mpirun itself returns 1 or 137 in some cases whatever the ranks return). Throws Failure when mpirun cannot be started.
Launched launch(int ranks, const std::string& program, const std::vector<std::string>& arguments);

/// On rank 0, under `launch`: every rank can take a signal now; these are its locks. A stop that was asked for
/// before is passed on from here on.
void announce_ready(const std::vector<std::string>& locks);
/// On rank 0, under `launch`: leaves the code for the launcher.
void leave_code(int code);
/// Whether people see what goes to stderr as it comes: a terminal, or one behind `launch`.
bool stderr_is_terminal();
/// Whether this process was started by `launch`, so that TERM and INT reach it only as stops.
bool under_launcher();

}  // namespace flowspan::cli

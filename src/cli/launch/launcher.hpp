// `flowspan run -n N`: starts mpirun itself, passes stops and Ctrl-Z on, maps exit codes, ends an mpirun that is stuck.
#pragma once

#include <string>
#include <vector>

namespace flowspan::cli {

struct LaunchRequest {
    int ranks = 1;
    std::string hosts;  // a hostfile of mpirun; "": this host
    double patience_s = 30;
    std::string program;
    std::vector<std::string> arguments;
};

struct Launched {
    int code = 0;
    std::string lost;                // where nobody could say it: how it ended, up to what has become of the products
    bool gone = true;                // it is certain that no rank is left
    bool committed = false;          // the run had been, before it was ended by force
    std::vector<std::string> locks;  // of the run, which may be left where it was ended by force
};

/// Runs `mpirun -n ranks PROGRAM arguments…` and returns the exit code that the job meant, as its ranks tell it (mpirun itself
/// returns 1 or 137 in some cases whatever the ranks return). Throws Failure when mpirun cannot be started.
Launched launch(const LaunchRequest& request);

/// Whether this process, since it first launched, has got a signal that asks for a stop or the end.
bool stop_asked();

}  // namespace flowspan::cli

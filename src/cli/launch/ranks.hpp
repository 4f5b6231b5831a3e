// How a process becomes a rank, or starts ranks: below mpirun or srun, by `-n`, or alone.
#pragma once

#include "comm/communicator.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace flowspan::cli {

struct RankOptions {
    int rank_count = 0;  // -n; 0: not given
    std::string hosts;   // --hosts; "": none
    double patience_s = 30;
    std::string transport = "auto";
    std::vector<std::string> words;  // the command line, without the program's name
    void add_to(CLI::App& app);
};

struct RankBody {
    /// Before MPI begins, and before there is a second thread.
    std::function<void()> before;
    /// What this rank does. Returns the job's code on rank 0.
    std::function<int(comm::Communicator&)> body;
    /// A file that the ranks of -n read through rank 0's standard input where it is a pipe: the graph.
    std::string piped;
    /// Of -n, behind "flowspan: … is lost; ": what has become of the products. Empty: as a run says it.
    std::function<std::string()> outcome;
};

/// Runs it, or starts ranks that do. Throws Refused, Failure.
int on_ranks(const RankOptions& options, const RankBody& body);

}  // namespace flowspan::cli

// MPI: the lifetime of the library and a communicator over it. The only folder that includes MPI and Boost.MPI.
#pragma once

#include "comm/communicator.hpp"

#include <memory>
#include <string>
#include <vector>

namespace flowspan::comm {

/// MPI from MPI_Init_thread(FUNNELED) to MPI_Finalize, which only the thread that made it may end. Throws Failure when MPI
/// does not grant the thread level.
class MpiLibrary {
public:
    MpiLibrary();
    ~MpiLibrary();
    MpiLibrary(const MpiLibrary&) = delete;
    MpiLibrary& operator=(const MpiLibrary&) = delete;
    /// All ranks of the job, over communicators of its own: one for records and payloads, one for control.
    std::unique_ptr<Communicator> world();
};

/// Whether a launcher (mpirun, srun with PMIx) started this process, by its environment.
bool started_by_launcher();
/// The rank that the launcher's environment gives this process, 0 when it does not say.
int promised_rank();
/// How many ranks the launcher's environment promises; 0 when it does not say.
int promised_ranks();

/// Whether the launcher's environment has what MPI needs to find the other ranks.
bool launcher_speaks_pmix();

/// The names that `choose_transport` knows: "auto", "p2p", "shared-memory", "tcp".
std::vector<std::string> transports();
/// Before MPI begins, on every rank: what samples travel by. "auto" and "p2p" leave it to MPI; the others are Open MPI's, by
/// its variables. Throws Refused for another MPI, or where the launcher was told otherwise (`mpirun --mca btl …`).
void choose_transport(const std::string& name);

}  // namespace flowspan::comm

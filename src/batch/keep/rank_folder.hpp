// A hidden folder of one rank of one start, in a folder that may be anybody's: what lies in it goes with the batch, and what a
// start that was killed has left there goes with the next.
#pragma once

#include <string>

namespace flowspan::batch {

class RankFolder {
public:
    /// Makes `PARENT/.KIND-RUN-RANK`, and removes those of this kind whose processes are gone. Throws Failure.
    RankFolder(const std::string& parent, const std::string& kind, const std::string& run, int rank);
    RankFolder(const RankFolder&) = delete;
    RankFolder& operator=(const RankFolder&) = delete;
    ~RankFolder();
    const std::string& path() const { return path_; }

private:
    std::string path_;
    int lock_ = -1;  // held while its process lives, by the system
};

/// Removes those of dead processes of this host. Those that cannot be locked are somebody's.
void remove_dead_folders(const std::string& parent, const std::string& kind);

}  // namespace flowspan::batch

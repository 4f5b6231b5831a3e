// Locks: which names a run may write into a folder, for other runs to see. docs/publishing.md has the rules.
#pragma once

#include "io/claim/names.hpp"
#include "io/claim/process.hpp"

#include <sys/types.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace flowspan::io {

/// What a run may write into one folder.
struct Claim {
    std::string folder;  // as people gave it
    Names names;
    Names numbered;         // of these the patterns NAME.N.EXT of further stretches, and of parts
    bool elsewhere = true;  // only other ranks write there; they may be on other nodes
};
/// By canonical folder.
using Claims = std::map<std::string, Claim>;

/// A lock as it was found.
struct FoundLock {
    std::string path, run;
    bool held = false;  // else its run is still looking at the others
    Process process;
    Names names;
    uid_t owner = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t device = 0, inode = 0;

    /// `now_ns`: of the file system of its folder.
    bool is_dead(std::int64_t now_ns) const;
};
struct FoundLocks {
    std::vector<FoundLock> locks;
    std::vector<std::string> strange;  // sentences on files that have the name of a lock and are none
};
FoundLocks locks_in(const std::string& folder);

/// The locks of one run, in all its folders.
class RunLocks {
public:
    struct Timing {  // shorter in tests
        int renew_every_ms = 10'000;
    };
    /// Makes folders and locks. Throws Refused where a living run may write the same file, Failure where a lock cannot be made.
    /// `rank` 0 makes them all; another one only those that it does not see, and only where it writes itself.
    RunLocks(std::string run_id, const Claims& claims, int rank, Timing timing);
    RunLocks(std::string run_id, const Claims& claims, int rank = 0) : RunLocks(std::move(run_id), claims, rank, Timing()) {}
    RunLocks(const RunLocks&) = delete;
    RunLocks& operator=(const RunLocks&) = delete;
    /// Removes them.
    ~RunLocks();

    /// Throws Failure (exit code 3) where one of them is gone or another file.
    void verify() const;
    /// Folders of these locks, canonical.
    std::vector<std::string> folders() const;
    /// The clock of this folder's file system when its lock was made.
    std::int64_t made_ns(const std::string& folder) const { return locks_.at(folder).modified_ns; }
    const std::string& run_id() const { return run_id_; }
    /// Files found that have the name of a lock and are none.
    const std::vector<std::string>& strange() const { return strange_; }

private:
    struct Own {
        std::string path, folder;  // the folder as people gave it
        std::int64_t modified_ns = 0;
        std::uint64_t device = 0, inode = 0;
    };
    enum class Outcome { won, tied };
    bool make(const std::string& folder, const Claim& claim);
    Outcome look_at_others(const Claims& claims);
    void hold();
    void take_back() noexcept;
    void renew();

    std::string run_id_;
    int rank_;
    std::map<std::string, Own> locks_;
    std::vector<std::string> strange_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool leave_ = false;
    std::thread renewing_;  // not the loop: no long call of a block may cost a run its lock
};

}  // namespace flowspan::io

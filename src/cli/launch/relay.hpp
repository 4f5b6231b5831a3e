// The launcher's end of what mpirun writes to stderr: passed on, without the words that are for the launcher.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace flowspan::cli {

struct RankHere {
    std::string host;
    int process = 0;
};

/// What the ranks have told so far.
struct Told {
    std::map<int, RankHere> here;
    std::set<int> leaving;  // not lost when they go
    bool committed = false;
    bool ready = false;
    std::optional<int> code;
    std::vector<std::string> locks;
    std::map<int, std::string> crashes;  // by rank: "SIGSEGV gain"
    std::string end;                     // why, by a signal that was passed on
    std::string loss;                    // how rank 0 was lost
    std::uint64_t alive = 0;             // how often anything came
};

class Relay {
public:
    Relay();  // throws Failure
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    /// In the child: its stderr is ours.
    void become_stderr() const;
    /// In the launcher, after the fork.
    void start();
    /// Passes on what is still there, and ends: others than mpirun may hold its stderr.
    void finish();
    /// From now on what comes is not for people.
    void mute() { muted_ = true; }
    Told told() const;
    /// Whether somebody reads what is passed on.
    bool blocked() const { return writing_; }

private:
    void run();

    int pipe_[2] = {-1, -1};
    mutable std::mutex mutex_;
    Told told_;
    std::atomic<bool> muted_ = false, writing_ = false, ending_ = false;
    std::thread thread_;
};

}  // namespace flowspan::cli

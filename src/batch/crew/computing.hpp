// Who computes the units that a rank is given: a worker below it, or the rank itself with others.
#pragma once

#include "batch/work/compute.hpp"
#include "run/job/log.hpp"
#include "run/plugins/library.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What has come of a task. `unclean`: parts of it may be left.
struct Outcome {
    Task task;
    Answer answer;
    bool unclean = false;
};

/// What of its host's devices a rank's units take.
struct OwnDevices {
    int order = -1;                      // of the rank among those of its host (Task)
    std::uint64_t most_bytes = 0;        // of a device that it shares; 0: any
    std::optional<std::string> visible;  // to its workers, as CUDA_VISIBLE_DEVICES says it; nothing: all
    void of(Task& task) const;
};

class Computing {
public:
    /// A line of the attempt `run`.
    using Log = std::function<void(const std::string& run, const run::LogLine& line)>;
    /// What is being computed; below 0: how far is not known.
    struct At {
        const Task* task;
        double fraction;
    };

    Computing() = default;
    virtual ~Computing() = default;
    Computing(const Computing&) = delete;
    Computing& operator=(const Computing&) = delete;

    /// Tasks are computed one after another, in this order.
    virtual void give(Task task) = 0;
    /// Computes, or waits at most so long for something to happen. Throws Failure where no more can be computed.
    virtual std::vector<Outcome> turn(std::chrono::milliseconds wait) = 0;
    /// Nothing is to be computed.
    virtual bool idle() const = 0;
    virtual std::optional<At> at() const = 0;
    /// `turn` is computing a unit in this thread.
    virtual bool busy() const { return false; }
    /// The same for one unit.
    virtual std::vector<Outcome> cancel(std::uint64_t unit) = 0;
    /// Plug-ins have come, and name and hash of all that are loaded. Also without any: workers are forked anew.
    virtual void refresh(const std::vector<run::PluginFile>& plugins, const std::vector<std::string>& loaded) = 0;
    /// What is being computed ends now, and what waits is not begun. Each has its outcome, from here or from `turn`.
    virtual std::vector<Outcome> drop() = 0;
};

/// A task that came to nothing.
Outcome failed(const Task& task, std::string cause, ExitCode code);
/// Takes tasks out of those that wait, all or those of a unit, each with its outcome.
std::vector<Outcome> take_back(std::deque<Task>& waiting, std::optional<std::uint64_t> unit, const char* why);

}  // namespace flowspan::batch

// Workers are forked from a process that was forked before MPI began. This is the rank's side of it: nothing here waits for
// others but `poll`, and that no longer than it is told. docs/batches.md is the design.
#pragma once

#include "batch/worker/events.hpp"
#include "batch/worker/handle.hpp"
#include "batch/worker/nursery/descriptors.hpp"
#include "batch/worker/worker.hpp"

#include <flowspan/value.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

class Nursery {
public:
    using Clock = std::chrono::steady_clock;
    using Now = std::function<Clock::time_point()>;
    struct Functions {
        /// Loads plug-ins, as the rank names them, in the nursery. What it throws is said to the rank.
        std::function<void(const Value& plugins)> load;
        /// Computes a task, in a worker.
        Work work;
    };

    /// Forks it: before MPI begins, and before this process has a second thread. It dies with this thread. `patience`: how long
    /// it may take for an answer before it counts as dead. `now`: the clock of all limits. Throws Failure.
    static std::unique_ptr<Nursery> begin(Functions functions,
                                          std::chrono::duration<double> patience = std::chrono::seconds(30),
                                          Now now = Clock::now);
    /// Ends it and all workers.
    ~Nursery();
    Nursery(const Nursery&) = delete;
    Nursery& operator=(const Nursery&) = delete;

    /// Asks for plug-ins; `Loaded` is the answer. Workers that have been forked before do not have them. Throws Failure where
    /// the names are more than a packet holds, or it is gone.
    void load(const Value& plugins);
    /// Asks for a worker, which may be given tasks at once. Owned by the caller, who may drop it at any time: an idle one
    /// leaves, another is killed.
    std::unique_ptr<Handle> fork(const Limits& limits);

    /// Waits until something happens, a signal comes, or `timeout` is over, and says what.
    std::vector<Event> poll(std::chrono::milliseconds timeout);

    pid_t process() const { return process_; }
    /// Why it is gone; "" while it is there.
    const std::string& lost() const { return lost_; }

private:
    friend class Handle;
    Nursery(Descriptor socket, pid_t process, std::chrono::duration<double> patience, Now now);
    void ask(const Value& request, bool answered);
    void forget(std::int64_t id);
    void flush();
    /// False: a signal has come.
    bool wait(std::chrono::milliseconds timeout);
    void turn(std::vector<Event>& events);
    void take(Packet packet, std::vector<Event>& events);
    void lose(std::string why, std::vector<Event>& events);
    std::string reap();

    Descriptor socket_;
    pid_t process_;
    std::chrono::duration<double> patience_;
    Now now_;
    Clock::time_point last_turn_, asked_;
    std::size_t unanswered_ = 0;
    std::deque<std::string> requests_;  // that have not gone yet
    std::map<std::int64_t, Handle*> workers_;
    std::int64_t next_id_ = 0;
    std::string lost_;
};

}  // namespace flowspan::batch

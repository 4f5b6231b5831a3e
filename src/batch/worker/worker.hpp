// The worker's side: a process of one thread that computes one task after another and says how it goes on.
#pragma once

#include "batch/worker/pulse.hpp"
#include "batch/worker/wire.hpp"
#include "core/process/alive.hpp"
#include "run/job/log.hpp"

#include <flowspan/value.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string_view>

namespace flowspan::batch {

/// What a task says while it is computed. The process ends where the rank is gone.
class Reporter final : public Attendant {
public:
    Reporter(Wire& wire, Pulse& pulse) : wire_(wire), pulse_(pulse) {}
    /// The rank gets the last one of those that come close together.
    void progress(const Value& value);
    /// The rank takes a bounded number a task and says how many were left out.
    void log(const run::LogLine& line);
    /// A sign of life; costs a store to memory. The worker's thread is attended by this one during a task (`still_here`).
    void look() override { pulse_.beat(); }
    void at(std::string_view block) override { place(block); }
    /// Code of others has failed: what it has left behind (memory, half-made tables) is no other task's. The worker is given
    /// none.
    void spent() { pulse_.set_spent(true); }
    /// Where the task is ("lowpass", "describe"), cut to 255 bytes; a sign of life, too. Who dies or falls silent is said to
    /// have done so there. Costs a store a byte.
    void place(std::string_view text) { pulse_.set_place(text); }

private:
    Wire& wire_;
    Pulse& pulse_;
};

/// Computes a task. What it throws is a failure of the task, and the worker goes on.
using Work = std::function<Value(const Value& task, Reporter& reporter)>;

struct WorkerSetup {
    pid_t parent = 0;
    std::uint64_t memory = 0;  // bytes that it may have more than it begins with; 0: no bound
    Wire wire;
    Pulse pulse;
    Descriptor out, error;  // what becomes stdout and stderr
};

/// Makes this process, forked just now from `setup.parent`, a worker. Goes when its parent or the rank goes.
[[noreturn]] void become_worker(WorkerSetup setup, const Work& work) noexcept;

/// What signals do in the nursery and in workers: those that are meant for the rank nothing, and programs that a block starts
/// have the usual ones; broken pipes and files that are too large are errors; all others as in any process.
void be_deaf();
/// `exit` ends the process without what the rank has registered for its own exit: locks to remove, say.
void leave_at_once_on_exit();
/// The kernel kills this process when its parent dies. False: the parent is not `parent` any more.
bool die_with(pid_t parent);

}  // namespace flowspan::batch

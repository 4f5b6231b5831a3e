// The process that workers are forked from.
#pragma once

#include "batch/worker/nursery/descriptors.hpp"
#include "batch/worker/nursery/memory_kills.hpp"
#include "batch/worker/nursery/nursery.hpp"

#include <flowspan/value.hpp>

#include <sys/types.h>

#include <cstdint>
#include <map>

namespace flowspan::batch {

/// Serves one rank until that goes. It has one thread, and calls neither MPI nor a device.
///
/// Packets of JSON. From the rank: {do: load, files}, {do: fork, id, memory}, {do: kill, id}. To it:
/// {is: loaded, error, code}, {is: forked, id, process} with the worker's socket, stdout, stderr and page, {is: refused, id,
/// error}, {is: ended, id, exit | signal, group, host (kills for memory since the last end), peak_bytes, cpu_s}.
class NurseryProcess {
public:
    NurseryProcess(Descriptor rank, Nursery::Functions functions);
    [[noreturn]] void serve();

private:
    void obey(const Value& request);
    void load(const Value& request);
    void fork_worker(const Value& request);
    void reap();
    void say(const Value& value, std::span<const int> descriptors = {});
    [[noreturn]] void leave();

    Descriptor rank_, ends_;  // ends_: signals that a child has ended
    Nursery::Functions functions_;
    std::map<pid_t, std::int64_t> workers_;
    MemoryKills kills_;
};

}  // namespace flowspan::batch

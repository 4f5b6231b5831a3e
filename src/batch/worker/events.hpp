// What a rank hears of its workers.
#pragma once

#include "run/job/log.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace flowspan::batch {

class Handle;

/// Of the task that the worker is at; only the last of those that came at once.
struct Progress {
    Value value;
};
/// A line of the log, or of what the task printed ("stdout: …", "stderr: …"). Comes before the task's answer.
struct Line {
    run::LogLine line;
};
/// What the function has answered. Then the worker is at the next task.
struct Result {
    Value value;
};
/// The function has thrown. The worker goes on.
struct Failed {
    std::string cause;
    ExitCode code;
};
/// The worker is no more.
struct Ended {
    enum class How {
        left,     // number: its exit code
        signal,   // number: which
        memory,   // the out-of-memory killer
        killed,   // `kill`
        timeout,  // a task took too long
        silent,   // no sign of life for too long
        garbage,  // it sent what is no message
        no_fork,  // it never was
        nursery   // that is gone
    };
    How how;
    int number = 0;
    std::string text;            // one sentence
    std::size_t unanswered = 0;  // tasks that were given to it; the first of them was in the making
    std::uint64_t peak_bytes = 0;
    double cpu_s = 0;
};
/// The answer to `load`: "" or what went wrong.
struct Loaded {
    std::string error;
    ExitCode code = ExitCode::done;
};
/// The nursery is gone: no worker can be forked any more. Each of those that there were has ended.
struct Lost {
    std::string text;
};

struct Event {
    Handle* worker;  // null for `Loaded` and `Lost`
    std::variant<Progress, Line, Result, Failed, Ended, Loaded, Lost> what;
};

}  // namespace flowspan::batch

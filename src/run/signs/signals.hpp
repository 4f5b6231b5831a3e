// Signals, as flags that the loop looks at.
#pragma once

#include <string>

namespace flowspan::run {

/// While one lives, signals set flags instead of ending the process, and SIGPIPE is ignored. Who asks for the same thing for
/// the third time ends the process. docs/ends.md has the table.
class Signals {
public:
    /// `term_is_stop`: TERM and INT ask for a stop (under srun, in a single process). Otherwise they mean that the launcher
    /// ends the job, perhaps because a peer died. One within another changes nothing.
    explicit Signals(bool term_is_stop);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    /// USR1, HUP, perhaps TERM and INT.
    static bool stop_asked();
    static bool told_to_leave();
    /// As TERM, but nobody is left who could have asked for a stop: the launcher is gone.
    static void launcher_is_gone();
    static bool launcher_gone();
    /// The signal that ends the run as a failure does (QUIT, XFSZ, …); 0: none.
    static int ended_by();
    /// How often the process has gone on after it was stopped (SIGSTOP, SIGTSTP).
    static int continued();
};

/// "SIGQUIT".
std::string name_of_signal(int signal);
/// What a shell says of a process that a signal has ended.
inline int code_of_signal(int signal) { return 128 + signal; }

}  // namespace flowspan::run

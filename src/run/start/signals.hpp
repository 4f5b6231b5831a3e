// Signals, as flags that the loop looks at.
#pragma once

namespace flowspan::run {

/// While one lives, SIGUSR1, SIGTERM and SIGINT set flags instead of ending the process, and SIGPIPE is ignored. Who asks for a
/// stop for the third time ends the process.
class Signals {
public:
    /// `term_is_stop`: TERM and INT ask for a stop (under srun, in a single process). Otherwise they mean that the launcher
    /// ends the job, perhaps because a peer died. One within another changes nothing.
    explicit Signals(bool term_is_stop);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    static bool stop_asked();
    static bool told_to_leave();
    /// How often the process has gone on after it was stopped (SIGSTOP, SIGTSTP).
    static int continued();
};

}  // namespace flowspan::run

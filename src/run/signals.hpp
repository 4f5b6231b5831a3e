// Signals, as flags that the loop looks at.
#pragma once

namespace flowspan::run {

/// While it lives, SIGUSR1, SIGTERM and SIGINT set flags instead of ending the process, and SIGPIPE is ignored.
class Signals {
public:
    /// `term_is_stop`: TERM and INT ask for a stop (under srun, in a single process). Otherwise they mean that the launcher
    /// ends the job, perhaps because a peer died.
    explicit Signals(bool term_is_stop);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    static bool stop_asked();
    static bool told_to_leave();
};

}  // namespace flowspan::run

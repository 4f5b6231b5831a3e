// Handlers of signals.
#pragma once

#include <csignal>
#include <optional>

namespace flowspan {

/// From now on `handler` handles `signal`; interrupted system calls go on. Returns what was done with it before; nothing where
/// `only_if_default` and something else than the default was (nohup ignores HUP, say), which then stays. `more_flags`: SA_….
std::optional<struct sigaction> handle_signal(int signal, void (*handler)(int), bool only_if_default = false,
                                              int more_flags = 0);

}  // namespace flowspan

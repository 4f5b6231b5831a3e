#include "core/process/handle_signal.hpp"

namespace flowspan {

std::optional<struct sigaction> handle_signal(int signal, void (*handler)(int), bool only_if_default, int more_flags) {
    struct sigaction old {};
    sigaction(signal, nullptr, &old);
    if (only_if_default && old.sa_handler != SIG_DFL) return std::nullopt;
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | more_flags;
    sigaction(signal, &action, nullptr);
    return old;
}

}  // namespace flowspan

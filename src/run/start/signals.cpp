#include "run/start/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace flowspan::run {
namespace {

volatile std::sig_atomic_t stop_flag = 0, leave_flag = 0, continued_count = 0;

int installed = 0;

void ask_stop(int signal) {
    stop_flag = stop_flag + 1;
    if (stop_flag < 3) return;
    std::signal(signal, SIG_DFL);
    raise(signal);
}
void ask_leave(int) { leave_flag = 1; }
void count_continued(int) { continued_count = continued_count + 1; }

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

}  // namespace

Signals::Signals(bool term_is_stop) {
    if (installed++ > 0) return;
    stop_flag = 0;
    leave_flag = 0;
    handle(SIGUSR1, ask_stop);
    handle(SIGTERM, term_is_stop ? ask_stop : ask_leave);
    handle(SIGINT, term_is_stop ? ask_stop : ask_leave);
    handle(SIGPIPE, SIG_IGN);
    handle(SIGCONT, count_continued);
}

Signals::~Signals() {
    if (--installed > 0) return;
    for (const int s : {SIGUSR1, SIGTERM, SIGINT, SIGPIPE, SIGCONT}) handle(s, SIG_DFL);
}

bool Signals::stop_asked() { return stop_flag != 0; }
bool Signals::told_to_leave() { return leave_flag != 0; }
int Signals::continued() { return continued_count; }

}  // namespace flowspan::run

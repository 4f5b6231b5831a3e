#include "run/signs/signals.hpp"

#include "core/process/handle_signal.hpp"

#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

namespace flowspan::run {
namespace {

volatile std::sig_atomic_t stop_flag = 0, leave_flag = 0, end_flag = 0, ends = 0, continued_count = 0;

std::mutex mutex;  // of what follows: in tests ranks are threads
int installed = 0;
std::vector<std::pair<int, struct sigaction>> before;  // what is installed, and what was there

// Who insists ends the process.
void insist(int signal, int count) {
    if (count < 3) return;
    std::signal(signal, SIG_DFL);
    raise(signal);
}
void ask_stop(int signal) {
    stop_flag = stop_flag + 1;
    insist(signal, stop_flag);
}
void ask_end(int signal) {
    if (end_flag == 0) end_flag = signal;
    if (signal == SIGXFSZ) return;  // each write beyond the limit raises it
    ends = ends + 1;
    insist(signal, ends);
}
void ask_leave(int) {
    if (leave_flag == 0) leave_flag = 1;
}
void count_continued(int) { continued_count = continued_count + 1; }

void handle(int signal, void (*handler)(int), bool only_if_default = false) {
    if (const auto old = handle_signal(signal, handler, only_if_default)) before.emplace_back(signal, *old);
}

}  // namespace

Signals::Signals(bool term_is_stop) {
    const std::lock_guard lock(mutex);
    if (installed++ > 0) return;
    stop_flag = 0;
    leave_flag = 0;
    end_flag = 0;
    ends = 0;
    handle(SIGUSR1, ask_stop);
    handle(SIGTERM, term_is_stop ? ask_stop : ask_leave);
    handle(SIGINT, term_is_stop ? ask_stop : ask_leave);
    handle(SIGHUP, ask_stop, true);  // nohup ignores it
    handle(SIGQUIT, ask_end);        // a shell lets its background jobs ignore it, as INT
    // What else ends a process that does not care; a program that embeds this may care.
    for (const int s : {SIGXFSZ, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR2}) handle(s, ask_end, true);
    handle(SIGPIPE, SIG_IGN);
    handle(SIGCONT, count_continued);
}

// (a stop that came just now is none any more)
Signals::~Signals() {
    const std::lock_guard lock(mutex);
    if (--installed > 0) return;
    for (const auto& [signal, old] : before) sigaction(signal, &old, nullptr);
    before.clear();
    stop_flag = 0;
    leave_flag = 0;
    end_flag = 0;
    ends = 0;
}

bool Signals::stop_asked() { return stop_flag != 0; }
bool Signals::told_to_leave() { return leave_flag != 0; }
void Signals::launcher_is_gone() { leave_flag = 2; }
bool Signals::launcher_gone() { return leave_flag == 2; }
int Signals::ended_by() { return end_flag; }
int Signals::continued() { return continued_count; }

std::string name_of_signal(int signal) {
    const char* name = sigabbrev_np(signal);
    return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

}  // namespace flowspan::run

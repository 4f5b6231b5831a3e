#include "batch/worker/worker.hpp"

#include "core/mistakes/failure_of.hpp"
#include "core/numbers/quantity.hpp"
#include "core/process/handle_signal.hpp"
#include "core/process/memory_limit.hpp"

#include <flowspan/units.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t read_bytes = std::size_t(1) << 20;

Pulse* pulse_of_this_worker = nullptr;

void refuse_memory() {
    pulse_of_this_worker->set_memory_refused(true);
    throw std::bad_alloc();
}

void send(Wire& wire, Kind kind, const Value& value) {
    wire.put(kind, value.json());
    if (!wire.flush()) _exit(0);
}

void print_to(const Descriptor& out, const Descriptor& error) {
    dup2(out.get(), STDOUT_FILENO);
    dup2(error.get(), STDERR_FILENO);
    setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // what is printed before a crash counts
}

Value failed(const std::string& cause, ExitCode code) { return Value::Map{{"cause", cause}, {"code", int(code)}}; }

/// The answer to one task.
void compute(const Value& task, const Work& work, Wire& wire, Pulse& pulse) {
    Reporter reporter(wire, pulse);
    Attendant* const before = attended_by(&reporter);
    Kind kind = Kind::failed;
    std::string answer;
    try {
        pulse.set_memory_refused(false);
        pulse.set_spent(false);
        pulse.set_place("");
        answer = work(task, reporter).json();
        kind = Kind::result;
        if (answer.size() > largest_message) {
            kind = Kind::failed;
            answer =
                failed(fmt::format("its result has {} bytes, at most {} go", answer.size(), largest_message), ExitCode::bug)
                    .json();
        }
    } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        answer = failed(failure.what(), failure.code()).json();
    } catch (...) { answer = failed("it threw what is no exception of the standard library", ExitCode::bug).json(); }
    attended_by(before);
    std::fflush(stdout);
    std::cout.flush();
    wire.put(kind, answer);
    if (!wire.flush()) _exit(0);
}

void limit(std::uint64_t bytes, Pulse& pulse) {
    pulse_of_this_worker = &pulse;
    std::set_new_handler(refuse_memory);
    if (bytes > 0) limit_memory(bytes, "--unit-memory " + format_quantity(double(bytes), byte));
}

/// The out-of-memory killer takes a worker first.
void offer_to_the_killer() {
    const Descriptor file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    if (write(file.get(), "1000", 4) < 0) return;  // the worker is right without it
}

[[noreturn]] void serve(WorkerSetup& setup, const Work& work) {
    print_to(setup.out, setup.error);
    setup.out.close();
    setup.error.close();
    limit(setup.memory, setup.pulse);
    for (;;) {
        while (const auto message = setup.wire.next()) compute(Value::from_json(message->body), work, setup.wire, setup.pulse);
        if (setup.wire.closed()) _exit(0);
        setup.wire.read(read_bytes);
    }
}

}  // namespace

void Reporter::progress(const Value& value) {
    pulse_.beat();
    send(wire_, Kind::progress, value);
}

void Reporter::log(const run::LogLine& line) {
    pulse_.beat();
    send(wire_, Kind::line, line.value());
}

void be_deaf() {
    for (int s = 1; s < NSIG; ++s) std::signal(s, SIG_DFL);
    // By a handler: a program that a block starts has the default again.
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGPIPE, SIGXFSZ})
        handle_signal(s, [](int) {});
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

void leave_at_once_on_exit() {
    on_exit(
        [](int code, void*) {
            std::fflush(stdout);
            _exit(code);
        },
        nullptr);
}

bool die_with(pid_t parent) { return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent; }

void become_worker(WorkerSetup setup, const Work& work) noexcept {
    if (!die_with(setup.parent)) _exit(0);
    setsid();
    be_deaf();
    leave_at_once_on_exit();
    prctl(PR_SET_NAME, "flowspan:worker");
    offer_to_the_killer();
    try {
        serve(setup, work);
    } catch (const std::exception& e) { fmt::print(stderr, "{}\n", failure_of(e).what()); }
    _exit(int(ExitCode::bug));
}

}  // namespace flowspan::batch

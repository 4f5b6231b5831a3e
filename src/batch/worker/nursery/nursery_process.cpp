#include "batch/worker/nursery/nursery_process.hpp"

#include "core/mistakes/failure_of.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <vector>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

double seconds(const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); }

/// A worker leads a session and a group of its own: what its blocks have started goes with it.
void kill_group(pid_t worker) {
    kill(-worker, SIGKILL);
    kill(worker, SIGKILL);
}

}  // namespace

NurseryProcess::NurseryProcess(Descriptor rank, Nursery::Functions functions)
    : rank_(std::move(rank)), functions_(std::move(functions)), kills_(memory_kills()) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    ends_ = Descriptor(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
}

void NurseryProcess::serve() {
    for (;;) {
        std::array<pollfd, 2> ready{{{rank_.get(), POLLIN, 0}, {ends_.get(), POLLIN, 0}}};
        if (poll(ready.data(), ready.size(), -1) < 0) continue;
        signalfd_siginfo ignored{};
        while (read(ends_.get(), &ignored, sizeof ignored) > 0) continue;
        reap();
        if (ready[0].revents == 0) continue;
        const auto packet = receive_packet(rank_);
        if (!packet || packet->text.empty()) leave();
        obey(Value::from_json(packet->text));
    }
}

void NurseryProcess::obey(const Value& request) {
    const std::string& what = request.at("do").string();
    if (what == "load") load(request);
    if (what == "fork") fork_worker(request);
    if (what == "kill")
        for (const auto& [process, id] : workers_)
            if (id == request.at("id").integer()) kill_group(process);
}

void NurseryProcess::load(const Value& request) {
    Value answer = Value::Map{{"is", "loaded"}, {"error", ""}, {"code", 0}};
    try {
        functions_.load(request.at("plugins"));
    } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        answer["error"] = failure.what();
        answer["code"] = int(failure.code());
    }
    std::fflush(nullptr);  // else every worker would print it again
    std::cout.flush();
    say(answer);
}

void NurseryProcess::fork_worker(const Value& request) {
    const Value& id = request.at("id");
    try {
        auto [rank_socket, socket] = socket_pair(SOCK_STREAM);
        auto [rank_out, out] = pipe_pair();
        auto [rank_error, error] = pipe_pair();
        Descriptor page = pulse_file();
        WorkerSetup setup{getpid(),
                          std::uint64_t(request.at("memory").integer()),
                          Wire(std::move(socket)),
                          Pulse::of(page),
                          std::move(out),
                          std::move(error)};
        const pid_t worker = fork();
        if (worker < 0) throw Failure(ExitCode::communication, fmt::format("fork: {}", std::strerror(errno)));
        if (worker == 0) {
            for (Descriptor* d : {&rank_, &ends_, &rank_socket, &rank_out, &rank_error, &page}) d->close();
            become_worker(std::move(setup), functions_.work);
        }
        workers_.emplace(worker, id.integer());
        say(Value::Map{{"is", "forked"}, {"id", id}, {"process", int(worker)}},
            std::array{rank_socket.get(), rank_out.get(), rank_error.get(), page.get()});
    } catch (const std::exception& e) { say(Value::Map{{"is", "refused"}, {"id", id}, {"error", failure_of(e).what()}}); }
}

void NurseryProcess::reap() {
    for (;;) {
        siginfo_t who{};
        if (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) != 0 || who.si_pid == 0) return;
        const auto worker = workers_.find(who.si_pid);
        if (worker != workers_.end()) kill_group(who.si_pid);  // before it is reaped: its number is still its own
        int status = 0;
        rusage used{};
        if (wait4(who.si_pid, &status, 0, &used) < 0 || worker == workers_.end()) continue;
        const MemoryKills kills = memory_kills();
        Value end = Value::Map{{"is", "ended"},
                               {"id", worker->second},
                               {"group", kills.group - kills_.group},
                               {"host", kills.host - kills_.host},
                               {"peak_bytes", used.ru_maxrss * 1024},
                               {"cpu_s", seconds(used.ru_utime) + seconds(used.ru_stime)}};
        end[WIFSIGNALED(status) ? "signal" : "exit"] = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
        kills_ = kills;
        workers_.erase(worker);
        say(end);
    }
}

void NurseryProcess::say(const Value& value, std::span<const int> descriptors) {
    if (send_packet(rank_, value.json(), descriptors) == Sent::never) leave();
}

void NurseryProcess::leave() {
    for (const auto& [process, id] : workers_) kill_group(process);
    _exit(0);
}

}  // namespace flowspan::batch

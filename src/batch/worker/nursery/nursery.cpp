#include "batch/worker/nursery/nursery.hpp"

#include "batch/worker/nursery/nursery_process.hpp"
#include "core/mistakes/failure_of.hpp"
#include "run/signs/signals.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using std::chrono::milliseconds;

constexpr auto longest_wait = milliseconds(50);  // limits are looked at so often
constexpr auto patience_at_end = milliseconds(1000);

[[noreturn]] void become_nursery(Descriptor rank, Nursery::Functions functions, pid_t parent) noexcept {
    if (!die_with(parent)) _exit(0);
    setsid();
    be_deaf();
    leave_at_once_on_exit();
    prctl(PR_SET_NAME, "flowspan:nurse");
    try {
        close_all_but(rank);
        if (Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC)); nothing) dup2(nothing.get(), STDIN_FILENO);
        NurseryProcess(std::move(rank), std::move(functions)).serve();
    } catch (const std::exception& e) { fmt::print(stderr, "flowspan: the nursery: {}\n", failure_of(e).what()); }
    _exit(int(ExitCode::bug));
}

/// How a process has ended; "" it has not.
std::string end_of(pid_t process, std::chrono::milliseconds most) {
    int status = 0;
    for (const auto until = Nursery::Clock::now() + most;;) {
        const pid_t ended = waitpid(process, &status, WNOHANG);
        if (ended < 0 && errno != EINTR) return "is gone";  // the rank's own end of children is not ours to know
        if (ended == process && WIFSIGNALED(status)) return "was ended by " + run::name_of_signal(WTERMSIG(status));
        if (ended == process) return fmt::format("left with exit code {}", WEXITSTATUS(status));
        if (Nursery::Clock::now() > until) return "";
        usleep(500);
    }
}

}  // namespace

std::unique_ptr<Nursery> Nursery::begin(Functions functions, std::chrono::duration<double> patience, Now now) {
    auto [own, theirs] = socket_pair(SOCK_SEQPACKET);
    make_nonblocking(own);
    std::fflush(nullptr);  // else both would print it
    std::cout.flush();
    const pid_t parent = getpid(), child = ::fork();
    if (child < 0)
        throw Failure(ExitCode::communication, fmt::format("cannot fork the nursery of workers: {}", std::strerror(errno)));
    if (child == 0) {
        own.close();
        become_nursery(std::move(theirs), std::move(functions), parent);
    }
    return std::unique_ptr<Nursery>(new Nursery(std::move(own), child, patience, std::move(now)));
}

Nursery::Nursery(Descriptor socket, pid_t process, std::chrono::duration<double> patience, Now now)
    : socket_(std::move(socket)),
      process_(process),
      patience_(patience),
      now_(std::move(now)),
      last_turn_(now_()),
      asked_(last_turn_) {}

Nursery::~Nursery() {
    for (const auto& [id, worker] : workers_) worker->nursery_ = nullptr;
    socket_.close();
    if (lost_.empty()) reap();
}

void Nursery::load(const Value& plugins) {
    if (!lost_.empty()) throw Failure(ExitCode::communication, lost_);
    ask(Value::Map{{"do", "load"}, {"plugins", plugins}}, true);
}

std::unique_ptr<Handle> Nursery::fork(const Limits& limits) {
    const std::int64_t id = next_id_++;
    std::unique_ptr<Handle> worker(new Handle(*this, id, limits));
    workers_.emplace(id, worker.get());
    if (lost_.empty())
        ask(Value::Map{{"do", "fork"}, {"id", id}, {"memory", limits.memory}}, true);
    else
        worker->lost(lost_);
    return worker;
}

void Nursery::ask(const Value& request, bool answered) {
    std::string text = request.json();
    if (text.size() > largest_packet)
        throw Failure(ExitCode::usage, fmt::format("a request to the nursery of workers would have {} bytes, at most {} go",
                                                   text.size(), largest_packet));
    if (answered && unanswered_++ == 0) asked_ = now_();
    requests_.push_back(std::move(text));
    flush();
}

void Nursery::forget(std::int64_t id) { workers_.erase(id); }

void Nursery::flush() {
    while (!requests_.empty() && send_packet(socket_, requests_.front()) == Sent::yes) requests_.pop_front();
}

std::vector<Event> Nursery::poll(milliseconds timeout) {
    std::vector<Event> events;
    for (const auto until = Clock::now() + timeout;;) {
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        const bool interrupted = !wait(std::clamp(left, milliseconds(0), milliseconds(longest_wait)));
        turn(events);
        if (!events.empty() || interrupted || Clock::now() >= until) return events;
    }
}

bool Nursery::wait(milliseconds timeout) {
    std::vector<pollfd> waited;
    if (lost_.empty()) waited.push_back({socket_.get(), short(requests_.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    for (const auto& [id, worker] : workers_)
        if (!worker->over()) worker->add_to(waited);
    return ::poll(waited.data(), waited.size(), int(timeout.count())) >= 0;
}

void Nursery::turn(std::vector<Event>& events) {
    const auto now = now_(), before = std::exchange(last_turn_, now);
    for (const auto& [id, worker] : workers_) worker->forgive(now - before, now);
    if (now - before > patience_ / 2) asked_ = now;
    while (lost_.empty()) {
        flush();
        auto packet = receive_packet(socket_);
        if (!packet) break;
        take(std::move(*packet), events);
    }
    bool overdue = unanswered_ > 0 && now - asked_ > patience_;
    for (const auto& [id, worker] : workers_) {
        worker->turn(now, events);
        overdue = overdue || worker->overdue(now, patience_);
    }
    if (overdue && lost_.empty()) {
        lose(fmt::format("the nursery has not answered for {:g} s", patience_.count()), events);
        for (const auto& [id, worker] : workers_) worker->turn(now, events);
    }
}

void Nursery::take(Packet packet, std::vector<Event>& events) {
    if (packet.text.empty()) return lose("", events);
    const Value said = Value::from_json(packet.text);
    const std::string& what = said.at("is").string();
    if (what != "ended" && unanswered_ > 0) --unanswered_;
    asked_ = last_turn_;
    if (what == "loaded") events.push_back({nullptr, Loaded{said.at("error").string(), ExitCode(said.at("code").integer())}});
    const Value* id = said.find("id");
    const auto worker = id == nullptr ? workers_.end() : workers_.find(id->integer());
    if (worker == workers_.end()) return;  // the caller has dropped it
    if (what == "forked")
        worker->second->forked(pid_t(said.at("process").integer()), std::move(packet.descriptors), last_turn_);
    if (what == "refused") worker->second->refused(said.at("error").string());
    if (what == "ended") worker->second->reported(said);
}

void Nursery::lose(std::string why, std::vector<Event>& events) {
    const std::string how = reap();
    lost_ = why.empty() ? "the nursery " + how : std::move(why);
    requests_.clear();
    unanswered_ = 0;
    for (const auto& [id, worker] : workers_) worker->lost(lost_);
    events.push_back({nullptr, Lost{lost_}});
}

std::string Nursery::reap() {
    if (std::string how = end_of(process_, patience_at_end / 4); !how.empty()) return how;
    ::kill(process_, SIGKILL);
    const std::string how = end_of(process_, patience_at_end);
    return how.empty() ? "is gone" : how;
}

}  // namespace flowspan::batch

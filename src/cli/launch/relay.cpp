#include "cli/launch/relay.hpp"

#include "cli/launch/words.hpp"
#include "core/say.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

constexpr int wait_ms = 100;

/// "RANK PROCESS HOST"
void take_here(Told& told, const std::string& value) {
    std::istringstream words(value);
    int rank = 0;
    RankHere here;
    words >> rank >> here.process >> here.host;
    told.here[rank] = here;
}

/// "RANK SIGNAL BLOCK"
void take_crash(Told& told, const std::string& value) {
    std::istringstream words(value);
    int rank = 0;
    std::string rest;
    words >> rank >> std::ws;
    std::getline(words, rest);
    told.crashes.emplace(rank, rest);
}

void take(Told& told, std::string_view name, const std::string& value) {
    if (name == "here") take_here(told, value);
    if (name == "leaving") told.leaving.insert(std::atoi(value.c_str()));
    if (name == "committed") told.committed = true;
    if (name == "lock") told.locks.push_back(value);
    if (name == "crash") take_crash(told, value);
    if (name == "end") told.end = value;
    if (name == "loss" && told.loss.empty()) told.loss = value;
    if (name == "ready") told.ready = true;
    if (name == "code" && !told.code) told.code = std::atoi(value.c_str());
}

}  // namespace

Relay::Relay() {
    if (pipe2(pipe_, O_CLOEXEC) != 0)
        throw Failure(ExitCode::communication, fmt::format("cannot start mpirun: {}", std::strerror(errno)));
}

Relay::~Relay() {
    finish();
    for (const int end : pipe_)
        if (end >= 0) close(end);
}

void Relay::become_stderr() const { dup2(pipe_[1], STDERR_FILENO); }

void Relay::start() {
    close(pipe_[1]);
    pipe_[1] = -1;
    thread_ = std::thread([this] { run(); });
}

void Relay::finish() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
}

Told Relay::told() const {
    const std::lock_guard lock(mutex_);
    return told_;
}

void Relay::run() {
    // Who leaves the code has said why; what others say later follows from that.
    WordFilter words([this](std::string_view name, const std::string& value) {
        const std::lock_guard lock(mutex_);
        take(told_, name, value);
        muted_ = muted_ || told_.code.has_value();
    });
    char bytes[16384];
    for (;;) {
        pollfd more{pipe_[0], POLLIN, 0};
        if (poll(&more, 1, wait_ms) <= 0) {
            if (ending_) break;
            continue;
        }
        const ssize_t n = read(pipe_[0], bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        {
            const std::lock_guard lock(mutex_);
            ++told_.alive;
        }
        const bool muted = muted_;
        const std::string text = words.filter({bytes, std::size_t(n)});
        writing_ = true;
        if (!muted && !text.empty()) say(text);
        writing_ = false;
    }
    if (!muted_) say(words.rest());
}

}  // namespace flowspan::cli

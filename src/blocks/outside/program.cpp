#include "blocks/outside/program.hpp"

#include "core/process/spawn.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace flowspan::blocks {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t longest_line = 1000;

/// Two ends; ours never waits, and no other program gets one.
std::pair<int, int> make_pipe(const std::string& name, bool we_read) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw Failure(ExitCode::block, fmt::format("{}: no pipe: {}", name, std::strerror(errno)));
    ::fcntl(ends[we_read ? 0 : 1], F_SETFL, O_NONBLOCK);
    return {ends[0], ends[1]};
}

/// As `write`, without SIGPIPE.
ssize_t write_quietly(int to, const void* bytes, std::size_t n) {
    sigset_t pipe, before;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const ssize_t written = ::write(to, bytes, n);
    const int error = errno;
    const timespec none{};
    if (written < 0 && error == EPIPE) (void)::sigtimedwait(&pipe, nullptr, &none);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return written;
}

}  // namespace

Program::Program(const std::vector<std::string>& command, bool shell, const Environment& environment, Say say)
    : name_("command `" + command.at(0) + "`"), say_(std::move(say)) {
    std::vector<std::string> words = command;
    if (shell) words.insert(words.begin(), {"/bin/sh", "-c"});
    const auto [in_read, in_write] = make_pipe(name_, false);
    const auto [out_read, out_write] = make_pipe(name_, true);
    const auto [error_read, error_write] = make_pipe(name_, true);
    input_ = in_write;
    output_ = out_read;
    error_ = error_read;
    const int error = spawn(std::move(words), environment, {in_read, out_write, error_write}, process_);
    for (const int theirs : {in_read, out_write, error_write}) ::close(theirs);
    if (error == 0) return;
    for (int* ours : {&input_, &output_, &error_}) close(*ours);
    throw Failure(ExitCode::block, fmt::format("{}: cannot run it: {}", name_, std::strerror(error)));
}

Program::~Program() {
    for (int* ours : {&input_, &output_, &error_}) close(*ours);
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {}
}

void Program::close(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

void Program::write(std::span<const std::byte> bytes) {
    if (input_ < 0) {
        refused_ += bytes.size();
        return;
    }
    if (sent_ > 0) unsent_.erase(unsent_.begin(), unsent_.begin() + std::ptrdiff_t(std::exchange(sent_, 0)));
    unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
}

void Program::end_input() {
    ends_ = true;
    if (unsent() == 0) close(input_);
}

bool Program::send() {
    const ssize_t n = write_quietly(input_, unsent_.data() + sent_, unsent());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n < 0) {
        refused_ += unsent();
        sent_ = unsent_.size();
        close(input_);
        return true;
    }
    sent_ += std::size_t(n);
    if (unsent() == 0 && ends_) close(input_);
    return true;
}

bool Program::listen() {
    std::array<char, 4096> text;
    const ssize_t n = ::read(error_, text.data(), text.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n <= 0) close(error_);
    for (const char c : std::string_view(text.data(), std::size_t(std::max<ssize_t>(n, 0)))) {
        if (c != '\n' && line_.size() < longest_line) line_ += c;
        if (c == '\n') say_(last_ = std::exchange(line_, {}));
    }
    if (n <= 0 && !line_.empty()) say_(last_ = std::exchange(line_, {}));
    return true;
}

bool Program::step(std::span<std::byte> to, std::size_t& made, int wait_ms) {
    std::array<pollfd, 3> waited{
        {{unsent() > 0 ? input_ : -1, POLLOUT, 0}, {made < to.size() ? output_ : -1, POLLIN, 0}, {error_, POLLIN, 0}}};
    if (::poll(waited.data(), waited.size(), wait_ms) <= 0) return false;
    bool moved = false;
    if (waited[2].revents != 0) moved = listen() || moved;
    if (waited[0].revents != 0) moved = send() || moved;
    if (waited[1].revents != 0) {
        const ssize_t n = ::read(output_, to.data() + made, to.size() - made);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) close(output_);
        if (n > 0) made += std::size_t(n);
        moved = true;
    }
    return moved;
}

std::size_t Program::move(std::span<std::byte> to, std::chrono::milliseconds wait) {
    const auto until = Clock::now() + wait;
    std::size_t made = 0;
    while (made < to.size() && !ended()) {
        if (step(to, made, 0)) continue;
        if (unsent() == 0 && made > 0) break;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) break;
        step(to, made, int(left));
    }
    return made;
}

void Program::finish() {
    close(input_);
    close(output_);
    int status = 0;
    const auto until = Clock::now() + std::chrono::seconds(10);
    while (::waitpid(process_, &status, WNOHANG) == 0) {
        if (Clock::now() > until)
            throw Failure(ExitCode::block, fmt::format("{}: it has closed its output 10 s ago and goes on", name_));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    while (error_ >= 0 && listen()) {}
    ::kill(-process_, SIGKILL);  // what it has left behind
    process_ = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    const std::string how =
        WIFEXITED(status) ? fmt::format("it has ended with {}", WEXITSTATUS(status))
                          : fmt::format("it was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    throw Failure(ExitCode::block, fmt::format("{}: {}{}", name_, how, last_.empty() ? "" : ": " + last_));
}

}  // namespace flowspan::blocks

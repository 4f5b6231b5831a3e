#include "batch/report/notify.hpp"

#include "core/process/spawn.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

/// A memory file to read from: nobody waits for one who reads nothing.
int file_with(const std::string& text) {
    const int file = ::memfd_create("summary", MFD_CLOEXEC);
    if (file < 0) return -1;
    if (::write(file, text.data(), text.size()) == ssize_t(text.size()) && ::lseek(file, 0, SEEK_SET) == 0) return file;
    ::close(file);
    return -1;
}

std::string how_it_ended(const std::string& command, int status) {
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 ? "" : fmt::format("--notify {}: it has ended with {}", command, WEXITSTATUS(status));
    return fmt::format("--notify {}: it was ended by signal {}", command, WTERMSIG(status));
}

}  // namespace

std::string notify(const std::string& command, const Value& summary, const std::map<std::string, std::string>& variables,
                   double patience_s) {
    using Clock = std::chrono::steady_clock;
    const int input = file_with(summary.json() + "\n");
    if (input < 0) return fmt::format("--notify {}: cannot run it: {}", command, std::strerror(errno));
    pid_t process = 0;
    const int error = spawn({"/bin/sh", "-c", command}, variables, {input, STDOUT_FILENO, STDERR_FILENO}, process);
    ::close(input);
    if (error != 0) return fmt::format("--notify {}: cannot run it: {}", command, std::strerror(error));
    const auto until = Clock::now() + std::chrono::duration<double>(patience_s);
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(process, &status, WNOHANG);
        if (ended == process) return how_it_ended(command, status);
        if (ended < 0 && errno != EINTR) return fmt::format("--notify {}: {}", command, std::strerror(errno));
        if (Clock::now() >= until) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(-process, SIGKILL);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    return fmt::format("--notify {}: it has not ended within {:g} s and was killed", command, patience_s);
}

}  // namespace flowspan::batch

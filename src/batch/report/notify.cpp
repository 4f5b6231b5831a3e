#include "batch/report/notify.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include <fmt/format.h>

extern char** environ;

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

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string text = *one;
        if (!variables.contains(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
    return all;
}

/// In a process group of its own, with no signal blocked or ignored. Returns an error of errno, or 0.
int spawn(const std::string& command, int input, std::vector<std::string> environment, pid_t& process) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> variables;
    for (std::string& one : environment) variables.push_back(one.data());
    variables.push_back(nullptr);
    std::string shell = "sh", option = "-c", text = command;
    char* words[] = {shell.data(), option.data(), text.data(), nullptr};
    const int error = ::posix_spawn(&process, "/bin/sh", &files, &attributes, words, variables.data());
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    return error;
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
    const int error = spawn(command, input, environment_with(variables), process);
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

#include "cli/launcher.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

constexpr const char* code_file_variable = "FLOWSPAN_CODE_FILE";
constexpr const char* terminal_variable = "FLOWSPAN_TERMINAL";
constexpr auto mpirun_ends_within = std::chrono::seconds(15);  // after rank 0 has left its code

volatile std::sig_atomic_t stops = 0;
void count_stop(int) { stops = stops + 1; }

int code_in(const std::string& file) {
    std::ifstream in(file);
    int code = -1;
    in >> code;
    return in ? code : -1;
}

/// The locks that rank 0 has left word of, behind the first line.
std::vector<std::string> locks_in(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    std::vector<std::string> locks;
    while (std::getline(in, line, '\0')) locks.push_back(line);
    return locks;
}

/// The file is seen whole or as it was before.
void leave_word(const char* file, const std::string& word, const std::vector<std::string>& locks) {
    std::string text = word + "\n";
    for (const std::string& lock : locks) text += lock + '\0';
    const std::string fresh = fmt::format("{}.{}", file, getpid());
    std::ofstream(fresh, std::ios::binary) << text;
    if (std::rename(fresh.c_str(), file) != 0) unlink(fresh.c_str());
}

/// Rank 0 has written something: all ranks are there.
bool is_ready(const std::string& file) { return std::ifstream(file).peek() != std::ifstream::traits_type::eof(); }

struct TemporaryFile {
    std::string path;
    TemporaryFile() {
        const char* folder = std::getenv("TMPDIR");
        path = fmt::format("{}/flowspan-code-XXXXXX", folder != nullptr ? folder : "/tmp");
        const int descriptor = mkstemp(path.data());
        if (descriptor < 0) throw file_failure("create", path, errno);
        close(descriptor);
    }
    ~TemporaryFile() { unlink(path.c_str()); }
};

[[noreturn]] void become_mpirun(int ranks, const std::string& program, const std::vector<std::string>& arguments,
                                const std::string& code_file) {
    setenv(code_file_variable, code_file.c_str(), 1);
    if (geteuid() == 0) {
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // no ranks without their launcher
    setpgid(0, 0);                     // a Ctrl-C reaches the launcher alone, which makes a stop of it
    const std::string count = std::to_string(ranks);
    std::vector<std::string> words{"mpirun",          "-q", "-n", count, "--oversubscribe", "--bind-to", "none", "-x",
                                   code_file_variable};
    if (isatty(STDERR_FILENO) != 0) {
        setenv(terminal_variable, "1", 1);
        words.insert(words.end(), {"-x", terminal_variable});
    }
    if (std::getenv("FLOWSPAN_PLUGINS") != nullptr) words.insert(words.end(), {"-x", "FLOWSPAN_PLUGINS"});
    words.push_back(program);
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    execvp("mpirun", argv.data());
    fmt::print(stderr, "flowspan: cannot start mpirun: {}\n", std::strerror(errno));
    _exit(127);
}

/// Waits for mpirun; the exit code.
int wait_for(int ranks, const std::string& program, const std::vector<std::string>& arguments, const TemporaryFile& code_file) {
    struct sigaction action {};
    action.sa_handler = count_stop;
    for (const int s : {SIGUSR1, SIGTERM, SIGINT}) sigaction(s, &action, nullptr);
    const pid_t child = fork();
    if (child < 0) throw Failure(ExitCode::communication, fmt::format("cannot start mpirun: {}", std::strerror(errno)));
    if (child == 0) {
        for (const int s : {SIGUSR1, SIGTERM, SIGINT}) std::signal(s, SIG_DFL);
        become_mpirun(ranks, program, arguments, code_file.path);
    }
    using Clock = std::chrono::steady_clock;
    std::chrono::time_point<Clock> coded{};
    int status = 0, passed_on = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        // A rank, or mpirun itself, that is not there yet would die of a signal.
        if (const int asked = stops; asked > passed_on && (asked >= 3 || is_ready(code_file.path))) {
            // The first asks for a stop; insisting ends the job.
            passed_on = asked;
            kill(child, asked >= 3 ? SIGTERM : SIGUSR1);
        }
        if (code_in(code_file.path) >= 0) {
            if (coded == std::chrono::time_point<Clock>{}) coded = Clock::now();
            if (Clock::now() - coded > mpirun_ends_within) {
                kill(-child, SIGKILL);
                waitpid(child, &status, 0);
                break;
            }
        }
        usleep(20000);
    }
    if (const int code = code_in(code_file.path); code >= 0) return code;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return int(ExitCode::communication);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == int(ExitCode::communication)) return int(ExitCode::communication);
    const int raw = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fmt::print(stderr, "flowspan: a rank was lost: mpirun ended with {} and rank 0 had not said why; nothing is published\n",
               raw);
    return int(ExitCode::communication);
}

}  // namespace

Launched launch(int ranks, const std::string& program, const std::vector<std::string>& arguments) {
    const TemporaryFile code_file;
    const int code = wait_for(ranks, program, arguments, code_file);
    return {code, locks_in(code_file.path)};
}

void announce_ready(const std::vector<std::string>& locks) {
    if (const char* file = std::getenv(code_file_variable)) leave_word(file, "ready", locks);
}

// What rank 0 has announced stays in the file, whichever rank leaves the code.
void leave_code(int code) {
    if (const char* file = std::getenv(code_file_variable)) leave_word(file, std::to_string(code), locks_in(file));
}

bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0 || std::getenv(terminal_variable) != nullptr; }

bool under_launcher() { return std::getenv(code_file_variable) != nullptr; }

}  // namespace flowspan::cli

#include "cli/launch/mpirun.hpp"

#include "cli/launch/words.hpp"
#include "core/process/stat.hpp"
#include "core/say.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <set>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

/// Whether a variable of the launcher is for ranks on other hosts: all but those that speak of this host, this terminal or this
/// job. (Open MPI passes its own on.)
bool is_for_all(const std::string& name) {
    static const std::set<std::string> local{"_",    "PWD",     "OLDPWD", "SHLVL",           "HOSTNAME",  "HOST",     "TMPDIR",
                                             "TMP",  "TEMP",    "TERM",   "DISPLAY",         "TTY",       "WINDOWID", "STY",
                                             "TMUX", "COLUMNS", "LINES",  "XDG_RUNTIME_DIR", "XAUTHORITY"};
    static const std::vector<std::string> jobs{"OMPI_", "PMIX_", "PRTE_", "PMI_", "SLURM_", "SSH_", "BASH_FUNC_", "ORTE_"};
    const bool plain = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
    return plain && !local.contains(name) &&
           std::none_of(jobs.begin(), jobs.end(), [&](const std::string& prefix) { return name.starts_with(prefix); });
}

std::vector<std::string> words_of(const LaunchRequest& request) {
    std::vector<std::string> words{"mpirun", "-q", "-n", std::to_string(request.ranks), "--oversubscribe", "--bind-to", "none"};
    if (!request.hosts.empty()) words.insert(words.end(), {"--hostfile", request.hosts});
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string name(*variable, std::strcspn(*variable, "="));
        const bool ours = name == launcher_variable || name == terminal_variable;
        if (ours || (!request.hosts.empty() && is_for_all(name))) words.insert(words.end(), {"-x", name});
    }
    words.push_back(request.program);
    words.insert(words.end(), request.arguments.begin(), request.arguments.end());
    return words;
}

[[noreturn]] void become_mpirun(const LaunchRequest& request, bool terminal, const Relay& relay) {
    for (const int s : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGPIPE}) std::signal(s, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // no ranks without their launcher
    setpgid(0, 0);                     // a Ctrl-C reaches the launcher alone, which makes a stop of it
    setenv(launcher_variable, "1", 1);
    if (terminal) setenv(terminal_variable, "1", 1);
    if (geteuid() == 0) {
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    }
    std::vector<std::string> words = words_of(request);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    relay.become_stderr();
    execvp("mpirun", argv.data());
    say_line(fmt::format("flowspan: cannot start mpirun: {}", std::strerror(errno)));
    _exit(127);
}

/// Living processes, as process and parent.
std::vector<std::pair<pid_t, pid_t>> processes() {
    std::vector<std::pair<pid_t, pid_t>> all;
    for (const int process : all_processes())
        if (const auto stat = stat_of(process); stat && !stat->has_ended()) all.emplace_back(process, stat->parent);
    return all;
}

}  // namespace

pid_t start_mpirun(const LaunchRequest& request, Relay& relay) {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const pid_t child = fork();
    if (child < 0) throw Failure(ExitCode::communication, fmt::format("cannot start mpirun: {}", std::strerror(errno)));
    if (child == 0) become_mpirun(request, terminal, relay);
    relay.start();
    return child;
}

std::vector<pid_t> ranks_here(pid_t mpirun) {
    char own[PATH_MAX] = {}, theirs[PATH_MAX] = {};
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    std::vector<pid_t> ranks;
    for (const auto& [process, parent] : processes()) {
        if (parent != mpirun) continue;
        const ssize_t m = readlink(fmt::format("/proc/{}/exe", process).c_str(), theirs, sizeof theirs - 1);
        if (n > 0 && m == n && std::memcmp(own, theirs, std::size_t(n)) == 0) ranks.push_back(process);
    }
    return ranks;
}

void kill_all(pid_t mpirun) {
    const auto all = processes();
    std::set<pid_t> below{mpirun};
    for (bool more = true; more;) {
        more = false;
        for (const auto& [process, parent] : all) more = (below.contains(parent) && below.insert(process).second) || more;
    }
    kill(-mpirun, SIGKILL);
    for (const pid_t process : below) kill(process, SIGKILL);
}

}  // namespace flowspan::cli

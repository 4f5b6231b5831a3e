// File calls that fail, are slow, or end the process, for tests: a library to preload.
//
//   LD_PRELOAD=…/libfaults.so FAULTS='rename:*/results:EIO:after=1;fsync:*.part:slow=300ms:rank=2' flowspan run …
//
// FAULTS is a list of rules with `;` between them: CALL:PATTERN:WHAT and options, with `:` between them.
//
//   CALL     open (of any kind), create (with O_CREAT), write, fsync (fdatasync, syncfs), close, rename, link, unlink, touch
//            (utimensat), chmod, mkdir
//   PATTERN  as in the shell, where * stands for / too; of the path as the call has it (of a descriptor: where it leads; of
//   rename and
//            link: the new one or the old one), or of its last name
//   WHAT     EIO, ENOSPC, EACCES, …, or a number: the call fails and does nothing
//            slow=TIME (300ms, 2s): it takes so much longer
//            SIGKILL, SIGSTOP, SIGTERM or SIGUSR1: it sends this process a signal, then goes on
//   options  after=N: the first N calls that match are left alone; times=N: only so many are concerned;
//            rank=R: only on this rank of an MPI job (OMPI_COMM_WORLD_RANK or PMIX_RANK)
//
// Every rule counts for itself, in each process. The first that a call matches and that is neither before its `after` nor
// beyond its `times` is done. With FAULTS_LOG=FILE a line is added there for each. A FAULTS that is not understood ends the
// process with 99.
#include <dlfcn.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::pair<std::string_view, int> errors[] = {
    {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EACCES", EACCES},   {"EPERM", EPERM},   {"EROFS", EROFS},
    {"ENOENT", ENOENT}, {"EEXIST", EEXIST}, {"EISDIR", EISDIR},   {"EMFILE", EMFILE}, {"ENFILE", ENFILE},
    {"EDQUOT", EDQUOT}, {"ENOSYS", ENOSYS}, {"ENOLCK", ENOLCK},   {"EBUSY", EBUSY},   {"EINTR", EINTR},
    {"EINVAL", EINVAL}, {"ESTALE", ESTALE}, {"ENOTSUP", ENOTSUP}, {"EXDEV", EXDEV}};
constexpr std::pair<std::string_view, int> signals[] = {
    {"SIGKILL", SIGKILL}, {"SIGSTOP", SIGSTOP}, {"SIGTERM", SIGTERM}, {"SIGUSR1", SIGUSR1}};

struct Rule {
    std::string call, pattern;
    int error = 0, signal = 0;
    long slow_ms = 0, after = 0, times = LONG_MAX;
    std::atomic<long> seen{0};
};

[[noreturn]] void misunderstood(const std::string& what) {
    std::fprintf(stderr, "faults: expected CALL:PATTERN:WHAT[:OPTION…], got %s\n", what.c_str());
    _exit(99);
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == at)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

long number(const std::string& text, const std::string& rule, std::string_view* unit = nullptr) {
    char* end = nullptr;
    const long value = std::strtol(text.c_str(), &end, 10);
    if (end == text.c_str() || (unit == nullptr && *end != '\0')) misunderstood(rule);
    if (unit != nullptr) *unit = std::string_view(text).substr(std::size_t(end - text.c_str()));
    return value;
}

bool set_what(Rule& rule, const std::string& word, const std::string& whole) {
    for (const auto& [name, value] : errors)
        if (word == name) return rule.error = value, true;
    for (const auto& [name, value] : signals)
        if (word == name) return rule.signal = value, true;
    if (word.rfind("slow=", 0) == 0) {
        const std::string time = word.substr(5);
        std::string_view unit;
        const long value = number(time, whole, &unit);
        if (unit != "ms" && unit != "s") misunderstood(whole);
        return rule.slow_ms = unit == "s" ? value * 1000 : value, true;
    }
    return !word.empty() && word[0] >= '1' && word[0] <= '9' && (rule.error = int(number(word, whole)), true);
}

/// Of this process.
std::deque<Rule>& rules() {
    static std::deque<Rule>* all = [] {
        auto* made = new std::deque<Rule>;
        const char* text = std::getenv("FAULTS");
        const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
        if (rank == nullptr) rank = std::getenv("PMIX_RANK");
        for (const std::string& whole : split(text == nullptr ? "" : text, ';')) {
            if (whole.empty()) continue;
            const auto parts = split(whole, ':');
            if (parts.size() < 3) misunderstood(whole);
            Rule& rule = made->emplace_back();
            rule.call = parts[0];
            rule.pattern = parts[1];
            if (!set_what(rule, parts[2], whole)) misunderstood(whole);
            bool here = true;
            for (std::size_t k = 3; k < parts.size(); ++k) {
                const std::string& option = parts[k];
                if (option.rfind("after=", 0) == 0)
                    rule.after = number(option.substr(6), whole);
                else if (option.rfind("times=", 0) == 0)
                    rule.times = number(option.substr(6), whole);
                else if (option.rfind("rank=", 0) == 0)
                    here = option.substr(5) == (rank == nullptr ? "0" : rank);
                else
                    misunderstood(whole);
            }
            if (!here) made->pop_back();
        }
        return made;
    }();
    return *all;
}

template <class F>
F* next(const char* name) {
    return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

bool concerns(const char* call) {
    for (const Rule& rule : rules())
        if (rule.call == call) return true;
    return false;
}

bool fits(const Rule& rule, const char* path) {
    if (path == nullptr) return false;
    const char* name = std::strrchr(path, '/');
    return fnmatch(rule.pattern.c_str(), path, 0) == 0 || (name != nullptr && fnmatch(rule.pattern.c_str(), name + 1, 0) == 0);
}

void log(const Rule& rule, const char* path) {
    const char* file = std::getenv("FAULTS_LOG");
    if (file == nullptr) return;
    static auto* const open_it = next<int(const char*, int, ...)>("open");
    static auto* const write_it = next<ssize_t(int, const void*, size_t)>("write");
    static auto* const close_it = next<int(int)>("close");
    const int descriptor = open_it(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    const std::string line = rule.call + " " + path + "\n";
    (void)!write_it(descriptor, line.data(), line.size());
    close_it(descriptor);
}

/// True where the call is to fail; errno says how.
bool fails(const char* call, const char* path, const char* other = nullptr) {
    for (Rule& rule : rules()) {
        if (rule.call != call || !(fits(rule, path) || fits(rule, other))) continue;
        const long seen = rule.seen++;
        if (seen < rule.after || seen - rule.after >= rule.times) continue;
        log(rule, path);
        if (rule.slow_ms > 0) {
            timespec left{rule.slow_ms / 1000, rule.slow_ms % 1000 * 1'000'000};
            while (nanosleep(&left, &left) != 0 && errno == EINTR) {}
        }
        if (rule.signal != 0) raise(rule.signal);
        if (rule.error == 0) return false;
        errno = rule.error;
        return true;
    }
    return false;
}

bool descriptor_fails(const char* call, int descriptor) {
    if (!concerns(call)) return false;
    char link[64], path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return false;
    path[n] = '\0';
    return fails(call, path);
}

bool opening_fails(const char* path, int flags) {
    return fails("open", path) || ((flags & O_CREAT) != 0 && fails("create", path));
}

mode_t mode_of(int flags, va_list arguments) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list a;
    va_start(a, flags);
    const mode_t mode = mode_of(flags, a);
    va_end(a);
    return opening_fails(path, flags) ? -1 : next<int(const char*, int, ...)>("open")(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list a;
    va_start(a, flags);
    const mode_t mode = mode_of(flags, a);
    va_end(a);
    return opening_fails(path, flags) ? -1 : next<int(const char*, int, ...)>("open64")(path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
    va_list a;
    va_start(a, flags);
    const mode_t mode = mode_of(flags, a);
    va_end(a);
    return opening_fails(path, flags) ? -1 : next<int(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
}
ssize_t write(int descriptor, const void* from, size_t bytes) {
    return descriptor_fails("write", descriptor) ? -1
                                                 : next<ssize_t(int, const void*, size_t)>("write")(descriptor, from, bytes);
}
ssize_t pwrite(int descriptor, const void* from, size_t bytes, off_t at) {
    return descriptor_fails("write", descriptor)
               ? -1
               : next<ssize_t(int, const void*, size_t, off_t)>("pwrite")(descriptor, from, bytes, at);
}
int fsync(int descriptor) { return descriptor_fails("fsync", descriptor) ? -1 : next<int(int)>("fsync")(descriptor); }
int fdatasync(int descriptor) { return descriptor_fails("fsync", descriptor) ? -1 : next<int(int)>("fdatasync")(descriptor); }
int syncfs(int descriptor) noexcept {
    return descriptor_fails("fsync", descriptor) ? -1 : next<int(int)>("syncfs")(descriptor);
}
int close(int descriptor) {
    const bool failed = descriptor_fails("close", descriptor);
    const int error = errno, result = next<int(int)>("close")(descriptor);  // Linux closes it all the same
    if (!failed) return result;
    errno = error;
    return -1;
}
int rename(const char* from, const char* to) noexcept {
    return fails("rename", to, from) ? -1 : next<int(const char*, const char*)>("rename")(from, to);
}
int renameat2(int a, const char* from, int b, const char* to, unsigned flags) noexcept {
    return fails("rename", to, from)
               ? -1
               : next<int(int, const char*, int, const char*, unsigned)>("renameat2")(a, from, b, to, flags);
}
int link(const char* from, const char* to) noexcept {
    return fails("link", to, from) ? -1 : next<int(const char*, const char*)>("link")(from, to);
}
int unlink(const char* path) noexcept { return fails("unlink", path) ? -1 : next<int(const char*)>("unlink")(path); }
int utimensat(int folder, const char* path, const timespec times[2], int flags) noexcept {
    return fails("touch", path) ? -1
                                : next<int(int, const char*, const timespec*, int)>("utimensat")(folder, path, times, flags);
}
int chmod(const char* path, mode_t mode) noexcept {
    return fails("chmod", path) ? -1 : next<int(const char*, mode_t)>("chmod")(path, mode);
}
int mkdir(const char* path, mode_t mode) noexcept {
    return fails("mkdir", path) ? -1 : next<int(const char*, mode_t)>("mkdir")(path, mode);
}

}  // extern "C"

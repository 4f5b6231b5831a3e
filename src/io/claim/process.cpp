#include "io/claim/process.hpp"

#include "core/process/stat.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

std::string line_of(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::string own_space() {
    char target[64] = {};
    return readlink("/proc/self/ns/pid", target, sizeof target - 1) > 0 ? target : "";
}

Process make_own() {
    const int pid = getpid();
    const auto stat = stat_of(pid);
    return {own_host(), line_of("/proc/sys/kernel/random/boot_id"), own_space(), pid, stat ? stat->began : 0};
}

}  // namespace

const Process& Process::own() {
    static Process process = make_own();
    if (process.pid != getpid()) process = make_own();
    return process;
}

std::optional<bool> Process::is_gone() const {
    const Process& here = own();
    // (another boot of the same host may be another host of that name)
    if (host != here.host || boot != here.boot || boot.empty() || space != here.space || pid <= 0) return std::nullopt;
    const auto now = stat_of(pid);
    if (!now) return kill(pid, 0) != 0 && errno == ESRCH ? std::optional(true) : std::nullopt;
    return now->began != began || now->has_ended();
}

Value Process::value() const {
    return Value::Map{{"host", host}, {"boot", boot}, {"space", space}, {"pid", pid}, {"began", began}};
}

Process Process::from(const Value& v) {
    return {v.at("host").string(), v.at("boot").string(), v.at("space").string(), int(v.at("pid").integer()),
            std::uint64_t(v.at("began").integer())};
}

}  // namespace flowspan::io

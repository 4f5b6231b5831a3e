#include "batch/worker/nursery/memory_kills.hpp"

#include <fstream>
#include <string_view>

namespace flowspan::batch {
namespace {

/// Of a file with a name and a number a line.
std::uint64_t number_in(const std::string& file, std::string_view name) {
    std::ifstream in(file);
    std::string key;
    for (std::uint64_t number = 0; in >> key >> number;)
        if (key == name) return number;
    return 0;
}

}  // namespace

MemoryKills memory_kills(const std::string& root) {
    MemoryKills kills;
    kills.host = number_in(root + "/proc/vmstat", "oom_kill");
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {  // "0::/path", version 2, or "4:memory:/path"
        const auto first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string path = line.substr(second + 1), held = line.substr(first + 1, second - first - 1);
        if (held.empty()) kills.group += number_in(root + "/sys/fs/cgroup" + path + "/memory.events", "oom_kill");
        if (held == "memory")
            kills.group += number_in(root + "/sys/fs/cgroup/memory" + path + "/memory.oom_control", "oom_kill");
    }
    return kills;
}

}  // namespace flowspan::batch

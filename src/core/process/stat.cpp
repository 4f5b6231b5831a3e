#include "core/process/stat.hpp"

#include <dirent.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace flowspan {

// "PID (NAME) STATE PARENT …", where the name may hold anything; the time of the start is the 22nd field.
std::optional<ProcessStat> stat_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text, '\0');
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(text.substr(name_end + 1));
    ProcessStat s;
    std::string skipped;
    fields >> s.state >> s.parent;
    for (int k = 5; k < 22; ++k) fields >> skipped;
    fields >> s.began;
    return fields ? std::optional(s) : std::nullopt;
}

std::string own_host() {
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::vector<int> all_processes() {
    std::vector<int> all;
    DIR* folder = opendir("/proc");
    if (folder == nullptr) return all;
    while (const dirent* entry = readdir(folder))
        if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) != 0) all.push_back(std::atoi(entry->d_name));
    closedir(folder);
    return all;
}

}  // namespace flowspan

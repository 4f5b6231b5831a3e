#include "batch/ahead/ahead.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace flowspan::batch {
namespace {

// Long enough that a source is not ahead of the disk when it begins; in all little beside the memory of a host.
constexpr std::int64_t of_a_file = std::int64_t(4) << 20, in_all = std::int64_t(64) << 20;

/// Returns how much of the file was asked for.
std::int64_t fetch(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return 0;
    const std::int64_t bytes = std::min<std::int64_t>(::lseek(file, 0, SEEK_END), of_a_file);
    if (bytes > 0) ::posix_fadvise(file, 0, bytes, POSIX_FADV_WILLNEED);
    ::close(file);
    return std::max<std::int64_t>(bytes, 0);
}

}  // namespace

void fetch_ahead(const std::vector<Task>& tasks) {
    std::int64_t left = in_all;
    for (const Task& task : tasks) {
        if (task.overrides.empty()) continue;
        if (left <= 0) return;
        const std::string& recording = task.overrides.back().value;  // (it comes last)
        left -= fetch(recording);
        if (recording.ends_with(".sigmf-meta")) left -= fetch(recording.substr(0, recording.size() - 4) + "data");
    }
}

}  // namespace flowspan::batch

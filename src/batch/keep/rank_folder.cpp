#include "batch/keep/rank_folder.hpp"

#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view lock_name = "lock";
/// A folder without its lock is being made, or has been left half removed.
constexpr std::time_t is_made_within_s = 60;

/// `.KIND-RUN-RANK`, RUN being 12 hexadecimal digits: what people call otherwise is theirs.
bool is_ours(std::string_view name, const std::string& kind) {
    const std::string prefix = "." + kind + "-";
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    constexpr std::size_t digits = 12;
    if (name.size() < digits + 2 || name[digits] != '-') return false;
    return name.substr(0, digits).find_first_not_of("0123456789abcdef") == std::string_view::npos &&
           name.substr(digits + 1).find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_old(const std::string& path) {
    struct stat s {};
    return ::lstat(path.c_str(), &s) == 0 && std::time(nullptr) - s.st_mtime > is_made_within_s;
}

void remove_if_dead(const std::string& folder) {
    std::error_code ignored;
    const int lock = ::open(fmt::format("{}/{}", folder, lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0) {
        if (errno == ENOENT && is_old(folder)) fs::remove_all(folder, ignored);
        return;
    }
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) fs::remove_all(folder, ignored);
    ::close(lock);
}

}  // namespace

void remove_dead_folders(const std::string& parent, const std::string& kind) {
    for (const std::string& name : io::names_in(parent)) {
        const std::string path = parent + "/" + name;
        std::error_code ignored;
        if (is_ours(name, kind) && fs::symlink_status(path, ignored).type() == fs::file_type::directory) remove_if_dead(path);
    }
}

RankFolder::RankFolder(const std::string& parent, const std::string& kind, const std::string& run, int rank)
    : path_(fmt::format("{}/.{}-{}-{}", parent, kind, run, rank)) {
    remove_dead_folders(parent, kind);
    io::make_folder(path_);
    const std::string file = fmt::format("{}/{}", path_, lock_name);
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) throw file_failure("write", file, errno);
    // (where the file system knows no locks, nobody else can take it either)
    (void)::flock(lock_, LOCK_EX | LOCK_NB);
}

RankFolder::~RankFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace flowspan::batch

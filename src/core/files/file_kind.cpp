#include "core/files/file_kind.hpp"

#include "core/files/stand_in.hpp"
#include "core/mistakes/sane.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace flowspan {
namespace {

FileKind kind_of(const struct stat& status) {
    switch (status.st_mode & S_IFMT) {
        case S_IFDIR:
            return FileKind::folder;
        case S_IFIFO:
            return FileKind::fifo;
        case S_IFSOCK:
            return FileKind::socket;
        case S_IFCHR:
            return FileKind::character_device;
        case S_IFBLK:
            return FileKind::block_device;
        default:
            return FileKind::regular;
    }
}

[[noreturn]] void refuse(const std::string& path, FileKind kind) {
    if (kind == FileKind::folder) throw file_failure("read", path, EISDIR);
    throw Failure(ExitCode::file, fmt::format("cannot read {}: it is {}, expected a regular file", path, name_of(kind)));
}

}  // namespace

std::string_view name_of(FileKind kind) {
    static constexpr std::array<std::string_view, 7> names{"nothing",  "a regular file",     "a folder",      "a FIFO",
                                                           "a socket", "a character device", "a block device"};
    return names[std::size_t(kind)];
}

FileKind kind_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? kind_of(status) : FileKind::none;
}

FileKind kind_of(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 ? kind_of(status) : FileKind::none;
}

std::optional<int> descriptor_of(const std::string& path) {
    static constexpr std::array<std::pair<std::string_view, int>, 3> named{
        {{"/dev/stdin", STDIN_FILENO}, {"/dev/stdout", STDOUT_FILENO}, {"/dev/stderr", STDERR_FILENO}}};
    for (const auto& [name, number] : named)
        if (path == name) return number;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        int number = -1;
        const char* const last = path.data() + path.size();
        const auto [end, error] = std::from_chars(path.data() + folder.size(), last, number);
        if (error == std::errc() && end == last && number >= 0) return number;
    }
    return std::nullopt;
}

bool is_written_in_place(const std::string& path) {
    if (descriptor_of(path)) return true;
    const FileKind kind = kind_of(path);
    return kind != FileKind::none && kind != FileKind::regular && kind != FileKind::folder;
}

int open_regular(const std::string& path) {
    check_path("read", path);
    const std::string file = stand_in_for(path);
    // (to open a device may do something already)
    if (const FileKind kind = kind_of(file); kind != FileKind::regular && kind != FileKind::none) refuse(path, kind);
    int descriptor = -1;
    while ((descriptor = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) < 0)
        if (errno != EINTR) throw file_failure("read", path, errno);
    if (const FileKind kind = kind_of(descriptor); kind != FileKind::regular) {
        ::close(descriptor);
        refuse(path, kind);
    }
    return descriptor;
}

void check_path(const std::string& verb, const std::string& path) {
    if (path.find('\0') != std::string::npos)
        throw Failure(ExitCode::file, fmt::format("cannot {} {}: a path has no NUL byte", verb, sane(path, path.size())));
}

}  // namespace flowspan

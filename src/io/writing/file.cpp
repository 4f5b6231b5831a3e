#include "core/files/file_kind.hpp"
#include "core/process/alive.hpp"
#include "io/writing/readers.hpp"
#include "io/writing/waiting.hpp"

#include <flowspan/io.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace flowspan {
namespace {

// Linux moves at most 0x7ffff000 bytes in one call; staying below keeps short counts meaning what they should.
constexpr std::size_t longest_call = std::size_t{1} << 30;

int open_to_write(const std::string& path, const std::string& shown, FileKind kind) {
    int flags = O_WRONLY | O_CLOEXEC;
    if (kind == FileKind::none || kind == FileKind::regular)
        flags |= O_CREAT | O_TRUNC;
    else
        flags |= O_NONBLOCK | O_NOCTTY;
    for (;;) {
        const int descriptor = ::open(path.c_str(), flags, 0666);
        if (descriptor >= 0) return descriptor;
        // A FIFO that nobody reads yet: until somebody does, the descriptor stands for the place alone.
        if (errno == ENXIO && kind == FileKind::fifo)
            flags = O_PATH | O_CLOEXEC;
        else if (errno != EINTR)
            throw file_failure("create", shown, errno);
    }
}

[[noreturn]] void cannot(const std::string& verb, const std::string& path, const std::string& why) {
    throw Failure(ExitCode::file, "cannot " + verb + " " + path + ": " + why);
}

/// Opens the FIFO whose place the descriptor stands for, where somebody reads it by now.
bool find_reader(int descriptor) {
    const std::string place = "/proc/self/fd/" + std::to_string(descriptor);
    const int opened = ::open(place.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0) return false;
    const bool good = ::dup3(opened, descriptor, O_CLOEXEC) >= 0;
    ::close(opened);
    return good;
}

}  // namespace

File File::open_to_read(const std::string& path) { return {path, open_regular(path)}; }

File File::create(const std::string& path, const std::string& shown) {
    const std::string& name = shown.empty() ? path : shown;
    check_path("create", name);
    const FileKind kind = kind_of(path);
    if (kind == FileKind::socket) cannot("create", name, "it is a socket");
    // To open what this process has open already would begin it anew: `>>` appends.
    if (const auto own = descriptor_of(path); own && kind == FileKind::regular) {
        const int descriptor = ::fcntl(*own, F_DUPFD_CLOEXEC, 0);
        if (descriptor < 0) throw file_failure("create", name, errno);
        return {name, descriptor};
    }
    return {name, open_to_write(path, name, kind)};
}

File::File(File&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t File::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw file_failure("read", path_, errno);
    return std::uint64_t(status.st_size);
}

void File::read(std::uint64_t offset, std::span<std::byte> to) const {
    const std::uint64_t end = offset + to.size();
    io::read_in_parts(offset, to, [&](std::uint64_t at, std::span<std::byte> part) {
        while (!part.empty()) {
            still_here();
            const ssize_t got = ::pread(descriptor_, part.data(), std::min(part.size(), longest_call), off_t(at));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw file_failure("read", path_, errno);
            if (got == 0)
                throw Failure(ExitCode::file, "cannot read " + path_ + ": it ends at byte " + std::to_string(size()) +
                                                  ", expected " + std::to_string(end) + " bytes");
            at += std::uint64_t(got);
            part = part.subspan(std::size_t(got));
        }
    });
}

void File::write(std::uint64_t offset, std::span<const std::byte> from) const {
    while (!from.empty()) {
        const ssize_t put = ::pwrite(descriptor_, from.data(), std::min(from.size(), longest_call), off_t(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) throw file_failure("write", path_, put < 0 ? errno : EIO);
        offset += std::uint64_t(put);
        from = from.subspan(std::size_t(put));
    }
}

namespace {

/// The disk begins while the next bytes come, and has less to do when all is to be durable. Of what has just been written,
/// whole strides.
void begin_write_back(int descriptor, std::size_t bytes) {
    constexpr off_t stride = off_t{8} << 20;
    const off_t end = ::lseek(descriptor, 0, SEEK_CUR);
    const off_t to = end / stride * stride, from = (end - off_t(bytes)) / stride * stride;
    if (end < off_t(bytes) || to <= from) return;  // (a pipe has no place)
    (void)::sync_file_range(descriptor, from, to - from, SYNC_FILE_RANGE_WRITE);
}

}  // namespace

void File::append(std::span<const std::byte> from) const {
    const std::size_t bytes = from.size();
    io::Waiting waiting(path_);
    while (!from.empty() && !waiting.is_lost(from.size())) {
        const ssize_t put = ::write(descriptor_, from.data(), std::min(from.size(), longest_call));
        if (put > 0) {
            waiting.has_moved();
            from = from.subspan(std::size_t(put));
        } else if (put < 0 && errno == EBADF) {
            if (!find_reader(descriptor_) && !waiting.for_reader(from.size())) return;
        } else if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!waiting.for_room(descriptor_, from.size())) return;
        } else if (put < 0 && errno == EPIPE) {
            return waiting.without_reader(from.size());
        } else if (put == 0 || errno != EINTR) {
            throw file_failure("write", path_, put < 0 ? errno : EIO);
        }
    }
    begin_write_back(descriptor_, bytes);
}

void File::reserve(std::uint64_t bytes) const { (void)::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, off_t(bytes)); }

void File::truncate(std::uint64_t bytes) const {
    while (::ftruncate(descriptor_, off_t(bytes)) != 0)
        if (errno != EINTR) throw file_failure("write", path_, errno);
}

void File::close() {
    const int descriptor = std::exchange(descriptor_, -1);
    if (descriptor < 0) return;
    // After EINTR Linux has closed it all the same; a network file system reports a full disk only here.
    if (::close(descriptor) != 0 && errno != EINTR) throw file_failure("close", path_, errno);
}

}  // namespace flowspan

#include "io/writing/any_order.hpp"

#include "core/files/file_kind.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

/// Whether its first byte is the first that is written, and it takes bytes at any place.
bool begins_here(int descriptor) {
    return ::lseek(descriptor, 0, SEEK_CUR) == 0 && (::fcntl(descriptor, F_GETFL) & O_APPEND) == 0;
}

bool is_in_any_order(const std::string& path, FileKind kind) {
    if (kind == FileKind::none) return true;
    if (kind == FileKind::fifo) return false;
    if (const auto own = descriptor_of(path)) return begins_here(*own);
    if (kind == FileKind::regular) return true;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) return true;  // who writes to it says why not
    const bool good = begins_here(descriptor);
    ::close(descriptor);
    return good;
}

}  // namespace

void check_any_order(const std::string& path, const std::string& what) {
    const FileKind kind = kind_of(path);
    if (is_in_any_order(path, kind)) return;
    throw Failure(ExitCode::file,
                  fmt::format("cannot create {}: {} needs a file that can be written in any order, and it is {}", path, what,
                              kind == FileKind::regular ? "one that is appended to" : name_of(kind)));
}

}  // namespace flowspan::io

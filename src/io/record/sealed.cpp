#include "io/record/sealed.hpp"

#include "core/json_depth.hpp"
#include "io/publish/digest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace flowspan::io {
namespace {

constexpr std::size_t longest_file = std::size_t{1} << 30;
constexpr std::size_t deepest = 8;  // what we write has four levels

std::string header_of(const std::string& kind, std::string_view json) {
    return fmt::format("flowspan {} {} {}\n", kind, json.size(), sha256(json));
}

std::optional<std::string> whole_text(int descriptor, std::size_t bytes) {
    std::string text(bytes, '\0');
    for (std::size_t at = 0; at < bytes;) {
        const ssize_t got = ::pread(descriptor, text.data() + at, bytes - at, off_t(at));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        at += std::size_t(got);
    }
    return text;
}

void read(Unsealed& u, const std::string& kind, const std::string& text) {
    const std::size_t line = text.find('\n');
    if (line == std::string::npos || !text.starts_with("flowspan " + kind + " ")) {
        u.unfinished = text.empty();
        u.why = text.empty() ? "it is empty" : "it does not begin as one";
        return;
    }
    const std::string_view json = std::string_view(text).substr(line + 1);
    if (std::string_view(text).substr(0, line + 1) != header_of(kind, json)) {
        u.unfinished = true;
        u.why = "its length or checksum is another";
        return;
    }
    if (json_depth(json) > deepest) {
        u.why = "it is nested too deep";
        return;
    }
    try {
        u.content = Value::from_json(json);
    } catch (const std::exception&) { u.why = "it is not JSON"; }
}

}  // namespace

std::string sealed(const std::string& kind, const Value& content) {
    const std::string json = content.json() + "\n";
    return header_of(kind, json) + json;
}

Unsealed unseal(const std::string& kind, const std::string& path) {
    Unsealed u;
    // (a FIFO would be waited for)
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) {
        if (errno != ENOENT) u.why = errno == ELOOP ? "it is a link" : std::strerror(errno);
        return u;
    }
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        u.why = "it is no regular file";
    } else if (std::size_t(status.st_size) > longest_file) {
        u.why = "it is too large";
    } else if (const auto text = whole_text(descriptor, std::size_t(status.st_size))) {
        u.owner = status.st_uid;
        u.modified_ns = std::int64_t(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
        u.device = status.st_dev;
        u.inode = status.st_ino;
        read(u, kind, *text);
    } else {
        u.why = "it cannot be read";
    }
    ::close(descriptor);
    return u;
}

}  // namespace flowspan::io

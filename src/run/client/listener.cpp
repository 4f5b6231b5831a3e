#include "run/client/listener.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr int waiting_connections = 64;

[[noreturn]] void refuse(std::string expected, std::string got, std::string hint) {
    Diagnostic wrong;
    wrong.key = "--control";
    wrong.expected = std::move(expected);
    wrong.got = std::move(got);
    wrong.hint = std::move(hint);
    throw Refused(std::move(wrong));
}

[[noreturn]] void refuse_taken(const std::string& path, const std::string& by) {
    refuse("a path of its own", path + ", which " + by, "give another with --control");
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    return address;
}

int make_socket() {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) throw file_failure("make a socket for", "--control", errno);
    return made;
}

void check_name(const std::string& path) {
    if (path.size() > longest_path)
        refuse(fmt::format("a path of at most {} bytes", longest_path), fmt::format("{} bytes in {}", path.size(), path),
               "sockets can have no longer ones; a relative path counts as it is written");
    const fs::path folder = fs::path(path).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !fs::is_directory(folder, ignored))
        refuse("a path in a folder that is there", path, fmt::format("make {} first", folder.string()));
    if (fs::path(path).filename().empty()) refuse("the path of a file", path.empty() ? "nothing" : path, "as in run.sock");
}

/// Whether a socket lies at `path`; another kind of file is refused.
bool socket_lies_at(const std::string& path) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) {
        if (errno != ENOENT) throw file_failure("look at", path, errno);
        return false;
    }
    if (S_ISLNK(there.st_mode)) refuse_taken(path, "is a symbolic link");
    if (S_ISDIR(there.st_mode)) refuse_taken(path, "is a folder");
    if (!S_ISSOCK(there.st_mode)) refuse_taken(path, "is a file and no socket");
    return true;
}

/// Refuses when somebody serves the socket at `path`; returns when nobody does any more.
void refuse_if_served(const std::string& path) {
    const sockaddr_un address = address_of(path);
    const int probe = make_socket();
    const int connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = connected == 0 ? 0 : errno;
    const Peer server = connected == 0 ? peer_of(probe) : Peer{};
    ::close(probe);
    if (error == ECONNREFUSED || error == ENOENT) return;
    refuse_taken(path, connected == 0 ? fmt::format("process {} serves", server.process) : "is in use");
}

}  // namespace

Peer peer_of(int descriptor) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
    return {credentials.pid, credentials.uid};
}

ControlListener::ControlListener(std::string path) : path_(std::move(path)) {
    check_name(path_);
    socket_lies_at(path_);
    const fs::path name(path_);
    lock_path_ = (name.parent_path() / ("." + name.filename().string() + ".lock")).string();
    try {
        lock();
        listen();
    } catch (...) {
        release();
        throw;
    }
}

ControlListener::~ControlListener() { release(); }

void ControlListener::lock() {
    for (;;) {
        lock_ = ::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock_ < 0) throw file_failure("create", lock_path_, errno);
        if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
            const int error = errno;
            ::close(std::exchange(lock_, -1));
            if (error != EWOULDBLOCK) throw file_failure("lock", lock_path_, error);
            if (socket_lies_at(path_)) refuse_if_served(path_);
            refuse_taken(path_, "another run has taken");  // it does not serve yet, or runs on another host
        }
        // The holder before us removes the file; a lock on a removed file excludes nobody.
        struct stat mine {
        }, there{};
        if (::fstat(lock_, &mine) == 0 && ::stat(lock_path_.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
            mine.st_ino == there.st_ino)
            return;
        ::close(std::exchange(lock_, -1));
    }
}

void ControlListener::listen() {
    if (socket_lies_at(path_)) {
        refuse_if_served(path_);
        if (::unlink(path_.c_str()) != 0 && errno != ENOENT) throw file_failure("replace", path_, errno);
    }
    listener_ = make_socket();
    const sockaddr_un address = address_of(path_);
    // Linux gives the file the mode of the socket: nobody sees it with another.
    if (::fchmod(listener_, 0600) != 0) throw file_failure("protect", path_, errno);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EADDRINUSE) refuse_taken(path_, "somebody else has just made");
        throw file_failure("make the socket", path_, errno);
    }
    struct stat made {};
    if (::lstat(path_.c_str(), &made) != 0) throw file_failure("look at", path_, errno);
    device_ = made.st_dev;
    inode_ = made.st_ino;
    if (::listen(listener_, waiting_connections) != 0) throw file_failure("listen at", path_, errno);
}

void ControlListener::release() {
    struct stat there {};
    if (inode_ != 0 && ::lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_)
        ::unlink(path_.c_str());
    if (listener_ >= 0) ::close(listener_);
    if (lock_ >= 0) {
        ::unlink(lock_path_.c_str());
        ::close(lock_);
    }
}

int ControlListener::accept() const { return ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); }

}  // namespace flowspan::run

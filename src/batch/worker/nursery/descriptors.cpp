#include "batch/worker/nursery/descriptors.hpp"

#include <flowspan/diagnostic.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_descriptors = 8;

[[noreturn]] void cannot(const char* what) {
    throw Failure(ExitCode::communication, fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

}  // namespace

void Descriptor::close() {
    if (value_ >= 0) ::close(std::exchange(value_, -1));
}

DescriptorPair socket_pair(int type) {
    int ends[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) cannot("make a socket for a worker");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

DescriptorPair pipe_pair() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) cannot("make a pipe for a worker");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void make_nonblocking(const Descriptor& descriptor) {
    const int flags = fcntl(descriptor.get(), F_GETFL);
    if (flags < 0 || fcntl(descriptor.get(), F_SETFL, flags | O_NONBLOCK) != 0) cannot("set a worker's socket");
}

void close_all_but(const Descriptor& kept) {
    DIR* folder = opendir("/proc/self/fd");
    if (folder == nullptr) cannot("list the open descriptors");
    std::vector<int> open;
    while (const dirent* entry = readdir(folder))
        if (entry->d_name[0] != '.') open.push_back(std::atoi(entry->d_name));
    closedir(folder);
    for (const int d : open)
        if (d > STDERR_FILENO && d != kept.get()) ::close(d);
}

Sent send_packet(const Descriptor& socket, std::string_view text, std::span<const int> descriptors) {
    if (text.size() > largest_packet || descriptors.size() > most_descriptors)
        throw Failure(ExitCode::usage,
                      fmt::format("what is said to the nursery has {} bytes, at most {} go", text.size(), largest_packet));
    iovec part{const_cast<char*>(text.data()), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    Control control;
    if (!descriptors.empty()) {
        message.msg_control = control.bytes.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    for (;;) {
        if (sendmsg(socket.get(), &message, MSG_NOSIGNAL) >= 0) return Sent::yes;
        if (errno == EAGAIN || errno == ENOBUFS) return Sent::later;
        if (errno != EINTR) return Sent::never;
    }
}

std::optional<Packet> receive_packet(const Descriptor& socket) {
    std::array<char, largest_packet> buffer;
    iovec part{buffer.data(), buffer.size()};
    Control control;
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    ssize_t n = 0;
    do n = recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN) return std::nullopt;
    if (n <= 0) return Packet{};
    Packet packet{std::string(buffer.data(), std::size_t(n)), {}};
    for (cmsghdr* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        std::vector<int> values((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(values.data(), CMSG_DATA(h), values.size() * sizeof(int));
        for (const int d : values) packet.descriptors.emplace_back(d);
    }
    return packet;
}

}  // namespace flowspan::batch

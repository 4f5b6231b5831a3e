// Descriptors that are owned, and packets that carry them to another process.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::batch {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    int get() const { return value_; }
    explicit operator bool() const { return value_ >= 0; }
    void close();

private:
    int value_ = -1;
};

using DescriptorPair = std::pair<Descriptor, Descriptor>;
/// Two ends of a new socket, or of a pipe (first reads). Closed where a program is started. Throw Failure.
DescriptorPair socket_pair(int type);
DescriptorPair pipe_pair();
/// Reads and writes of this end do not wait.
void make_nonblocking(const Descriptor& descriptor);
/// Closes all but stdin, stdout, stderr and `kept`, whatever they are.
void close_all_but(const Descriptor& kept);

constexpr std::size_t largest_packet = std::size_t(1) << 16;
struct Packet {
    std::string text;  // "" the other end is closed
    std::vector<Descriptor> descriptors;
};
enum class Sent { yes, later, never };  // later: a socket that does not wait has no room now; never: the other end is closed
/// For sockets of SOCK_SEQPACKET. Throws Failure where the text is larger than a packet.
Sent send_packet(const Descriptor& socket, std::string_view text, std::span<const int> descriptors = {});
/// Nothing where nothing has come, on a socket that does not wait.
std::optional<Packet> receive_packet(const Descriptor& socket);

}  // namespace flowspan::batch

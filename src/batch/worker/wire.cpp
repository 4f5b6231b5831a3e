#include "batch/worker/wire.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::array<char, 3> mark{'\x1e', 'f', 's'};

constexpr std::size_t kept_bytes = std::size_t(1) << 20;  // of room, between messages

struct Header {
    std::array<char, 3> mark;
    char kind;
    std::uint32_t bytes;
};
static_assert(sizeof(Header) == 8);

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{}{:02x}", text.empty() ? "" : " ", unsigned(static_cast<unsigned char>(c)));
    return text;
}

bool is_kind(char c) { return std::string_view("tplrf").find(c) != std::string_view::npos; }

}  // namespace

void Wire::put(Kind kind, std::string_view body) {
    if (body.size() > largest_message)
        throw Failure(ExitCode::block, fmt::format("a message between a worker and its rank would have {} bytes, at most {} go",
                                                   body.size(), largest_message));
    if (all_sent()) {
        out_.clear();
        sent_ = 0;
    }
    const Header header{mark, char(kind), std::uint32_t(body.size())};
    out_.append(reinterpret_cast<const char*>(&header), sizeof header);
    out_.append(body);
}

bool Wire::flush() {
    while (!all_sent()) {
        const ssize_t n = send(descriptor_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return true;
        if (n < 0) return false;
        sent_ += std::size_t(n);
        moved_ += std::uint64_t(n);
    }
    if (out_.capacity() > kept_bytes) out_ = {};
    sent_ = out_.size();
    return true;
}

void Wire::read(std::size_t most) {
    if (begin_ > in_.size() / 2) {
        in_.erase(0, begin_);
        begin_ = 0;
        if (in_.empty() && in_.capacity() > kept_bytes) in_ = {};
    }
    std::array<char, 1 << 16> buffer;
    for (std::size_t taken = 0; taken < most && !closed_;) {
        const ssize_t n = recv(descriptor_.get(), buffer.data(), buffer.size(), taken > 0 ? MSG_DONTWAIT : 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        closed_ = n <= 0;
        if (closed_) return;
        in_.append(buffer.data(), std::size_t(n));
        taken += std::size_t(n);
        moved_ += std::uint64_t(n);
        if (std::size_t(n) < buffer.size()) return;
    }
}

std::optional<Message> Wire::next() {
    const std::string_view left = std::string_view(in_).substr(begin_);
    if (left.empty() || !wrong_.empty()) return std::nullopt;
    const std::size_t known = std::min(left.size(), mark.size());
    const bool marked = std::memcmp(left.data(), mark.data(), known) == 0;
    if (!marked || (left.size() > mark.size() && !is_kind(left[mark.size()]))) {
        wrong_ = fmt::format("what is no message ({})", hexadecimal(left.substr(0, 16)));
        return std::nullopt;
    }
    Header header{};
    if (left.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, left.data(), sizeof header);
    if (header.bytes > largest_message) {
        wrong_ = fmt::format("a message of {} bytes, at most {} are taken", header.bytes, largest_message);
        return std::nullopt;
    }
    if (left.size() < sizeof header + header.bytes) return std::nullopt;
    begin_ += sizeof header + header.bytes;
    return Message{Kind(header.kind), left.substr(sizeof header, header.bytes)};
}

}  // namespace flowspan::batch

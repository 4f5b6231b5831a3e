#include "run/client/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace flowspan::run {
namespace {

constexpr std::size_t read_bytes = 16384;  // a turn of the loop must stay short

bool try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

ControlConnection::~ControlConnection() { ::close(descriptor_); }

void ControlConnection::read() {
    std::array<char, read_bytes> bytes;
    const ssize_t n = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0) {
        lost_ = lost_ || !try_again();
    } else if (n == 0) {
        no_more_input_ = true;  // half a line is no line
    } else {
        if (line_end_ == std::string::npos && begin_ > 0) in_.erase(0, std::exchange(begin_, 0));
        const std::size_t before = in_.size();
        in_.append(bytes.data(), std::size_t(n));
        if (line_end_ == std::string::npos) line_end_ = in_.find('\n', before);
    }
}

std::optional<std::string> ControlConnection::next_line() {
    if (line_end_ == std::string::npos) return std::nullopt;
    std::string line = in_.substr(begin_, line_end_ - begin_);
    begin_ = line_end_ + 1;
    line_end_ = in_.find('\n', begin_);
    return line;
}

bool ControlConnection::line_is_too_long() const {
    return (line_end_ == std::string::npos ? in_.size() : line_end_) - begin_ > control_limits::line_bytes;
}

bool ControlConnection::put(std::string_view line, std::size_t queue_bytes) {
    if (deaf_) return true;
    if (lost_ || out_.size() - sent_ + line.size() + 1 > queue_bytes) return false;
    out_.append(line).append(1, '\n');
    return true;
}

void ControlConnection::flush() {
    if (blocked_ || lost_ || sent_ == out_.size()) return;
    const ssize_t n = ::send(descriptor_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
        blocked_ = try_again();
        if (!blocked_) {
            deaf_ = true;
            out_.clear();
            sent_ = 0;
        }
        return;
    }
    sent_ += std::size_t(n);
    blocked_ = sent_ < out_.size();
    if (!blocked_ || sent_ > control_limits::line_bytes) out_.erase(0, std::exchange(sent_, 0));
}

bool ControlConnection::finished() const {
    if (lost_) return true;
    if (sent_ < out_.size()) return false;
    return ending_ || (no_more_input_ && !has_line() && outstanding.empty());
}

std::uint32_t ControlConnection::wanted_events() const {
    const bool reads = may_request() && !has_line() && !no_more_input_;
    return (reads ? std::uint32_t(EPOLLIN) : 0U) | (blocked_ ? std::uint32_t(EPOLLOUT) : 0U);
}

}  // namespace flowspan::run

// A client of a Unix-domain socket that sends and reads bytes as a test wants them.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace flowspan::test {

class RawClient {
public:
    /// `pump` is called while the client waits: it lets a server on the same thread work.
    RawClient(const std::string& path, std::function<void()> pump) : pump_(std::move(pump)) {
        descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(path.begin(), path.end(), address.sun_path);
        connected_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~RawClient() { close(); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool connected() const { return connected_; }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    void end_input() const { ::shutdown(descriptor_, SHUT_WR); }

    /// Sends all of it, however long the server takes; false when the connection has gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t n = send_some(bytes);
            if (n == std::string_view::npos) return false;
            bytes.remove_prefix(n);
            if (n == 0) wait();
        }
        return true;
    }
    /// Sends what goes now: how many bytes; npos when the connection has gone.
    std::size_t send_some(std::string_view bytes) const {
        const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n >= 0) return std::size_t(n);
        return errno == EAGAIN ? 0 : std::string_view::npos;
    }
    /// The next line without its end; "closed" at the end of the connection, "nothing" after five seconds without any.
    std::string line() {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (std::chrono::steady_clock::now() < until) {
            if (const std::size_t end = in_.find('\n', begin_); end != std::string::npos) {
                std::string text = in_.substr(begin_, end - begin_);
                begin_ = end + 1;
                if (begin_ > in_.size() / 2) in_.erase(0, std::exchange(begin_, 0));
                return text;
            }
            if (!receive()) return "closed";
        }
        return "nothing";
    }
    /// Whether a line is there now.
    bool has_line() {
        for (int k = 0; k < 5; ++k) pump_();
        const bool open = receive();
        return in_.find('\n', begin_) != std::string::npos || !open;
    }

private:
    /// False at the end of the connection.
    bool receive() {
        std::array<char, 65536> bytes;
        const ssize_t n = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (n > 0) in_.append(bytes.data(), std::size_t(n));
        if (n < 0 && errno == EAGAIN) wait();
        return n > 0 || (n < 0 && errno == EAGAIN);
    }
    void wait() {
        const int error = errno;
        pump_();
        std::this_thread::sleep_for(std::chrono::microseconds(20));
        errno = error;
    }

    std::function<void()> pump_;
    int descriptor_ = -1;
    bool connected_ = false;
    std::string in_;
    std::size_t begin_ = 0;
};

}  // namespace flowspan::test

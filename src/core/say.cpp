#include "core/say.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>

namespace flowspan {

void say(const std::string& text) {
    std::fflush(stderr);
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t n = write(STDERR_FILENO, text.data() + at, text.size() - at);
        if (n > 0) at += std::size_t(n);
        if (n > 0 || (n < 0 && errno == EINTR)) continue;
        if (n == 0 || errno != EAGAIN) return;
        pollfd room{STDERR_FILENO, POLLOUT, 0};
        poll(&room, 1, 1000);
    }
}

}  // namespace flowspan

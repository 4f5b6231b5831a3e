#include "core/files/text.hpp"

#include "core/files/file_kind.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>

namespace flowspan {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t piece_bytes = std::size_t{64} << 10;
constexpr int look_every_ms = 100;

class Reader {
public:
    Reader(const std::string& path, int descriptor, std::size_t most_bytes)
        : path_(path), descriptor_(descriptor), most_bytes_(most_bytes) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { ::close(descriptor_); }

    std::string all() {
        while (more()) {}
        return std::move(text_);
    }

    std::string all_within(const PipePatience& patience) {
        const auto until = Clock::now() + std::chrono::duration<double>(patience.seconds);
        do {
            if (patience.stop && patience.stop())
                throw Failure(ExitCode::stopped, fmt::format("stopped on request while {} was waited for", path_));
            if (Clock::now() > until) give_up(patience.seconds);
        } while (!has_something() || more());
        return std::move(text_);
    }

private:
    bool has_something() const {
        pollfd one{descriptor_, POLLIN, 0};
        return ::poll(&one, 1, look_every_ms) > 0;
    }
    /// False at the end, or where it is too much.
    bool more() {
        const std::size_t before = text_.size(), wanted = std::min(piece_bytes, most_bytes_ + 1 - before);
        text_.resize(before + wanted);
        const ssize_t got = ::read(descriptor_, text_.data() + before, wanted);
        text_.resize(before + std::size_t(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno != EINTR && errno != EAGAIN) throw file_failure("read", path_, errno);
        return got != 0 && text_.size() <= most_bytes_;
    }
    [[noreturn]] void give_up(double seconds) const {
        const std::string what = text_.empty() ? "nobody has written to it" : "whoever writes to it has not ended";
        throw Failure(ExitCode::file, fmt::format("cannot read {}: {} within {} s", path_, what, seconds));
    }

    const std::string& path_;
    int descriptor_;
    std::size_t most_bytes_;
    std::string text_;
};

}  // namespace

std::string read_text(const std::string& path, std::size_t most_bytes, const std::optional<PipePatience>& pipes) {
    check_path("read", path);
    if (!pipes || kind_of(path) != FileKind::fifo) return Reader(path, open_regular(path), most_bytes).all();
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) throw file_failure("read", path, errno);
    return Reader(path, descriptor, most_bytes).all_within(*pipes);
}

}  // namespace flowspan

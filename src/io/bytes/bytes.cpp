#include "io/bytes/bytes.hpp"

#include "io/bytes/whole_hash.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

class FileBytes final : public Bytes {
public:
    FileBytes(const std::string& path, std::uint64_t least, bool hash) : file_(File::open_to_read(path)) {
        if (const std::uint64_t size = file_.size(); size < least)
            throw Failure(ExitCode::file, fmt::format("cannot read {}: it has {} bytes, expected {}", path, size, least));
        if (hash) hash_.emplace();
    }
    std::size_t read(std::uint64_t offset, std::span<std::byte> to) override {
        file_.read(offset, to);
        if (hash_) hash_->read(file_, offset, to);
        return to.size();
    }
    std::optional<std::string> hash() override {
        if (!hash_) return std::nullopt;
        return hash_->finish(file_);
    }

private:
    File file_;
    std::optional<WholeHash> hash_;
};

class StdinBytes final : public BytesInOrder {
public:
    bool ended() const override { return ended_; }

private:
    std::size_t take(std::span<std::byte> to) override {
        if (ended_) return 0;
        constexpr int patience_ms = 20;  // other files of this rank wait as long
        pollfd one{STDIN_FILENO, POLLIN, 0};
        if (::poll(&one, 1, patience_ms) <= 0) return 0;
        const ssize_t n = ::read(STDIN_FILENO, to.data(), to.size());
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
        if (n < 0) throw Failure(ExitCode::file, fmt::format("cannot read stdin: {}", std::strerror(errno)));
        ended_ = n == 0;
        return std::size_t(n);
    }

    bool ended_ = false;
};

}  // namespace

std::size_t BytesInOrder::read(std::uint64_t offset, std::span<std::byte> to) {
    std::array<std::byte, 1 << 16> aside;
    while (at_ < offset) {
        const std::size_t some = take(std::span(aside).first(std::size_t(std::min<std::uint64_t>(aside.size(), offset - at_))));
        if (some == 0) return 0;
        at_ += some;
    }
    std::size_t got = 0;
    while (got < to.size()) {
        const std::size_t some = take(to.subspan(got));
        if (some == 0) break;
        got += some;
    }
    at_ += got;
    return got;
}

std::unique_ptr<Bytes> file_bytes(const std::string& path, std::uint64_t least, bool hash) {
    return std::make_unique<FileBytes>(path, least, hash);
}
std::unique_ptr<Bytes> stdin_bytes() { return std::make_unique<StdinBytes>(); }

}  // namespace flowspan::io

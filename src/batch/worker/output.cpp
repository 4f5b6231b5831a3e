#include "batch/worker/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {

bool LineBound::takes(std::size_t bytes) {
    if (lines_ >= most_lines || bytes_ + bytes > most_line_bytes) {
        ++left_out_;
        return false;
    }
    ++lines_;
    bytes_ += bytes;
    return true;
}

std::uint64_t LineBound::reset() {
    const std::uint64_t left_out = left_out_;
    *this = {};
    return left_out;
}

std::vector<std::string> Output::read(std::size_t most) {
    std::vector<std::string> lines;
    std::array<char, 1 << 14> buffer;
    for (std::size_t taken = 0; taken < most && pipe_;) {
        const ssize_t n = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n <= 0) {
            pipe_.close();
            break;
        }
        taken += std::size_t(n);
        take({buffer.data(), std::size_t(n)}, lines);
    }
    return lines;
}

std::vector<std::string> Output::rest() {
    std::vector<std::string> lines;
    if (!line_.empty()) end_line(lines);
    return lines;
}

void Output::take(std::string_view text, std::vector<std::string>& lines) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n'), n = std::min(end, text.size());
        const std::size_t room = std::min(n, longest_printed - line_.size());
        line_ += text.substr(0, room);
        beyond_ += n - room;
        if (end == std::string_view::npos) return;
        end_line(lines);
        text.remove_prefix(end + 1);
    }
}

void Output::end_line(std::vector<std::string>& lines) {
    if (beyond_ > 0) line_ += fmt::format("… {} bytes more", beyond_);
    if (!line_.empty()) last_ = line_;
    lines.push_back(std::exchange(line_, {}));
    beyond_ = 0;
}

}  // namespace flowspan::batch

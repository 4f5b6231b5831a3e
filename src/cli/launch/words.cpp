#include "cli/launch/words.hpp"

#include "core/mistakes/crash.hpp"
#include "core/process/stat.hpp"
#include "core/say.hpp"

#include <poll.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

constexpr char separator = '\x1e';
constexpr std::string_view begin =
    "\x1e"
    "flowspan:";
constexpr std::size_t longest_word = 16384;

/// Nothing but letters that text has: separators and ends of lines within a path are no trouble.
std::string escaped(const std::string& text) {
    std::string plain;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        plain += std::isgraph(byte) != 0 && c != '%' ? std::string(1, c) : fmt::format("%{:02x}", byte);
    }
    return plain;
}

std::string unescaped(std::string_view plain) {
    std::string text;
    for (std::size_t k = 0; k < plain.size(); ++k) {
        if (plain[k] != '%' || k + 2 >= plain.size()) {
            text += plain[k];
            continue;
        }
        text += char(std::strtol(std::string(plain.substr(k + 1, 2)).c_str(), nullptr, 16));
        k += 2;
    }
    return text;
}

void tell(const std::string& name, const std::string& value) {
    if (under_launcher()) say(fmt::format("{}{}:{}{}", begin, name, escaped(value), separator));
}

void tell_if_there_is_room(const std::string& name, const std::string& value) {
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0) tell(name, value);
}

}  // namespace

bool under_launcher() { return std::getenv(launcher_variable) != nullptr; }

bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0 || std::getenv(terminal_variable) != nullptr; }

void announce_here(int rank) { tell("here", fmt::format("{} {} {}", rank, getpid(), own_host())); }

void announce_leaving(int rank) { tell_if_there_is_room("leaving", std::to_string(rank)); }

void announce_alive() { tell_if_there_is_room("alive", ""); }

void announce_committed() { tell("committed", ""); }

void announce_locks(const std::vector<std::string>& locks) {
    for (const std::string& lock : locks) tell("lock", lock);
}

void announce_ready() { tell("ready", ""); }

void announce_loss(const std::string& how) { tell("loss", how); }

void announce_end(const std::string& why) { tell("end", why); }

void announce_crashes(int rank, int ranks) {
    CrashWords words;
    if (ranks > 1) words.who = fmt::format("rank {} ({}): ", rank, own_host());
    if (under_launcher()) {
        words.before = fmt::format("{}crash:{}%20", begin, rank);
        words.behind = std::string(1, separator);
    }
    say_crashes(words);
}

void leave_code(int code) { tell("code", std::to_string(code)); }

std::string WordFilter::filter(std::string_view piece) {
    std::string text;
    for (const char c : piece) {
        if (held_.empty()) {
            (c == separator ? held_ : text) += c;
            continue;
        }
        const bool may_be_a_word = held_.size() < longest_word && (held_.size() >= begin.size() || c == begin[held_.size()]);
        if (c == separator && held_.size() > begin.size()) {
            const std::string_view word = std::string_view(held_).substr(begin.size());
            const std::size_t colon = word.find(':');
            if (colon != std::string_view::npos) word_(word.substr(0, colon), unescaped(word.substr(colon + 1)));
            held_.clear();
        } else if (may_be_a_word && (std::isgraph(static_cast<unsigned char>(c)) != 0)) {
            held_ += c;
        } else {
            text += std::exchange(held_, {}) + c;
        }
    }
    return text;
}

std::string WordFilter::rest() { return std::exchange(held_, {}); }

}  // namespace flowspan::cli

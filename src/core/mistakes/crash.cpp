#include "core/mistakes/crash.hpp"

#include "core/process/handle_signal.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace flowspan {
namespace {

struct Crash {
    int signal;
    std::string_view name;
};
constexpr std::array<Crash, 5> crashes{
    {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"}}};

std::atomic<const CrashWords*> words = nullptr;  // (never freed: a crash may come at any time)

/// A line of a fixed length, made where nothing may be allocated.
class Line {
public:
    Line& operator<<(std::string_view text) {
        for (const char c : text)
            if (size_ < text_.size()) text_[size_++] = c;
        return *this;
    }
    void write() const {
        for (std::size_t at = 0; at < size_;) {
            const ssize_t n = ::write(STDERR_FILENO, text_.data() + at, size_ - at);
            if (n <= 0) return;
            at += std::size_t(n);
        }
    }

private:
    std::array<char, 2048> text_{};
    std::size_t size_ = 0;
};

std::string_view name_of(int signal) {
    for (const Crash& one : crashes)
        if (one.signal == signal) return one.name;
    return "a signal";
}

// Nothing here allocates, locks or waits.
void say_crash(int signal) {
    const CrashWords* const known = words.load();
    const std::string* const block = in_call_of();
    Line line;
    if (known != nullptr && !known->before.empty()) {
        line << known->before << name_of(signal);
        if (block != nullptr) line << "%20" << *block;
        line << known->behind;
    } else if (known != nullptr) {
        line << "flowspan: " << known->who;
        if (block != nullptr) line << *block << ": ";
        line << "crashed by " << name_of(signal) << (block == nullptr ? ", in no block\n" : "\n");
    }
    line.write();
    std::signal(signal, SIG_DFL);
    raise(signal);
}

}  // namespace

void say_crashes(const CrashWords& said) {
    const bool first = words.exchange(new CrashWords(said)) == nullptr;
    if (!first) return;
    // A stack that has run out is no place for a handler. (Of this thread; of others what the system does is all.)
    static std::array<char, 65536> room;
    stack_t stack{};
    stack.ss_sp = room.data();
    stack.ss_size = room.size();
    stack_t old{};
    if (sigaltstack(nullptr, &old) == 0 && (old.ss_flags & SS_DISABLE) != 0) sigaltstack(&stack, nullptr);
    for (const Crash& one : crashes) handle_signal(one.signal, say_crash, true, SA_ONSTACK | SA_NODEFER);
}

void say_no_crashes() {
    if (words.exchange(nullptr) == nullptr) return;
    for (const Crash& one : crashes) {
        struct sigaction now {};
        if (sigaction(one.signal, nullptr, &now) == 0 && now.sa_handler == say_crash) std::signal(one.signal, SIG_DFL);
    }
}

std::string crash_text(const std::string& word) {
    const std::size_t blank = word.find(' ');
    if (blank == std::string::npos) return fmt::format("crashed by {}, in no block", word);
    return fmt::format("crashed by {} in block {}", word.substr(0, blank), word.substr(blank + 1));
}

}  // namespace flowspan

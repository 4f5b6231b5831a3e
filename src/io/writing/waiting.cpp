#include "io/writing/waiting.hpp"

#include <flowspan/diagnostic.hpp>

#include <poll.h>

#include <thread>

namespace flowspan::io {
namespace {

constexpr std::chrono::seconds alone{30}, after_stop{1};
constexpr std::chrono::milliseconds stop_comes_within{200};
constexpr std::chrono::milliseconds look_every{20};
constexpr std::chrono::hours for_ever{24 * 365 * 100};

}  // namespace

EndOfWaits*& EndOfWaits::of_this_thread() {
    static thread_local EndOfWaits* own = nullptr;
    return own;
}

void EndOfWaits::lose(const std::string& path, const std::string& why, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    NotWritten& lost = lost_.try_emplace(path, NotWritten{why, 0}).first->second;
    lost.bytes += bytes;
}

bool EndOfWaits::loses(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return lost_.contains(path);
}

std::map<std::string, NotWritten> EndOfWaits::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

void Waiting::has_moved() { since_ = Clock::now(); }

void Waiting::give_up_after(std::chrono::duration<double> patience, const char* why) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    if (end != nullptr && end->given_up()) why = "given up because the run ends";
    if (Clock::now() - since_ > patience || (end != nullptr && end->given_up()))
        throw Failure(ExitCode::file, "cannot write " + path_ + ": " + why);
}

bool Waiting::lose(const char* why, std::uint64_t bytes) {
    EndOfWaits::of_this_thread()->lose(path_, why, bytes);
    return false;
}

bool Waiting::is_lost(std::uint64_t bytes) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    return end != nullptr && end->loses(path_) && !lose("", bytes);
}

bool Waiting::for_room(int descriptor, std::uint64_t bytes) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    if (end != nullptr && end->stopped() && !std::exchange(stopped_, true)) since_ = Clock::now();
    give_up_after(end == nullptr ? alone : for_ever, "its reader takes nothing");
    if (stopped_ && Clock::now() - since_ > after_stop) return lose("its reader takes nothing", bytes);
    pollfd one{descriptor, POLLOUT, 0};
    ::poll(&one, 1, int(look_every.count()));
    return true;
}

bool Waiting::for_reader(std::uint64_t bytes) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    using Patience = std::chrono::duration<double>;
    give_up_after(end == nullptr ? Patience(alone) : end->patience(), "it is a FIFO, and nobody reads it");
    if (end != nullptr && end->stopped()) return lose("it is a FIFO, and nobody reads it", bytes);
    std::this_thread::sleep_for(look_every);
    return true;
}

void Waiting::without_reader(std::uint64_t bytes) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    const char* why = "its reader has gone away";
    for (const auto until = Clock::now() + stop_comes_within; end != nullptr && !end->stopped() && !end->given_up();) {
        if (Clock::now() > until) break;
        std::this_thread::sleep_for(look_every);
    }
    if (end == nullptr || !end->stopped()) give_up_after(std::chrono::seconds(-1), why);
    lose(why, bytes);
}

}  // namespace flowspan::io

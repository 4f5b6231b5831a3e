#include "io/writing/waiting.hpp"

#include <flowspan/diagnostic.hpp>

#include <poll.h>

#include <thread>

namespace flowspan::io {
namespace {

constexpr std::chrono::seconds alone{30}, after_stop{1};
constexpr std::chrono::milliseconds look_every{20};
constexpr std::chrono::hours for_ever{24 * 365 * 100};

}  // namespace

const EndOfWaits*& EndOfWaits::of_this_thread() {
    static thread_local const EndOfWaits* own = nullptr;
    return own;
}

void Waiting::has_moved() { since_ = Clock::now(); }

void Waiting::give_up_after(std::chrono::duration<double> patience, const char* why) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    if (end != nullptr && end->given_up()) why = "given up because the run ends";
    if (Clock::now() - since_ > patience || (end != nullptr && end->given_up()))
        throw Failure(ExitCode::file, "cannot write " + path_ + ": " + why);
}

void Waiting::for_room(int descriptor) {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    if (end != nullptr && end->stopped() && !stopped_) {
        stopped_ = true;
        since_ = Clock::now();
    }
    give_up_after(end == nullptr ? alone : stopped_ ? after_stop : for_ever, "its reader takes nothing");
    pollfd one{descriptor, POLLOUT, 0};
    ::poll(&one, 1, int(look_every.count()));
}

void Waiting::for_reader() {
    const EndOfWaits* end = EndOfWaits::of_this_thread();
    using Patience = std::chrono::duration<double>;
    give_up_after(end == nullptr   ? Patience(alone)
                  : end->stopped() ? Patience(0)
                                   : end->patience(),
                  "it is a FIFO, and nobody reads it");
    std::this_thread::sleep_for(look_every);
}

}  // namespace flowspan::io

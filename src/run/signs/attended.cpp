#include "run/signs/attended.hpp"

#include "core/say.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"
#include "run/star/words.hpp"

#include <flowspan/diagnostic.hpp>

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr auto look_every = std::chrono::milliseconds(20);
constexpr auto sign_every = std::chrono::milliseconds(250);
constexpr auto stagger = std::chrono::milliseconds(100);
constexpr long nap_ns = 50'000;

thread_local bool interruptible = false, deaf = false;

/// Throws what ends a step.
void look_at_signals() {
    if (deaf) return;
    if (const int signal = Signals::ended_by(); signal != 0)
        throw Interrupted{ExitCode(code_of_signal(signal)),
                          fmt::format("ended by {}; nothing is published", name_of_signal(signal))};
    if (Signals::stop_asked()) throw Interrupted{ExitCode::stopped, stopped_early};
}

}  // namespace

Interruptible::Interruptible() : before_(std::exchange(interruptible, true)) {}
Interruptible::~Interruptible() { interruptible = before_; }
void Interruptible::look() { look_at_signals(); }

Attended::Attended(comm::Communicator& inner, double patience_s, std::function<void(int code)> leaving, bool is_deaf)
    : inner_(inner),
      patience_(patience_s),
      leaving_(std::move(leaving)),
      before_(attended_by(this)),
      deaf_(is_deaf),
      others_deaf_(std::exchange(deaf, is_deaf)),
      star_(inner, comm::Lane::start),
      came_(std::size_t(inner.size())),
      left_(std::size_t(inner.size())),
      heard_(std::size_t(inner.size()), Clock::now()),
      last_look_(Clock::now()) {}

Attended::~Attended() {
    deaf = others_deaf_;
    attended_by(before_);
}

void Attended::look() {
    const auto now = Clock::now();
    if (now - last_look_ < look_every) return;
    // A worker of a batch tells its rank that it lives. (Two of this kind would take each other's messages.)
    if (before_ != nullptr && dynamic_cast<Attended*>(before_) == nullptr) before_->look();
    turn();
    if (interruptible) look_at_signals();
}

// Messages, signs of life, and who has given none.
void Attended::turn() {
    Watch::turn();
    if (before_ != nullptr) before_->look();
    if (!deaf_ && Signals::told_to_leave()) throw ToldToLeave();
    if (size() == 1) return;
    const auto now = Clock::now();
    if (now - std::exchange(last_look_, now) > patience_ / 2)  // this rank itself stood still: it cannot judge the others
        std::fill(heard_.begin(), heard_.end(), now);
    take_all();
    if (!closing_ &&
        now - last_sign_ > std::min<Clock::duration>(sign_every, std::chrono::duration_cast<Clock::duration>(patience_ / 8))) {
        last_sign_ = now;
        if (rank() == 0)
            for (int r = 1; r < size(); ++r) star_.send(r, Word::alive);
        else
            star_.send(0, Word::alive);
    }
    judge(now);
}

void Attended::take_all() {
    ControlMessage m;
    while (star_.poll(m)) {
        heard_[std::size_t(m.from)] = Clock::now();
        if (m.word == Word::here) came_[std::size_t(m.from)] = m.content.integer();
        if (m.word == Word::left) left_[std::size_t(m.from)] = true;
        if (m.word == Word::go) gone_ = m.content.integer();
    }
    if (rank() != 0 || meeting_ == gone_) return;
    if (std::all_of(came_.begin(), came_.end(), [&](auto came) { return came >= meeting_; }))
        for (int r = size() - 1; r >= 0; --r) star_.send(r, Word::go, meeting_);
}

void Attended::judge(Clock::time_point now) {
    if (rank() != 0) {
        if (now - heard_[0] > patience_ + stagger * std::min(rank(), 20)) lose(0);
        return;
    }
    for (int r = 1; r < size(); ++r)
        if (!left_[std::size_t(r)] && now - heard_[std::size_t(r)] > patience_) lose(r);
}

void Attended::lose(int rank) {
    const Cause cause{ExitCode::communication, rank, "", "",
                      fmt::format("no sign of life for {:g} s: the rank is lost; nothing is published", patience_.count())};
    say_line("flowspan: " + cause.line());
    if (leaving_) leaving_(int(cause.code));
    throw ToldToLeave{true};
}

void Attended::meet() {
    if (size() == 1) return;
    ++meeting_;
    star_.send(0, Word::here, meeting_);
    while (gone_ < meeting_) {
        turn();
        const timespec nap{0, nap_ns};
        if (gone_ < meeting_) nanosleep(&nap, nullptr);
    }
}

// Nobody sends what would be taken for a message of the next such time: rank 0 takes its receives back before others go on.
void Attended::over() {
    if (size() == 1) return;
    meet();
    if (rank() == 0) {
        while (!std::all_of(left_.begin() + 1, left_.end(), [](bool left) { return left; })) turn();
        star_.close();
        for (int r = 1; r < size(); ++r) star_.send(r, Word::go, meeting_ + 1);
    } else {
        closing_ = true;  // nobody receives a sign any more
        star_.send(0, Word::left);
        while (gone_ <= meeting_) turn();
        star_.close();
    }
    while (!star_.all_sent()) {}
}

// All have met: it is short.
std::string Attended::overdue() const {
    return fmt::format("nothing is published: a step of all ranks has not come to its end within {:g} s (--patience)",
                       patience_.count());
}

std::string Attended::broadcast(const std::string& text) {
    meet();
    const Watch::Bound bound(overdue());
    return inner_.broadcast(text);
}

std::vector<std::string> Attended::all_gather(const std::string& text) {
    meet();
    const Watch::Bound bound(overdue());
    return inner_.all_gather(text);
}

std::unique_ptr<comm::Communicator> Attended::split(int group) {
    meet();
    const Watch::Bound bound(overdue());
    return inner_.split(group);
}

}  // namespace flowspan::run

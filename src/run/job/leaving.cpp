// Leaving before the end: signals, the launcher's word, ranks that are lost. docs/ends.md is the design.
#include "core/say.hpp"
#include "io/record/clear.hpp"
#include "run/job/loop.hpp"
#include "run/report/report.hpp"

#include "io/claim/folder.hpp"
#include "io/record/recover.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

// From TERM, which KILL follows a second later.
constexpr auto look_who_is_gone = std::chrono::milliseconds(50);
constexpr auto all_answer_within = std::chrono::milliseconds(250);  // 0.2 s after they are asked
constexpr auto others_wait = std::chrono::milliseconds(400);        // for rank 0, which looks who is gone
constexpr auto stops_within = std::chrono::milliseconds(500);       // the last line needs its time too
constexpr auto publishes_within = std::chrono::milliseconds(350);   // and what is committed can wait
constexpr auto peers_go_within = std::chrono::milliseconds(300);
constexpr auto write_fails_within = std::chrono::milliseconds(500);
constexpr std::chrono::duration<double> settles_within(0.15);
constexpr auto sent_within = std::chrono::milliseconds(200);
constexpr double abort_returns_within_s = 2;

void nap() {
    const timespec t{0, 1'000'000};
    nanosleep(&t, nullptr);
}

}  // namespace

void Loop::look_at_signals() {
    if (hooks_.dropped) {
        if (state_ == State::streaming && !cause_ && hooks_.dropped())
            fail({.code = ExitCode::stopped, .text = "stopped on request"});
        return;
    }
    if (Signals::told_to_leave()) told_to_leave();
    if (Signals::ended_by() != 0 && !publishes() && !cause_) look_at_end();
    if (Signals::stop_asked() && !stop_sent_) {
        stop_sent_ = true;
        star_.send(0, Word::stop_asked);
    }
}

// XFSZ comes with a write that fails, and that says more.
void Loop::look_at_end() {
    const int signal = Signals::ended_by();
    if (!ended_) ended_ = Clock::now();
    if (signal == SIGXFSZ && Clock::now() - *ended_ < write_fails_within) return;
    fail({.code = ExitCode(code_of_signal(signal)),
          .text = fmt::format("ended by {}{}", name_of_signal(signal), said_done_ ? "" : "; nothing is published")});
}

/// "rank 2 (node7, process 4711)": those of this host that are gone; "" where there are none.
std::string Loop::ranks_gone() const {
    std::string gone;
    for (std::size_t r = 1; r < s_.pids.size(); ++r) {
        if (seen_here_[r] && kill(s_.pids[r], 0) != 0)
            gone += fmt::format("{}rank {} ({}, process {})", gone.empty() ? "" : ", ", r, s_.hosts[r], s_.pids[r]);
    }
    return gone;
}

/// Those that have not answered when all were asked.
std::string Loop::ranks_silent() const {
    std::string silent;
    for (std::size_t r = 1; r < s_.hosts.size(); ++r)
        if (!mustered_.contains(int(r)))
            silent += fmt::format("{}rank {} ({}, process {})", silent.empty() ? "" : ", ", r, s_.hosts[r], s_.pids[r]);
    return silent;
}

// The launcher ends the job, because it was told to or because a peer died; it leaves about a second. Rank 0 looks who is gone
// and asks the others, who wait for it: if all are there it is a stop.
void Loop::told_to_leave() {
    const auto now = Clock::now();
    if (!told_) told_ = now;
    const auto since = now - *told_;
    const bool stood_still = now - last_sign_ > 0.9 * patience_ || (woke_ && now - *woke_ < std::chrono::seconds(5));
    if (coordinator_ == nullptr) {
        // (whoever leaves first brings KILL for all)
        const bool speaks = since > look_who_is_gone && speaks_for_rank_zero();
        if (speaks || stood_still || since > (publishes() || stopped_ || cause_ ? stops_within : others_wait)) leave_as_told();
        return;
    }
    if (since > (publishes() ? publishes_within : stops_within)) leave_as_told();
    if (told_step_ == Told::look && since > look_who_is_gone) {
        if (!ranks_gone().empty() || stood_still || Signals::launcher_gone()) leave_as_told();
        if (hooks_.told_is_final && std::count(seen_here_.begin(), seen_here_.end(), true) == communicator_.size())
            leave_as_told();
        if (!cause_) star_.send_to_all(Word::muster);  // who is silent then is lost
        told_step_ = cause_ || publishes() ? Told::stopping : Told::wait;
        if (publishes() && !std::exchange(stop_sent_, true))
            star_.send(0, Word::stop_asked);  // it comes late, and that is said
    }
    if (told_step_ != Told::wait) return;
    if (mustered_.size() == s_.pids.size() && hooks_.told_is_final) leave_as_told();
    if (mustered_.size() == s_.pids.size()) {
        told_step_ = Told::stopping;
        if (!stop_sent_) star_.send(0, Word::stop_asked);
        stop_sent_ = true;
    } else if (since > all_answer_within) {
        leave_as_told();
    }
}

/// The last words reach whoever is there; a rank that is gone takes none.
void Loop::wait_until_sent() {
    const auto begun = Clock::now();
    while (!star_.all_sent()) {
        const auto waits = Clock::now() - begun;
        if (waits > patience_ || (Signals::told_to_leave() && waits > sent_within)) return;
        sched_yield();
    }
}

void Loop::leave_as_told() {
    Watch::leaves();
    s_.control.reset();
    discard_unless_committed();
    if (coordinator_ == nullptr) {
        if (speaks_for_rank_zero()) speak_for_rank_zero();
        std::_Exit(int(ExitCode::communication));
    }
    // Stopped for so long that the others have said why they end. (mpirun wakes whom it ends.)
    const auto now = Clock::now();
    const bool stood_still = now - last_sign_ > 0.9 * patience_ || (woke_ && now - *woke_ < std::chrono::seconds(5));
    std::string gone = ranks_gone();
    if (gone.empty() && told_step_ != Told::look && !cause_) gone = ranks_silent();
    const ExitCode code = cause_ ? cause_->code : ExitCode::communication;
    const std::string rest = "; " + settled(settles_within);
    if (!stood_still && cause_)
        say_line("flowspan: " + cause_->line());
    else if (!stood_still && gone.empty())
        say_line("flowspan: " + told_text() + rest);
    else if (!stood_still && hooks_.lost && coordinator_->unsettled())
        hooks_.lost(gone + " is lost");  // once all are gone it is seen what has become of the products
    else if (!stood_still)
        say_line("flowspan: " + gone + " is lost" + rest);
    if (hooks_.leaving) hooks_.leaving(int(code));
    wait_for_peers_to_go();
    clear_away();
    std::_Exit(int(code));
}

/// Where rank 0 is gone the first of its host that is left does; below `flowspan run -n` the launcher.
bool Loop::speaks_for_rank_zero() const {
    const auto is_here = [&](std::size_t r) { return seen_here_[r] && kill(s_.pids[r], 0) == 0; };
    if (!seen_here_[0] || is_here(0) || hooks_.lost) return false;
    for (std::size_t r = 1; r < std::size_t(communicator_.rank()); ++r)
        if (is_here(r)) return false;
    return true;
}

/// Says that it is gone, and does what is left to be done.
void Loop::speak_for_rank_zero() {
    std::string outcome;
    try {
        outcome = io::end_of_run(io::folders_of(s_.claims), s_.run_id, committed_);
    } catch (const std::exception&) { outcome = settled(settles_within); }
    say_line(fmt::format("flowspan: rank 0 ({}, process {}) is lost; {}", s_.hosts[0], s_.pids[0], outcome));
}

/// Those of this host; what others do in the meantime is served.
void Loop::wait_for_peers_to_go() {
    const auto until = Clock::now() + peers_go_within;
    const auto one_is_here = [&] {
        for (std::size_t r = 1; r < s_.pids.size(); ++r)
            if (seen_here_[r] && kill(s_.pids[r], 0) == 0) return true;
        return false;
    };
    while (one_is_here() && Clock::now() < until) {
        ControlMessage ignored;
        star_.poll(ignored);
        nap();
    }
}

// Rank 0: what ranks that are gone have left, as far as it can be seen from here; the locks last.
void Loop::clear_away() {
    if (said_done_ || committed_) return;
    s_.io->discard();
    io::remove_parts(io::folders_of(s_.claims), s_.run_id);
    s_.locks.reset();
}

/// What has become of the products when this rank leaves without the others, as the end of a sentence.
std::string Loop::settled(Seconds within) {
    if (s_.request.hands_over) return "its unit is not done, and the same command computes it again";
    if (coordinator_ != nullptr) return coordinator_->settle(std::chrono::duration_cast<std::chrono::milliseconds>(within));
    if (!said_done_ && !committed_) return "nothing is published";
    std::string folders;
    std::set<std::string> seen;
    for (const auto& product : s_.publisher->entries())
        if (const std::string folder = io::folder_of(product.path); seen.insert(folder).second) folders += " " + folder;
    return fmt::format("{}: `flowspan recover{}` {}",
                       committed_ ? "the products had been committed" : "whether its products are published is not known",
                       folders.empty() ? " FOLDER" : folders, committed_ ? "publishes what has no name yet" : "says");
}

// Once this rank has said `done`, rank 0 may have committed: the parts belong to the run, and the next one brings them into
// order.
void Loop::discard_unless_committed() {
    if (said_done_ || committed_) return;
    if (state_ == State::streaming || state_ == State::settling || state_ == State::aborting) s_.publisher->discard();
}

// What is known here; the others can no longer be asked.
void Loop::report_failure(const Cause& cause) {
    if (coordinator_ == nullptr || s_.report == nullptr) return;
    JobResult result;
    result.code = cause.code;
    result.cause = cause.line();
    coordinator_->reported(0, rank_report(s_, *s_.tasks, 0));
    result.report = make_report(s_, *coordinator_, Seconds(Clock::now() - begun_).count(), result, false);
    write_report(result);
}

void Loop::leave_by_force(Cause cause) {
    const std::string how = cause.line();
    if (const std::string end = settled(patience_); !cause.text.ends_with(end)) cause.text += "; " + end;
    s_.control.reset();  // takes the socket file away
    discard_unless_committed();
    report_failure(cause);
    book_.finish();
    std::fflush(nullptr);
    if (coordinator_ == nullptr && hooks_.lost)
        hooks_.lost(how);
    else
        say_line("flowspan: " + cause.line());
    if (hooks_.leaving) hooks_.leaving(int(cause.code));
    if (coordinator_ != nullptr) {
        for (int r = 1; r < communicator_.size(); ++r) star_.send(r, Word::flee);
        wait_for_answers();
        clear_away();
    }
    const Watch::Bound bound(int(cause.code), abort_returns_within_s);
    communicator_.abort(int(cause.code));
    std::abort();  // abort() does not return
}

/// Of all but one, which is lost.
void Loop::wait_for_answers() {
    const auto until = Clock::now() + peers_go_within;
    int answers = 0;
    while (answers < communicator_.size() - 2 && Clock::now() < until) {
        ControlMessage m;
        while (star_.poll(m)) answers += m.word == Word::left ? 1 : 0;
        nap();
    }
}

// Rank 0 has said why, and ends all once it has cleared away: the launcher would end it if this rank went now.
void Loop::flee() {
    s_.control.reset();
    s_.io->discard();
    discard_unless_committed();
    star_.send(0, Word::left);
    const auto until = Clock::now() + std::chrono::seconds(2);
    while (Clock::now() < until && !Signals::told_to_leave()) {
        ControlMessage ignored;
        star_.poll(ignored);
        nap();
    }
    std::_Exit(int(ExitCode::communication));
}

}  // namespace flowspan::run

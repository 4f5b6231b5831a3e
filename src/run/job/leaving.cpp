// Leaving before the end: signals, the launcher's word, ranks that are lost.
#include "run/job/loop.hpp"

#include "io/claim/folder.hpp"
#include "run/start/signals.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include <fmt/format.h>

namespace flowspan::run {

void Loop::look_at_signals() {
    if (Signals::told_to_leave() && state_ != State::publishing && state_ != State::published) told_to_leave();
    if (Signals::stop_asked() && !stop_sent_) {
        stop_sent_ = true;
        star_.send(0, Word::stop_asked);
    }
}

// The launcher ends the job, perhaps because a peer died; it leaves about a second. Rank 0 looks who is gone before the
// others, who wait for it, are gone too.
void Loop::told_to_leave() {
    s_.control.reset();
    discard_unless_committed();
    if (coordinator_ == nullptr) {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        std::_Exit(int(ExitCode::communication));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::string gone;
    for (std::size_t r = 1; r < s_.pids.size(); ++r) {
        if (s_.hosts[r] == s_.hosts[0] && kill(s_.pids[r], 0) != 0)
            gone += fmt::format("{}rank {} ({}, process {})", gone.empty() ? "" : ", ", r, s_.hosts[r], s_.pids[r]);
    }
    // Stopped for so long that the others have said why they end. (mpirun wakes whom it ends.)
    const auto now = Clock::now();
    const bool stood_still = now - last_sign_ > 0.9 * patience_ || (woke_ && now - *woke_ < std::chrono::seconds(5));
    if (gone.empty() && !stood_still)
        fmt::print(stderr, "flowspan: told to end by the launcher (SIGTERM); nothing is published\n");
    else if (!stood_still)
        fmt::print(stderr, "flowspan: {} is lost; nothing is published\n", gone);
    std::fflush(stderr);
    if (hooks_.leaving) hooks_.leaving(int(ExitCode::communication));
    std::_Exit(int(ExitCode::communication));
}

/// What has become of the products when this rank leaves without the others, as the end of a sentence.
std::string Loop::settled(Seconds within) {
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

void Loop::leave_by_force(Cause cause) {
    cause.text += "; " + settled(patience_);
    s_.control.reset();  // takes the socket file away
    discard_unless_committed();
    book_.finish();
    std::fflush(nullptr);
    fmt::print(stderr, "flowspan: {}\n", cause.line());
    std::fflush(stderr);
    if (hooks_.leaving) hooks_.leaving(int(cause.code));
    communicator_.abort(int(cause.code));
    std::abort();  // abort() does not return
}

}  // namespace flowspan::run

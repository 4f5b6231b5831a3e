#include "run/job/loop.hpp"

#include "run/job/report.hpp"
#include "run/start/signals.hpp"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr auto sign_of_life_every = std::chrono::milliseconds(250);
constexpr auto longest_sleep = std::chrono::microseconds(50);
constexpr auto links_close_within = std::chrono::seconds(5);
constexpr auto quiet_after = std::chrono::milliseconds(500);

}  // namespace

Loop::Loop(comm::Communicator& communicator, Started& started, const JobHooks& hooks)
    : communicator_(communicator),
      s_(started),
      hooks_(hooks),
      star_(communicator),
      requests_(star_, started, communicator.rank()),
      begun_(Clock::now()),
      heard_(begun_),
      patience_(started.request.patience_s),
      log_(star_, LogLevel(started.request.log_level), communicator.rank(), started.hosts[std::size_t(communicator.rank())]),
      book_([this](const std::string& line) {
          if (hooks_.note) hooks_.note(line);
      }) {
    if (communicator.rank() == 0) {
        coordinator_ = std::make_unique<Coordinator>(
            star_, communicator.size(), Coordinator::Options{s_.request.out, s_.run_id, patience_, s_.hosts, s_.block_names},
            [this](std::function<void()> job) { return s_.io->submit(std::move(job)); });
    }
    if (s_.control != nullptr)
        s_.control->serve({&requests_, [this] { return progress(); }, [this] { return stopped_; }, [this] { stop(); }});
}

// What a rank has asked goes ahead of its `begun`, by way of rank 0, and so ahead of `go`.
void Loop::begin_together() {
    waits_for_go_ = true;
    star_.send(0, Word::begun);
}

bool Loop::turn() {
    run_tasks();
    handle_all();
    if (coordinator_ != nullptr) {
        if (auto lost = coordinator_->turn()) leave_by_force(*lost);
        if (coordinator_->stuck() && state_ == State::cleaned) leave_by_force(*coordinator_->failure());
    }
    signs_of_life();
    return left_;
}

void Loop::handle_all() {
    ControlMessage m;
    while (!left_ && star_.poll(m)) {
        heard_ = Clock::now();
        if (m.word == Word::log)
            book_.add(LogLine::from(m.content));
        else if (m.word <= Word::cleaned && coordinator_ != nullptr)
            coordinator_->handle(m);
        else
            handle(m);
    }
}

// After it this rank sends nothing more: whoever has left cannot receive it.
void Loop::last_word(Word word, const Value& content) {
    requests_.close(cause_ ? "the run has failed: " + cause_->line() : "the run is ending");
    star_.send(0, word, content);
}

JobResult Loop::result() {
    if (s_.control != nullptr) s_.control->end(cause_ ? "failed" : stopped_ ? "stopped" : "done");
    while (!star_.all_sent()) sched_yield();
    star_.close();
    book_.finish();
    JobResult result;
    if (cause_) {
        result.code = cause_->code;
        result.cause = cause_->line();
    } else {
        s_.tasks->close();
        if (communicator_.anything_unreceived()) {
            result.code = ExitCode::bug;
            result.cause = fmt::format("rank {}: a message was left unreceived", communicator_.rank());
        }
        if (stopped_) result.code = ExitCode::stopped;
    }
    if (coordinator_ != nullptr) {
        result.report = make_report(s_, coordinator_->finished(), Seconds(Clock::now() - begun_).count(), result, stopped_);
        if (const Value* products = result.report.find("products")) {
            for (const Value& p : products->list()) result.products.push_back(p.at("path").string());
        }
    }
    return result;
}

void Loop::run_tasks() {
    bool moved = false;
    try {
        if (state_ != State::streaming || !waits_for_go_) moved = s_.tasks->turn();
        if (state_ == State::streaming && s_.tasks->finished()) {
            state_ = State::done;
            log_.look_at(s_.tasks->blocks());
            look_at_calls();
            for (const runtime::BlockTask* t : std::as_const(*s_.tasks).blocks())
                log_.say(LogLevel::trace, t->block().name(),
                         t->block().outputs().empty() ? fmt::format("ends after {} items", t->statistics().items_in)
                                                      : fmt::format("ends after {} items in, {} out", t->statistics().items_in,
                                                                    t->statistics().items_out));
            log_.say(LogLevel::debug, "", fmt::format("partition done after {:.3f} s", Seconds(Clock::now() - begun_).count()));
            star_.send(0, Word::done, finished_report(s_, *s_.tasks, communicator_.rank()).value());
            moved = true;
        }
        if (state_ == State::publishing && publishing_ && (publishing_->token == nullptr || publishing_->token->ready())) {
            publishing_.reset();
            state_ = State::published;
            last_word(Word::published);
            moved = true;
        }
    } catch (const std::exception& e) { fail(Cause::of(e)); }
    if (state_ == State::aborting) clean();
    if (moved) {
        idle_turns_ = 0;
        last_move_ = Clock::now();
    } else {
        idle();
    }
}

void Loop::handle(const ControlMessage& m) {
    try {
        if (requests_.handle(m)) return;
        obey(m);
    } catch (const std::exception& e) { fail(Cause::of(e)); }
}

// What rank 0 says to all.
void Loop::obey(const ControlMessage& m) {
    switch (m.word) {
        case Word::alive:
            return;
        case Word::go:
            waits_for_go_ = false;
            return;
        case Word::stop:
            stopped_ = true;
            log_.say(LogLevel::debug, "", "sources end: a stop was asked for");
            return state_ == State::streaming ? s_.tasks->stop_sources() : void();
        case Word::publish:
        case Word::keep_partial:
            return begin_publishing(m.word == Word::keep_partial);
        case Word::abort:
            cause_ = Cause::from(m.content);
            return begin_abort();
        case Word::leave:
            left_ = true;
            return;
        default:
            throw Failure(ExitCode::bug, fmt::format("control message `{}`", name_of(m.word)));
    }
}

void Loop::begin_publishing(bool partial) {
    state_ = State::publishing;
    committed_ = !partial;
    publishing_ = s_.io->submit([this, partial] {
        if (partial)
            s_.publisher->keep_partial();
        else
            s_.publisher->publish();
    });
}

void Loop::fail(Cause cause) {
    if (state_ == State::aborting || state_ == State::cleaned) {
        // A second failure while links close: nothing more can be closed in order.
        stuck_ = true;
        return;
    }
    if (communicator_.size() > 1) {
        cause.rank = communicator_.rank();
        cause.host = s_.hosts[std::size_t(cause.rank)];
    }
    cause_ = cause;
    log_.look_at(s_.tasks->blocks());
    star_.send(0, Word::failed, cause.value());
    begin_abort();
}

void Loop::begin_abort() {
    if (state_ == State::aborting || state_ == State::cleaned) return;
    state_ = State::aborting;
    abort_since_ = Clock::now();
    s_.tasks->abort();
    s_.io->discard();
}

// Links close both ways, the I/O thread comes to rest, temporaries go.
void Loop::clean() {
    const bool late = Clock::now() - abort_since_ > links_close_within;
    if (!stuck_ && s_.tasks->links_open() && !late) return;
    if (s_.io->outstanding() > 0 && !late) return;
    stuck_ = stuck_ || s_.tasks->links_open();
    if (!stuck_) s_.tasks->close();
    if (!committed_) s_.publisher->discard();  // else the next run rolls the record forward
    state_ = State::cleaned;
    last_word(Word::cleaned, stuck_);
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
    if (gone.empty())
        fmt::print(stderr, "flowspan: told to end by the launcher (SIGTERM); nothing is published\n");
    else
        fmt::print(stderr, "flowspan: {} is lost; nothing is published\n", gone);
    std::fflush(stderr);
    if (hooks_.leaving) hooks_.leaving(int(ExitCode::communication));
    std::_Exit(int(ExitCode::communication));
}

void Loop::look_at_signals() {
    if (Signals::told_to_leave() && state_ != State::publishing && state_ != State::published) told_to_leave();
    if (Signals::stop_asked() && !stop_sent_) {
        stop_sent_ = true;
        star_.send(0, Word::stop_asked);
    }
}

void Loop::signs_of_life() {
    const auto now = Clock::now();
    look_at_signals();
    if (s_.control != nullptr) s_.control->poll(now);
    if (now - last_sign_ < sign_of_life_every) return;
    if (now - last_sign_ > patience_ / 2) {  // this rank itself was stopped or starved: it cannot judge the others
        heard_ = now;
        if (coordinator_ != nullptr) coordinator_->forgive();
    }
    last_sign_ = now;
    if (state_ == State::streaming) {
        log_.look_at(s_.tasks->blocks());
        try {
            look_at_calls();
        } catch (const std::exception& e) { fail(Cause::of(e)); }
    }
    look_at_answers();
    const bool over = state_ == State::published || state_ == State::cleaned;
    if (coordinator_ != nullptr) {
        for (int r = 1; r < communicator_.size() && !left_; ++r) star_.send(r, Word::alive);
        if (!over) star_.send(0, Word::alive, rank_progress().value());
        show_progress();
    } else {
        if (!over) star_.send(0, Word::alive, rank_progress().value());
        if (now - heard_ > patience_)
            leave_by_force({ExitCode::communication, 0, s_.hosts[0], "",
                            fmt::format("no sign of life for {:g} s: rank 0 is lost", patience_.count())});
    }
    say_quiet();
}

// While a call lasts its rank hears nothing and gives no sign of life. What a stopped process (kill -STOP) did not do in the
// meantime is not its block's fault; and a single rank has nobody who waits for it.
void Loop::look_at_calls() {
    const int continued = Signals::continued();
    const bool excused = continued != std::exchange(continued_, continued);
    for (const runtime::BlockTask* task : std::as_const(*s_.tasks).blocks()) {
        double& known = long_calls_.try_emplace(task, patience_.count() / 2).first->second;
        const double longest = task->statistics().longest_step_s;
        if (longest <= known) continue;
        known = longest;
        if (excused) continue;
        const std::string text =
            fmt::format("one call took {:.1f} s, longer than half of --patience ({:g} s)", longest, patience_.count());
        if (communicator_.size() > 1)
            throw runtime::BlockFailure(ExitCode::block, task->block().name(),
                                        text + ": the other ranks hear nothing meanwhile");
        log_.say(LogLevel::warning, task->block().name(), text + ": among several ranks that is a failure");
    }
}

void Loop::waits_within(std::optional<std::string> call, bool for_an_answer) {
    within_ = std::move(call);
    answer_awaited_since_ = for_an_answer ? std::optional(Clock::now()) : std::nullopt;
}

// A call may have to wait for long, for a sample that comes late; or for ever, while other parts of the graph move on, for a
// block that the program itself holds. Only its author knows which.
void Loop::look_at_answers() {
    if (!answer_awaited_since_ || Clock::now() - *answer_awaited_since_ < patience_) return;
    answer_awaited_since_.reset();
    std::string held;
    for (const auto& edge : s_.tasks->wait_edges())
        if (edge.from == edge.to) held += fmt::format("; {} waits for {}", s_.block_names[std::size_t(edge.from)], edge.why);
    log_.say(LogLevel::warning, "", fmt::format("`{}` has waited for {:g} s{}", *within_, patience_.count(), held));
}

// A rank on which nothing moves says so, with what it waits for: all of them together may be a deadlock.
void Loop::say_quiet() {
    if (waits_for_go_) return;
    if (state_ != State::streaming || s_.tasks->pending() || Clock::now() - last_move_ < quiet_after) {
        if (state_ == State::done && !cause_) star_.send(0, Word::quiet, quiet().value());
        return;
    }
    star_.send(0, Word::quiet, quiet().value());
}

Quiet Loop::quiet() const {
    Quiet q;
    q.activity = s_.tasks->activity();
    if (state_ == State::streaming) {
        for (const auto& e : s_.tasks->wait_edges()) q.wishes.push_back({e.from, e.to, e.why});
    }
    for (const runtime::BlockTask* t : std::as_const(*s_.tasks).blocks())
        q.held = q.held || t->waiting() == runtime::Wait::held;
    const auto [sent, received] = s_.tasks->channels().totals();
    q.sent = sent + requests_.sent();
    q.received = received + requests_.received();
    if (s_.control == nullptr) q.within = within_;
    return q;
}

void Loop::idle() {
    ++idle_turns_;
    const bool alone = communicator_.size() == 1;
    const auto since = Clock::now();
    if (alone || !s_.tasks->links_open()) {
        // Nothing can come but from the I/O thread and, now and then, from control.
        if (s_.io->outstanding() > 0 || idle_turns_ > 4)
            s_.io->wait_for_progress(alone ? std::chrono::microseconds(2000) : longest_sleep);
    } else if (idle_turns_ > 200) {
        if (s_.io->outstanding() > 0) {
            s_.io->wait_for_progress(longest_sleep);
        } else {
            const timespec t{0, std::chrono::nanoseconds(longest_sleep).count()};
            nanosleep(&t, nullptr);
        }
    } else if (idle_turns_ > 20) {
        sched_yield();
    }
    if (state_ == State::streaming && idle_turns_ > 4) s_.tasks->account_idle(Seconds(Clock::now() - since).count());
}

RankProgress Loop::rank_progress() const {
    RankProgress p;
    p.activity = s_.tasks->activity();
    for (const runtime::BlockTask* t : std::as_const(*s_.tasks).blocks()) {
        const auto& st = t->statistics();
        if (t->is_source()) {
            p.samples += double(st.items_out);
            if (!t->block().outputs().empty())
                p.rate_hz = std::max(p.rate_hz, t->block().outputs()[0]->description().rate_hz());
        }
        if (const double f = t->progress(); f >= 0 && (p.fraction < 0 || f < p.fraction)) p.fraction = f;
        if (st.work_s > p.busiest_s) {
            p.busiest_s = st.work_s;
            p.slowest = t->block().name();
        }
    }
    return p;
}

Progress Loop::progress() const {
    Progress p;
    p.seconds = Seconds(Clock::now() - begun_).count();
    double samples = 0, rate = 0, busiest = 0;
    for (const auto& of_rank : coordinator_->progress()) {
        if (!of_rank) continue;
        samples += of_rank->samples;
        rate = std::max(rate, of_rank->rate_hz);
        if (of_rank->fraction >= 0 && (p.fraction < 0 || of_rank->fraction < p.fraction)) p.fraction = of_rank->fraction;
        if (of_rank->busiest_s > busiest) {
            busiest = of_rank->busiest_s;
            p.slowest_block = of_rank->slowest;
        }
    }
    p.samples_per_s = p.seconds > 0 ? samples / p.seconds : 0;
    p.times_real_time = rate > 0 ? p.samples_per_s / rate : 0;
    p.samples = samples;
    return p;
}

void Loop::show_progress() {
    if (hooks_.progress && state_ == State::streaming) hooks_.progress(progress());
}

// Once this rank has said `done`, rank 0 may have committed: the parts belong to the run, and the next one brings them into
// order by the record.
void Loop::discard_unless_committed() {
    if (state_ == State::streaming || state_ == State::aborting) s_.publisher->discard();
}

void Loop::leave_by_force(const Cause& cause) {
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

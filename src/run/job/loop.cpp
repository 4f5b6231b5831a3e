#include "run/job/loop.hpp"

#include "core/process/alive.hpp"
#include "io/record/recover.hpp"
#include "run/report/report.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"
#include "runtime/task/access.hpp"

#include <sched.h>
#include <signal.h>
#include <time.h>

#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr auto longest_sleep = std::chrono::microseconds(50);
constexpr auto links_close_within = std::chrono::seconds(5);

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
    // (containers on one host may have the same name and other process ids)
    for (std::size_t r = 0; r < s_.pids.size(); ++r)
        seen_here_.push_back(s_.hosts[r] == s_.hosts[std::size_t(communicator.rank())] && kill(s_.pids[r], 0) == 0);
    if (communicator.rank() == 0) {
        Needed needed(s_.graph->described(), s_.plan.rank_of);
        coordinator_ = std::make_unique<Coordinator>(
            star_, communicator.size(),
            Coordinator::Options{s_.run_id, patience_, s_.hosts, s_.block_names,
                                 needed.has_cycles() ? std::optional(std::move(needed)) : std::nullopt, Clock::now, &s_.claims,
                                 s_.locks.get(), s_.request.overwrite, s_.request.hands_over},
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

JobResult Loop::run() {
    s_.tasks->open();
    while (!turn()) {}
    return result();
}

bool Loop::turn() {
    Watch::turn();
    still_here();
    run_tasks();
    handle_all();
    if (coordinator_ != nullptr) {
        if (Clock::now() - last_sign_ > patience_ / 2) coordinator_->forgive();  // this rank itself stood still
        if (auto lost = coordinator_->turn()) leave_by_force(*lost);
        if (coordinator_->stuck() && state_ == State::cleaned) leave_by_force(*coordinator_->failure());
    }
    signs_of_life();
    return may_leave_;
}

void Loop::handle_all() {
    ControlMessage m;
    while (!may_leave_ && star_.poll(m)) {
        heard_ = Clock::now();
        if (m.word == Word::log)
            add_line(LogLine::from(m.content));
        else if (m.word == Word::here)
            mustered_.insert(m.from);
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
    wait_until_sent();
    star_.close();
    if (coordinator_ != nullptr)
        for (const std::string& text : coordinator_->warnings()) note(LogLevel::warning, text);
    book_.finish();
    JobResult result;
    if (state_ == State::published) s_.tasks->close();
    if (cause_) {
        result.code = cause_->code;
        result.cause = cause_->line();
    } else {
        if (communicator_.anything_unreceived()) {
            result.code = ExitCode::bug;
            result.cause = fmt::format("rank {}: a message was left unreceived", communicator_.rank());
        }
        if (stopped_) result.code = ExitCode::stopped;
        // Others wait in MPI for this rank.
        const std::string gone = coordinator_ != nullptr && state_ == State::published ? ranks_gone() : "";
        const char* kept = stopped_ ? "what was made is kept under partial names" : io::all_published;
        if (!gone.empty()) {
            result.code = ExitCode::communication;
            result.cause = fmt::format("{} is lost; {}", gone, kept);
        }
        const int signal = hooks_.dropped ? 0 : Signals::ended_by();
        if (signal != 0 && communicator_.rank() == 0) {  // too late to end anything
            result.code = ExitCode(code_of_signal(signal));
            result.cause = fmt::format("ended by {}; {}", name_of_signal(signal), kept);
        }
    }
    if (coordinator_ != nullptr && !s_.agreement.is_null() &&
        !s_.request.hands_over) {  // a block alone, in a test, has nothing to report of ranks
        result.report = make_report(s_, *coordinator_, Seconds(Clock::now() - begun_).count(), result, stopped_);
        if (const Value* products = result.report.find("products")) {
            for (const Value& p : products->list()) result.products.push_back(p.at("path").string());
        }
    }
    if (coordinator_ != nullptr) {
        result.samples = samples();
        result.partial = coordinator_->partial();
        if (s_.request.hands_over && !cause_) {
            for (const auto& [path, product] : coordinator_->products()) result.made.push_back(product);
            if (s_.request.hash_inputs) result.hashes = hashes_read(*coordinator_);
        }
        result.late_stop = coordinator_->late_stop();
    }
    write_report(result);
    s_.locks.reset();
    return result;
}

/// Of all ranks: of others as far as they have said it.
std::uint64_t Loop::samples() const {
    double all = rank_progress().samples;
    for (std::size_t r = 1; r < coordinator_->progress().size(); ++r)
        if (const auto& of_rank = coordinator_->progress()[r]) all += of_rank->samples;
    return std::uint64_t(all);
}

void Loop::write_report(JobResult& result) {
    if (s_.report == nullptr || result.report.is_null()) return;
    try {
        s_.report->write(result.report.json() + "\n");
    } catch (const Failure& e) {
        const std::string text = fmt::format("the report is not written: {}", e.what());
        if (!result.cause.empty())
            result.cause += "; " + text;
        else if (result.code == ExitCode::stopped)
            result.no_report = text;
        else
            result.code = e.code(), result.cause = text + "; all is published";
    }
}

void Loop::run_tasks() {
    bool moved = false;
    try {
        if (state_ != State::streaming || !waits_for_go_) moved = s_.tasks->turn();
        if (state_ == State::streaming && s_.tasks->finished()) {
            streams_end();
            moved = true;
        }
        if (state_ == State::settling && is_over(files_)) {
            say_done();
            moved = true;
        }
        if (state_ == State::publishing && is_over(files_)) {
            state_ = State::published;
            last_word(Word::published, value_of(*left_));
            moved = true;
        }
        if (verifying_ && is_over(verifying_)) verifying_.reset();
    } catch (const std::exception& e) { fail(Cause::of(e)); }
    if (state_ == State::aborting) clean();
    if (moved) {
        idle_turns_ = 0;
        last_move_ = Clock::now();
    } else {
        idle();
    }
}

bool Loop::is_over(const std::optional<Step>& job) { return job && (job->token == nullptr || job->token->ready()); }

void Loop::streams_end() {
    state_ = State::settling;
    log_.look_at(s_.tasks->blocks());
    look_at_calls();
    tell_ended();
    for (const runtime::BlockTask* t : std::as_const(*s_.tasks).blocks())
        log_.say(LogLevel::trace, t->block().name(),
                 t->block().outputs().empty()
                     ? fmt::format("ends after {} items", t->statistics().items_in)
                     : fmt::format("ends after {} items in, {} out", t->statistics().items_in, t->statistics().items_out));
    log_.say(LogLevel::debug, "", fmt::format("partition done after {:.3f} s", Seconds(Clock::now() - begun_).count()));
    files_ = s_.io->submit([this] {
        s_.publisher->make_durable();
        if (s_.locks) s_.locks->verify();
    });
}

/// What a stop has kept from going into pipes is a warning of who wrote it. Returns whether there is any.
bool Loop::look_at_lost() {
    const auto lost = s_.io->lost();
    for (runtime::BlockTask* task : s_.tasks->blocks())
        for (const std::string& product : task->block().products())
            if (const auto found = lost.find(product); found != lost.end())
                runtime::Access::warn(task->block(), fmt::format("{}: {}; the stop ends the wait, and {} bytes are lost",
                                                                 product, found->second.why, found->second.bytes));
    log_.look_at(s_.tasks->blocks());
    return !lost.empty();
}

// From here on what becomes of the products is rank 0's decision.
void Loop::say_done() {
    state_ = State::done;
    said_done_ = true;
    Watch::clear_by({});
    requests_.say_last();
    const bool lost = look_at_lost();
    star_.send(0, Word::made, Made{s_.publisher->entries(), s_.tasks->stopped_short() || lost}.value());
    star_.send(0, Word::done, rank_report(s_, *s_.tasks, communicator_.rank()));
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
            s_.io->stop();
            return state_ == State::streaming ? s_.tasks->stop_sources() : void();
        case Word::publish:
        case Word::keep_partial:
            stopped_ = m.word == Word::keep_partial;
            return begin_publishing(m.word == Word::keep_partial ? int(m.content.integer()) : 0);
        case Word::hand_over:
            if (state_ != State::done) return;  // it is being given up
            state_ = State::published;
            return last_word(Word::published, Value::List{});
        case Word::unneeded:
            for (const Value& block : m.content.list()) s_.tasks->let_go(int(block.integer()));
            return;
        case Word::abort:
            cause_ = Cause::from(m.content.list().at(0));
            if (m.content.list().at(1).boolean()) is_committed();
            said_done_ = false;
            return begin_abort();
        case Word::muster:
            return star_.send(0, Word::here);
        case Word::flee:
            flee();
        case Word::leave:
            if (!m.content.is_null()) cause_ = Cause::from(m.content);
            may_leave_ = true;
            return;
        default:
            throw Failure(ExitCode::bug, fmt::format("control message `{}`", name_of(m.word)));
    }
}

void Loop::is_committed() {
    committed_ = true;
    if (coordinator_ != nullptr && hooks_.committed) hooks_.committed();
}

/// `partial`: the number of partial names; 0: products take their own.
void Loop::begin_publishing(int partial) {
    if (state_ != State::done) return;  // it is being given up
    state_ = State::publishing;
    if (partial == 0) is_committed();
    left_ = std::make_shared<std::vector<io::Unpublished>>();
    files_ = s_.io->submit([this, partial, left = left_] {
        if (partial > 0)
            s_.publisher->keep_partial(partial);
        else
            *left = s_.publisher->publish();
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
    if (said_done_) return;  // rank 0 may be writing the record: it says whether the products go
    stuck_ = stuck_ || s_.tasks->links_open();
    const Value report = rank_report(s_, *s_.tasks, communicator_.rank());
    if (!stuck_) s_.tasks->close();
    if (!committed_) s_.publisher->discard();  // else the next run rolls the record forward
    state_ = State::cleaned;
    last_word(Word::cleaned, Value::List{stuck_, report});
}

void Loop::idle() {
    ++idle_turns_;
    const bool alone = communicator_.size() == 1;
    const auto since = Clock::now();
    if (alone || !s_.tasks->links_open()) {
        // Nothing can come but from the I/O thread and, now and then, from control.
        if (s_.io->outstanding() > 0 || idle_turns_ > 4)
            s_.io->wait_for_progress(alone && !s_.tasks->device_works() ? std::chrono::microseconds(2000) : longest_sleep);
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

}  // namespace flowspan::run

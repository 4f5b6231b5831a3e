// What a rank sees and says of itself while it runs: signs of life, long calls, waits, quiet, progress.
#include "run/job/loop.hpp"
#include "run/signs/signals.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr auto sign_of_life_every = std::chrono::milliseconds(250);
constexpr auto quiet_after = std::chrono::milliseconds(500);
constexpr std::chrono::duration<double> others_speak_within(1);

}  // namespace

void Loop::signs_of_life() {
    const auto now = Clock::now();
    look_at_signals();
    if (s_.control != nullptr) s_.control->poll(now);
    if (now - last_sign_ < sign_of_life_every) return;
    if (now - last_sign_ > patience_ / 2) {  // this rank itself was stopped or starved: it cannot judge the others
        heard_ = now;
        if (coordinator_ != nullptr) coordinator_->forgive();
    }
    if (now - last_sign_ > 0.9 * patience_) woke_ = now;
    last_sign_ = now;
    look_at_locks();
    if (state_ == State::streaming) {
        log_.look_at(s_.tasks->blocks());
        try {
            look_at_calls();
        } catch (const std::exception& e) { fail(Cause::of(e)); }
    }
    if (state_ == State::streaming) tell_ended();
    look_at_answers();
    const bool over = state_ == State::published || state_ == State::cleaned;
    if (coordinator_ != nullptr) {
        for (int r = 1; r < communicator_.size() && !may_leave_; ++r) star_.send(r, Word::alive);
        if (!over) star_.send(0, Word::alive, rank_progress().value());
        show_progress();
    } else {
        if (!over) star_.send(0, Word::alive, rank_progress().value());
        // Who is done does not know what the others know: one that still streams speaks before it.
        if (now - heard_ > patience_ + (said_done_ ? others_speak_within : Seconds(0)))
            leave_by_force({ExitCode::communication, 0, s_.hosts[0], "",
                            fmt::format("no sign of life for {:g} s: rank 0 is lost", patience_.count())});
    }
    say_quiet();
}

// Who was stopped for long may have been taken for dead by runs on other hosts.
void Loop::look_at_locks() {
    const int continued = Signals::continued();
    if (continued == std::exchange(seen_continued_, continued) || !s_.locks || state_ > State::done) return;
    verifying_ = s_.io->submit([this] { s_.locks->verify(); });
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
        if (communicator_.size() > 1 || hooks_.dropped)
            throw runtime::BlockFailure(ExitCode::block, task->block().name(),
                                        text + ": the other ranks hear nothing meanwhile");
        log_.say(LogLevel::warning, task->block().name(), text + ": among several ranks that is a failure");
    }
}

// Rank 0 finds out which cycles lead nowhere any more.
void Loop::tell_ended() {
    if (!not_ended_) {
        not_ended_.emplace();
        const auto& messages = s_.graph->described().messages;
        if (std::any_of(messages.begin(), messages.end(), [](const auto& m) { return m.feedback; }))
            for (const runtime::BlockTask* task : std::as_const(*s_.tasks).blocks()) not_ended_->push_back(task);
    }
    Value::List ended;
    std::erase_if(*not_ended_, [&](const runtime::BlockTask* task) {
        if (task->finished()) ended.emplace_back(task->number());
        return task->finished();
    });
    if (!ended.empty()) star_.send(0, Word::ended, Value(std::move(ended)));
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

RankProgress Loop::rank_progress() const {
    RankProgress p;
    p.activity = s_.tasks->activity();
    for (const runtime::BlockTask* t : std::as_const(*s_.tasks).blocks()) {
        const auto& st = t->statistics();
        if (t->is_source()) {
            p.samples += double(st.items_out);
            const double rate = t->block().outputs().empty() ? 0 : t->block().outputs()[0]->description().rate_hz();
            if (rate > 0) p.stream_s = std::max(p.stream_s, double(st.items_out) / rate);
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
    double samples = 0, stream_s = 0, busiest = 0;
    for (const auto& of_rank : coordinator_->progress()) {
        if (!of_rank) continue;
        samples += of_rank->samples;
        stream_s = std::max(stream_s, of_rank->stream_s);
        if (of_rank->fraction >= 0 && (p.fraction < 0 || of_rank->fraction < p.fraction)) p.fraction = of_rank->fraction;
        if (of_rank->busiest_s > busiest) {
            busiest = of_rank->busiest_s;
            p.slowest_block = of_rank->slowest;
        }
    }
    p.samples_per_s = p.seconds > 0 ? samples / p.seconds : 0;
    p.times_real_time = p.seconds > 0 ? stream_s / p.seconds : 0;
    p.samples = samples;
    return p;
}

void Loop::show_progress() {
    if (hooks_.progress && state_ == State::streaming) hooks_.progress(progress());
}

}  // namespace flowspan::run

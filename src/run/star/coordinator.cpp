#include "run/star/coordinator.hpp"

#include "core/mistakes/failure_of.hpp"
#include "io/record/recover.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr int equal_reports_for_deadlock = 2;

}  // namespace

Coordinator::Coordinator(ControlStar& star, int ranks, Options options, std::function<Step(std::function<void()>)> submit)
    : star_(star),
      options_(std::move(options)),
      ranks_(std::size_t(ranks)),
      reports_(std::size_t(ranks)),
      progress_(std::size_t(ranks)),
      closing_(io::Commit(options_.run_id, options_.claims, options_.locks, options_.overwrite), std::move(submit)) {
    for (RankState& r : ranks_) r.last_seen = options_.now();
}

bool Coordinator::all(bool RankState::*flag) const {
    return std::all_of(ranks_.begin(), ranks_.end(), [&](const RankState& r) { return r.*flag; });
}

void Coordinator::forgive() {
    for (RankState& r : ranks_) r.last_seen = options_.now();
}

void Coordinator::handle(const ControlMessage& m) {
    RankState& rank = ranks_[std::size_t(m.from)];
    rank.last_seen = options_.now();
    switch (m.word) {
        case Word::alive:
            return m.content.is_null() ? void() : alive(m.from, RankProgress::from(m.content));
        case Word::quiet:
            return quiet(rank, Quiet::from(m.content));
        case Word::ended:
            return ended(m.content);
        case Word::begun:
            rank.begun = true;
            return all(&RankState::begun) ? star_.send_to_all(Word::go) : void();
        case Word::stop_asked:
            if (stopped_ || failure_) return;
            if (closing_.stage() != Stage::open) return void(late_stop_ = true);
            stopped_ = true;
            return star_.send_to_all(Word::stop);
        case Word::failed:
            return fail(Cause::from(m.content));
        case Word::made: {
            const Made made = Made::from(m.content);
            cut_ = cut_ || made.cut;
            return closing_.add(made.products);
        }
        case Word::done:
            rank.done = true;
            reports_[std::size_t(m.from)] = m.content;
            return all(&RankState::done) && !failure_ ? commit() : void();
        case Word::published:
            rank.published = true;
            return published(m.content);
        case Word::cleaned:
            rank.cleaned = true;
            if (const Value& report = m.content.list().at(1); !report.is_null()) reports_[std::size_t(m.from)] = report;
            return cleaned(m.content.list().at(0).boolean());
        default:
            throw Failure(ExitCode::bug, fmt::format("control message `{}` from rank {}", name_of(m.word), m.from));
    }
}

void Coordinator::alive(int number, const RankProgress& progress) {
    RankState& rank = ranks_[std::size_t(number)];
    progress_[std::size_t(number)] = progress;
    if (!rank.quiet || rank.quiet->activity == progress.activity) return;
    rank.quiet.reset();  // it has moved since
    rank.same_quiet = 0;
}

void Coordinator::quiet(RankState& rank, Quiet quiet) {
    rank.same_quiet = rank.quiet == quiet ? rank.same_quiet + 1 : 0;
    rank.quiet = std::move(quiet);
    judge_deadlock();
}

void Coordinator::ended(const Value& blocks) {
    std::vector<int> numbers;
    for (const Value& b : blocks.list()) numbers.push_back(int(b.integer()));
    for (const auto& [rank, unneeded] : options_.needed->ended(numbers))
        star_.send(rank, Word::unneeded, Value(Value::List(unneeded.begin(), unneeded.end())));
}

// All sinks of all ranks are complete: the record makes it final, then every rank renames.
void Coordinator::commit() {
    // A stop that came when every source had ended by itself has cut nothing short.
    late_stop_ = late_stop_ || (stopped_ && !cut_);
    stopped_ = stopped_ && cut_;
    if (options_.hands_over) return hand_over();
    if (!closing_.decide(stopped_)) decided(std::nullopt);
}

// Of what a stop has cut short nothing is kept.
void Coordinator::hand_over() {
    if (stopped_) return fail({ExitCode::stopped, -1, "", "", "stopped on request"});
    closing_.renaming();
    star_.send_to_all(Word::hand_over);
}

// A failure that came meanwhile has waited: whether products are removed or published depends on what has become of the record.
void Coordinator::decided(std::optional<Cause> wrong) {
    if (wrong && !failure_) failure_ = std::move(wrong);
    if (failure_) return abort_all();
    closing_.renaming();
    if (stopped_)
        star_.send_to_all(Word::keep_partial, closing_.partial());
    else
        star_.send_to_all(Word::publish);
}

void Coordinator::published(const Value& left) {
    if (!left.is_null()) closing_.could_not_rename(unpublished_from(left));
    if (!all(&RankState::published) || closing_.stage() != Stage::renaming) return;
    if (options_.hands_over)
        leave(std::nullopt);
    else
        closing_.finish();
}

// After the commit nothing is discarded: what ranks cannot do any more is done here.
void Coordinator::cleaned(bool stuck) {
    stuck_ = stuck_ || stuck;
    if (!all(&RankState::cleaned) || leaving_ || stuck_) return;
    if (!closing_.durable()) return leave(std::nullopt);
    closing_.roll_forward();
}

void Coordinator::fail(Cause cause) {
    // A link that breaks is a consequence of what another rank reports a moment later.
    if (failure_ && !(failure_->code == ExitCode::communication && cause.code != ExitCode::communication)) return;
    const bool first = !failure_;
    failure_ = std::move(cause);
    if (first && !closing_.busy()) abort_all();
}

void Coordinator::abort_all() { star_.send_to_all(Word::abort, Value::List{failure_->value(), closing_.durable()}); }

void Coordinator::look_at_files() {
    const Stage stage = closing_.stage();
    std::optional<Cause> wrong;
    try {
        if (!closing_.has_ended()) return;
    } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        wrong = {failure.code(), 0, options_.hosts[0], "", failure.what()};
    }
    if (stage == Stage::deciding) return decided(std::move(wrong));
    if (stage == Stage::rolling && !wrong && closing_.all_renamed()) failure_->text += std::string("; ") + io::all_published;
    leave(std::move(wrong));
}

void Coordinator::leave(std::optional<Cause> wrong) {
    if (wrong && !failure_) failure_ = std::move(wrong);
    if (!closing_.all_renamed() && !failure_)
        failure_ = {ExitCode::file, -1, "", "", closing_.unpublished_text()};
    else if (!closing_.all_renamed())
        failure_->text += "; " + closing_.unpublished_text();
    closing_.over();
    leaving_ = true;
    star_.send_to_all(Word::leave, failure_ ? failure_->value() : Value());
}

std::optional<Cause> Coordinator::turn() {
    if (closing_.busy()) look_at_files();
    if (leaving_) return std::nullopt;
    const auto now = options_.now();
    for (std::size_t r = 1; r < ranks_.size(); ++r) {            // rank 0 is here, however long its last call was
        if (ranks_[r].published || ranks_[r].cleaned) continue;  // it has said its last word
        // While files are in motion it waits, up to as long again: what has become of them is part of what is said.
        if (now - ranks_[r].last_seen > (closing_.busy() ? 2 : 1) * options_.patience) {
            return Cause{ExitCode::communication, int(r), options_.hosts[r], "",
                         fmt::format("no sign of life for {:g} s: the rank is lost", options_.patience.count())};
        }
    }
    return std::nullopt;
}

// All ranks say that nothing can move, twice the same, and what was sent has been received. Where a block is held, no program
// and no client is left that could release it.
void Coordinator::judge_deadlock() {
    if (failure_ || stuck_) return;
    std::uint64_t sent = 0, received = 0;
    bool twice = true, held = false, all_wait = true;
    for (const RankState& r : ranks_) {
        if (!r.quiet && !r.done) return;
        if (!r.quiet) return;
        twice = twice && r.same_quiet >= equal_reports_for_deadlock;
        sent += r.quiet->sent;
        received += r.quiet->received;
        held = held || r.quiet->held;
        all_wait = all_wait && r.quiet->within.has_value();
    }
    if (!twice || sent != received) return;
    if (held && !all_wait) return;  // somebody may release it
    if (all(&RankState::done)) return;
    fail({ExitCode::block, -1, "", "", deadlock_text()});
}

std::string Coordinator::deadlock_text() const {
    std::map<int, std::vector<Wish>> wishes;
    for (const RankState& r : ranks_) {
        if (!r.quiet) continue;
        for (const Wish& w : r.quiet->wishes) wishes[w.from].push_back(w);
    }
    const auto name = [&](int b) {
        return b >= 0 && b < int(options_.block_names.size()) ? options_.block_names[std::size_t(b)] : "?";
    };
    std::string within;
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
        const auto call = ranks_[r].quiet ? ranks_[r].quiet->within : std::nullopt;
        if (call && !call->empty()) within += fmt::format("\n  the program of rank {} waits within `{}`", r, *call);
    }
    for (const auto& of_block : wishes) {
        const int start = of_block.first;
        // Follow wishes until a block comes twice: that is the cycle.
        std::vector<Wish> path;
        std::set<int> seen;
        std::function<bool(int)> walk = [&](int b) {
            if (!seen.insert(b).second) return b == start;
            const auto it = wishes.find(b);
            if (it == wishes.end()) return false;
            for (const Wish& w : it->second) {
                path.push_back(w);
                if (w.to == start || walk(w.to)) return true;
                path.pop_back();
            }
            return false;
        };
        if (!walk(start)) continue;
        std::string text = "the flowgraph is in a deadlock:";
        for (const Wish& w : path) text += fmt::format("\n  {} waits for {}", name(w.from), w.why);
        return text + within;
    }
    std::string text = "the flowgraph cannot go on:";
    for (const auto& [b, all] : wishes) {
        for (const Wish& w : all) text += fmt::format("\n  {} waits for {}", name(b), w.why);
    }
    return text + within;
}

}  // namespace flowspan::run

#include "run/star/coordinator.hpp"

#include "core/mistakes/failure_of.hpp"

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
      submit_(std::move(submit)),
      ranks_(std::size_t(ranks)),
      reports_(std::size_t(ranks)),
      progress_(std::size_t(ranks)),
      commit_(options_.run_id, options_.claims, options_.locks, options_.overwrite) {
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
            if (stopped_ || failure_ || closing_ != Closing::no) return;
            stopped_ = true;
            return star_.send_to_all(Word::stop);
        case Word::failed:
            return fail(Cause::from(m.content));
        case Word::made: {
            const Made made = Made::from(m.content);
            made_.insert(made_.end(), made.products.begin(), made.products.end());
            return;
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
            return cleaned(m.content.is<bool>() && m.content.boolean());
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
    closing_ = Closing::deciding;
    if (made_.empty()) return decided(std::nullopt);
    job_ = submit_([this] {
        if (!stopped_) return commit_.write(made_);
        std::vector<std::string> paths;
        for (const auto& product : made_)
            if (!product.in_place) paths.push_back(product.path);
        partial_ = io::next_partial(paths);
    });
}

// A failure that came meanwhile has waited: whether products are removed or published depends on what has become of the record.
void Coordinator::decided(std::optional<Cause> wrong) {
    if (wrong && !failure_) failure_ = std::move(wrong);
    if (failure_) return abort_all();
    closing_ = Closing::renaming;
    if (stopped_)
        star_.send_to_all(Word::keep_partial, partial_);
    else
        star_.send_to_all(Word::publish);
}

void Coordinator::published(const Value& left) {
    if (!left.is_null())
        for (auto& l : unpublished_from(left)) left_.push_back(std::move(l));
    if (!all(&RankState::published) || closing_ != Closing::renaming) return;
    closing_ = Closing::finishing;
    job_ = submit_([this] { warnings_ = commit_.finish(left_); });
}

// After the commit nothing is discarded: what ranks cannot do any more is done here.
void Coordinator::cleaned(bool stuck) {
    stuck_ = stuck_ || stuck;
    if (!all(&RankState::cleaned) || leaving_ || stuck_) return;
    if (!commit_.durable()) return leave(std::nullopt);
    closing_ = Closing::rolling;
    job_ = submit_([this] { left_ = commit_.roll_forward(); });
}

void Coordinator::fail(Cause cause) {
    // A link that breaks is a consequence of what another rank reports a moment later.
    if (failure_ && !(failure_->code == ExitCode::communication && cause.code != ExitCode::communication)) return;
    const bool first = !failure_;
    failure_ = std::move(cause);
    if (first && !job_) abort_all();
}

void Coordinator::abort_all() { star_.send_to_all(Word::abort, Value::List{failure_->value(), commit_.durable()}); }

void Coordinator::look_at_files() {
    std::optional<Cause> wrong;
    try {
        if (job_->token != nullptr && !job_->token->ready()) return;
    } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        wrong = {failure.code(), 0, options_.hosts[0], "", failure.what()};
    }
    job_.reset();
    if (closing_ == Closing::deciding) return decided(std::move(wrong));
    if (closing_ == Closing::rolling && !wrong && left_.empty())
        failure_->text += "; the products had been committed and are published";
    leave(std::move(wrong));
}

void Coordinator::leave(std::optional<Cause> wrong) {
    if (wrong && !failure_) failure_ = std::move(wrong);
    if (!left_.empty() && !failure_)
        failure_ = {ExitCode::file, -1, "", "", unpublished_text()};
    else if (!left_.empty())
        failure_->text += "; " + unpublished_text();
    closing_ = Closing::over;
    leaving_ = true;
    star_.send_to_all(Word::leave, failure_ ? failure_->value() : Value());
}

std::string Coordinator::unpublished_text() const {
    constexpr std::size_t shown = 3;
    const bool one = left_.size() == 1;
    std::string what, folders;
    std::set<std::string> records;
    for (std::size_t k = 0; k < left_.size(); ++k) {
        if (k < shown) what += fmt::format("{}{}: {}", k > 0 ? "; " : "", left_[k].path, left_[k].why);
        if (records.insert(commit_.record_of(left_[k].path)).second) folders += " " + io::folder_of(left_[k].path);
    }
    if (left_.size() > shown) what += fmt::format("; and {} more", left_.size() - shown);
    std::size_t all = 0;
    for (const auto& product : made_) all += product.in_place ? 0 : 1;
    const std::size_t others = all - std::min(all, left_.size());
    return fmt::format(
        "cannot publish {}; {}{} keep{} {}: mend that, then `flowspan recover{}` or the next run that writes there publishes "
        "{}",
        what,
        others == 0   ? ""
        : others == 1 ? "the other product is published; "
                      : fmt::format("the other {} products are published; ", others),
        fmt::join(records, ", "), records.size() == 1 ? "s" : "", one ? "it" : "them", folders, one ? "it" : "them");
}

std::map<std::string, std::uint64_t> Coordinator::products() const {
    std::map<std::string, std::uint64_t> named;
    const bool all = closing_ == Closing::over && (!failure_ || commit_.durable());
    std::set<std::string> left;
    for (const auto& l : left_) left.insert(l.path);
    for (const auto& e : made_)
        if (e.in_place || (all && !left.contains(e.path)))
            named[partial_ > 0 && !e.in_place ? io::partial_path(e.path, partial_) : e.path] = e.bytes;
    return named;
}

std::optional<Cause> Coordinator::turn() {
    if (job_) look_at_files();
    if (leaving_) return std::nullopt;
    const auto now = options_.now();
    for (std::size_t r = 1; r < ranks_.size(); ++r) {            // rank 0 is here, however long its last call was
        if (ranks_[r].published || ranks_[r].cleaned) continue;  // it has said its last word
        if (now - ranks_[r].last_seen > options_.patience) {
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

// What each kind of line changes in the history.
#include "batch/journal/history.hpp"
#include "batch/journal/lines/made.hpp"

#include <xxhash.h>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace flowspan::batch {
namespace {

/// What is kept of a unit: the same without what only the journal needs.
std::string kept_of(const Fields& f) {
    std::string kept;
    for (const char* key : {"unit", "recording", "recording_bytes", "graph", "graph_bytes", "from", "duration", "parameters"})
        if (const auto json = f.raw(key); !json.empty())
            kept += fmt::format(R"({}"{}":{})", kept.empty() ? '{' : ',', key, json);
    return kept + "}";
}

std::uint32_t short_hash(const std::string& run) { return std::uint32_t(XXH3_64bits(run.data(), run.size())); }

std::string attempt_of(const Fields& f) {
    std::string run = f.text("run");
    if (!is_attempt_id(run)) throw std::invalid_argument("no id of an attempt");
    return run;
}

/// Throws std::invalid_argument where a later reader of what is kept would.
void check_read(const Fields& f) {
    (void)f.text("key");
    (void)f.text("fingerprint");
    check_json(f.raw("content"));
}

}  // namespace

void History::turn(std::uint32_t start) {
    if (start == start_) return;
    if (start < start_) throw std::invalid_argument("a line of an earlier start");
    count_deaths();
    forget_unsure();
    for (const auto& [unit, starts] : open_)
        for (const Open& o : starts) dead_.push_back({unit, o.run});
    open_.clear();
    start_ = start;
    ended_ = false;
    lost_before_ = troubles_.lost;
}

/// Where lines are lost, one of them may have committed what was handed out: nobody knows which products are there.
void History::forget_unsure() {
    if (troubles_.lost == lost_before_) return;
    for (const auto& [unit, starts] : open_) forget(units_[unit]);
}

void History::forget(Entry& entry) {
    entry.made = Packed();
    if (entry.base == State::done) entry.base = State::fresh;
}

void History::count_deaths() {
    if (ended_) return;
    for (const auto& [unit, starts] : open_) {
        Deaths& deaths = deaths_[unit];
        ++deaths.count;
        if (open_.size() == 1) ++deaths.alone;
        for (const Open& o : starts) deaths.hosts.insert(o.host);
    }
}

std::string History::take(const Fields& f) {
    const std::string is = f.text("is");
    if (is == "start") return start(f), "";
    if (is == "commit") return commit(f), "";
    if (is == "done") return done(f);
    if (is == "unit") return describe(f), "";
    if (is == "failed") return failed(f), "";
    if (is == "unchanged") return unchanged(f);
    if (is == "retry" || is == "delete") return asked(f), "";
    if (is == "cleared") return dead_.clear(), "";
    if (is == "end") {
        ended_ = true;
        starts_[start_].code = f.raw("code").empty() ? 0 : int(f.integer("code"));
        return {};
    }
    if (is != "begin") return "it is of a kind that this version does not know";
    line::Begin begin = line::Begin::from(f);
    if (!first_) first_ = begin;
    starts_[start_].begin = std::move(begin);
    return {};
}

void History::describe(const Fields& f) {
    const line::Described d = line::Described::from(f);
    if (d.id.start != start_) throw std::invalid_argument("a unit of another start");
    const auto known = find(d.unit.folder);
    const std::size_t unit = known.value_or(units_.size()), before = described(d.id);
    const bool new_id = before == units_.size();
    if (!new_id && before != unit) throw std::invalid_argument("another unit has the id");
    if (!known) {
        units_.emplace_back();
        folders_.emplace(XXH3_64bits(d.unit.folder.data(), d.unit.folder.size()), std::uint32_t(unit));
    }
    Entry& entry = units_[unit];
    entry.described = Packed(kept_of(f));
    entry.id = d.id;
    if (entry.base == State::deleted) entry.base = State::fresh;
    if (!new_id) return;
    if (ids_.empty() || ids_.back().first < d.id.packed())
        ids_.emplace_back(d.id.packed(), std::uint32_t(unit));
    else
        late_ids_.emplace(d.id.packed(), std::uint32_t(unit));
}

std::size_t History::unit_of(const Fields& f) const {
    const std::size_t unit = described(UnitId::from(f.text("unit")));
    if (unit == units_.size()) throw std::out_of_range("no unit");
    return unit;
}

const History::Pending* History::pending(std::size_t unit, const std::string& run) const {
    const auto found = pending_.find(unit);
    if (found == pending_.end()) return nullptr;
    for (const Pending& p : found->second)
        if (p.run == run) return &p;
    return nullptr;
}

/// The attempt has come to an end. Whether the last start had begun it.
bool History::close(std::size_t unit, const std::string& run) {
    const auto found = open_.find(unit);
    if (found == open_.end()) return false;
    const bool was = std::erase_if(found->second, [&](const Open& o) { return o.run == run; }) > 0;
    if (found->second.empty()) open_.erase(found);
    return was;
}

/// Nothing will get its name from these commits: those before one, or that of an attempt.
void History::give_up(std::size_t unit, std::uint64_t before, const std::string& run) {
    const auto found = pending_.find(unit);
    if (found == pending_.end()) return;
    std::erase_if(found->second, [&](const Pending& p) {
        if (p.order >= before && p.run != run) return false;
        dead_.push_back({unit, p.run});
        return true;
    });
    if (found->second.empty()) pending_.erase(found);
}

void History::start(const Fields& f) {
    const line::Start s = line::Start::from(f);
    const std::size_t unit = unit_of(f);
    // A journal says the same twice where its writer did not know whether it had been kept.
    if (pending(unit, s.run) != nullptr) return;
    close(unit, s.run);
    open_[unit].push_back({s.run, s.host});
    Entry& entry = units_[unit];
    if (entry.base == State::failed || entry.base == State::deleted) entry.base = State::fresh;
}

std::string History::made_of(const Fields& f) const {
    Made made(f);
    if (light_) {
        made.content = "null";
        made.products = "[]";
    }
    return made.json();
}

void History::commit(const Fields& f) {
    const std::size_t unit = unit_of(f);
    const std::string run = attempt_of(f);
    check_read(f);
    (void)files_of(f.raw("products"));
    close(unit, run);
    deaths_.erase(unit);
    auto& commits = pending_[unit];
    std::erase_if(commits, [&](const Pending& p) { return p.run == run; });
    commits.push_back({run, made_of(f), commits_++, start_, f.raw("cached") == "true"});
}

std::string History::done(const Fields& f) {
    const std::size_t unit = unit_of(f);
    const std::string run = attempt_of(f);
    close(unit, run);
    Entry& entry = units_[unit];
    const Pending* const committed = pending(unit, run);
    if (committed == nullptr) {
        if (entry.last_done == short_hash(run)) return {};
        forget(entry);  // other products have taken its names
        return "no line commits what it says is done";
    }
    // What two starts have made alike is the first one's.
    Made now(committed->made);
    if (entry.base == State::done)
        if (const Made before(entry.made.view()); before.key == now.key) now.keep_files_of(before);
    entry.made_by = committed->start;
    entry.cached = committed->cached;
    entry.made = Packed(now.json());
    entry.base = State::done;
    entry.failure = Packed();
    entry.attempts = 0;
    entry.last_done = short_hash(run);
    const std::uint64_t order = committed->order;
    auto& commits = pending_.at(unit);
    std::erase_if(commits, [&](const Pending& p) { return p.run == run; });
    give_up(unit, order);
    return {};
}

std::string History::unchanged(const Fields& f) {
    const std::size_t unit = unit_of(f);
    const std::string run = f.text("run").empty() ? "" : attempt_of(f);
    check_read(f);
    close(unit, run);
    deaths_.erase(unit);
    Entry& entry = units_[unit];
    if (entry.made.empty()) return "no line says what it says is unchanged";
    const Made before(entry.made.view());
    const std::string said = made_of(f);
    Made now(said);
    now.keep_files_of(before);
    entry.made = Packed(now.json());
    entry.made_by = start_;
    entry.base = State::done;
    entry.failure = Packed();
    entry.attempts = 0;
    return {};
}

void History::failed(const Fields& f) {
    const line::Failed failure = line::Failed::from(f);
    const std::size_t unit = unit_of(f);
    close(unit, failure.run);
    if (failure.unclean) dead_.push_back({unit, failure.run});
    give_up(unit, 0, failure.run);
    deaths_.erase(unit);
    Entry& entry = units_[unit];
    entry.failure = Packed(tellable(failure.value()).json());
    entry.attempts = failure.attempt;
    entry.base = failure.again ? State::fresh : State::failed;
}

void History::asked(const Fields& f) {
    const line::Asked ask = line::Asked::from(f);
    const std::size_t unit = unit_of(f);
    if (!ask.request.empty()) answered_.insert(ask.request);
    Entry& entry = units_[unit];
    deaths_.erase(unit);
    entry.failure = Packed();
    entry.attempts = 0;
    if (ask.is == "delete") {
        entry.made = Packed();
        entry.base = State::deleted;
        give_up(unit, commits_);
    } else if (entry.base == State::failed) {
        entry.base = State::fresh;
    }
}

}  // namespace flowspan::batch

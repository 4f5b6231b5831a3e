#include "batch/journal/history.hpp"

#include "batch/journal/lines/made.hpp"

#include <flowspan/diagnostic.hpp>

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <exception>

namespace flowspan::batch {
namespace {

std::uint64_t hash_of(std::string_view folder) { return XXH3_64bits(folder.data(), folder.size()); }

}  // namespace

std::string_view name_of(State state) {
    constexpr std::array<std::string_view, 6> names{"new", "running", "committed", "done", "failed", "deleted"};
    return names.at(std::size_t(state));
}

History History::read(const std::string& out, int part, bool alive, bool light) {
    History history;
    history.light_ = light;
    const auto folder = OwnFolder::find(out);
    if (!folder) return history;
    std::uint32_t next = 1;
    for (const JournalName& name : journals_of(*folder, part)) {
        if (name.start != next)
            history.troubles_.add({folder->path_of(JournalName{part, next}.text()), 0, true, "it has been removed"});
        next = name.start + 1;
        history.journal(name.start, [&](const TakeLine& take, Troubles& troubles) {
            read_lines(folder->descriptor(), name.text(), folder->path_of(name.text()), take, troubles);
        });
    }
    if (!alive) history.end();
    return history;
}

void History::journal(std::uint32_t start, const std::function<void(const TakeLine&, Troubles&)>& give) {
    turn(start);
    give([&](std::string_view json) { return add(start, json); }, troubles_);
}

std::string History::add(std::uint32_t start, std::string_view json) {
    try {
        turn(start);
        return take(Fields(json));
    } catch (const std::exception&) { return "it does not say what it must"; }
}

void History::end() {
    count_deaths();
    forget_unsure();
    ended_ = true;
}

State History::state(std::size_t unit) const {
    const Entry& entry = units_.at(unit);
    if (const auto found = pending_.find(unit); found != pending_.end()) {
        // Where another start has made the same, its products are there.
        if (entry.base != State::done || Made(entry.made.view()).key != Made(found->second.back().made).key)
            return State::committed;
    }
    return open_.contains(unit) ? State::running : entry.base;
}

Known History::known(std::size_t unit) const {
    const Entry& entry = units_.at(unit);
    Known k;
    k.unit = line::unit_of(Fields(entry.described.view()));
    k.state = state(unit);
    k.attempts = entry.attempts;
    if (!entry.made.empty()) {
        const Made made(entry.made.view());
        k.run = text_of(made.run);
        k.key = text_of(made.key);
        k.content = told(Value::from_json(made.content));
        k.fingerprint = text_of(made.fingerprint);
        k.products = files_of(made.products);
        k.made_by = entry.made_by;
    }
    if (!entry.failure.empty()) {
        const Fields f(entry.failure.view());
        k.cause = f.text("cause");
        k.host = f.text("host");
        k.code = int(f.integer("code"));
        k.run = f.text("run");
        k.fingerprint = f.text("fingerprint");
    }
    if (k.state == State::running) k.run = open_.at(unit).back().run;
    if (k.state == State::committed) {
        const Pending& p = pending_.at(unit).back();
        k.run = p.run;
        k.fingerprint = text_of(Made(p.made).fingerprint);
    }
    if (const auto found = deaths_.find(unit); found != deaths_.end()) {
        k.deaths = found->second.count;
        k.deaths_alone = found->second.alone;
        k.places = {found->second.hosts.begin(), found->second.hosts.end()};
    }
    return k;
}

std::optional<std::size_t> History::find(std::string_view folder) const {
    const auto [first, last] = folders_.equal_range(hash_of(folder));
    for (auto it = first; it != last; ++it)
        if (Fields(units_[it->second].described.view()).text("unit") == folder) return it->second;
    return std::nullopt;
}

std::size_t History::described(UnitId id) const {
    const auto at = std::lower_bound(ids_.begin(), ids_.end(), std::pair(id.packed(), std::uint32_t{0}));
    if (at != ids_.end() && at->first == id.packed()) return at->second;
    const auto late = late_ids_.find(id.packed());
    return late == late_ids_.end() ? units_.size() : late->second;
}

std::vector<std::size_t> History::suspects() const {
    std::vector<std::size_t> all;
    for (const auto& [unit, deaths] : deaths_) all.push_back(unit);
    return all;
}

std::vector<Committed> History::committed() const {
    std::vector<std::pair<std::uint64_t, Committed>> ordered;
    for (const auto& [unit, commits] : pending_)
        for (const Pending& p : commits) ordered.push_back({p.order, {unit, p.run, files_of(Made(p.made).products)}});
    std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Committed> all;
    for (auto& [order, commit] : ordered) all.push_back(std::move(commit));
    return all;
}

std::vector<Dead> History::dead() const {
    std::vector<Dead> all = dead_;
    for (const auto& [unit, starts] : open_)
        for (const Open& o : starts) all.push_back({unit, o.run});
    // A part of what is committed is no dead one's, whatever else is said of it.
    std::erase_if(all, [&](const Dead& d) { return pending(d.unit, d.run) != nullptr; });
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::map<int, line::Begin> first_begins(const std::string& out, Troubles& troubles) {
    std::map<int, line::Begin> begins;
    const auto folder = OwnFolder::find(out);
    if (!folder) return begins;
    for (const JournalName& name : all_journals(*folder)) {
        const auto known = [&] { return begins.contains(name.part); };
        const auto take = [&](std::string_view json) -> std::string {
            try {
                const Fields f(json);
                if (!known() && f.text("is") == "begin") begins.emplace(name.part, line::Begin::from(f));
                return {};
            } catch (const std::exception&) { return "it does not say what it must"; }
        };
        if (!known()) read_lines(folder->descriptor(), name.text(), folder->path_of(name.text()), take, troubles, known);
    }
    return begins;
}

}  // namespace flowspan::batch

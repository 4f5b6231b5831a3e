#include "batch/keep/retry.hpp"

#include "batch/see/seen.hpp"
#include "core/mistakes/failure_of.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr auto every = std::chrono::seconds(3);
/// Of a file, bytes of names; a request may have 1 MiB.
constexpr std::size_t most_in_one = std::size_t{1} << 18;

/// Several, so that each is small enough.
void put(const std::string& out, int part, const std::vector<std::string>& units) {
    for (std::size_t k = 0; k < units.size();) {
        RetryAsked asked{"", part, std::vector<std::string>()};
        for (std::size_t bytes = 0; k < units.size() && bytes < most_in_one; ++k) {
            bytes += units[k].size();
            asked.units->push_back(units[k]);
        }
        put_request(out, asked.value());
    }
}

std::string tried_when(const SeenPart& seen) {
    if (!seen.holder) return "by the next start";
    return fmt::format("within seconds by process {} on {}", seen.holder->pid, seen.holder->host);
}

/// What a unit is, where it cannot be tried again.
Diagnostic not_failed(const std::string& out, const std::string& unit, State state, bool runs) {
    const bool under_way = state == State::running && runs;
    const std::string is = state == State::done      ? "one that is done"
                           : under_way               ? "one that is being computed"
                           : state == State::deleted ? "one that was deleted"
                                                     : "one that is still to be done";
    return {{},
            "",
            "a unit that has failed",
            fmt::format("{}, {}", unit, is),
            state == State::done ? fmt::format("`flowspan batch delete {} {}` has it made again", out, unit) : "",
            {}};
}

/// The units of one part that are asked for, with what is wrong with them; those are taken out of `wanted`.
std::vector<std::string> of_part(const std::string& out, const SeenPart& seen, std::set<std::string>& wanted,
                                 Diagnostics& wrong) {
    std::vector<std::string> units;
    std::erase_if(wanted, [&](const std::string& name) {
        const auto at = seen.history.find(name);
        if (!at) return false;
        const State state = seen.history.state(*at);
        if (state == State::failed)
            units.push_back(name);
        else
            wrong.push_back(not_failed(out, name, state, seen.holder.has_value()));
        return true;
    });
    return units;
}

std::string plural(std::size_t n) { return fmt::format("{} unit{}", n, n == 1 ? "" : "s"); }

}  // namespace

Value RetryAsked::value() const {
    Value v = Value::Map{{"request", "retry"}, {"part", part}};
    if (units) v["units"] = Value::List(units->begin(), units->end());
    return v;
}

std::optional<RetryAsked> RetryAsked::from(const Request& request) {
    try {
        const Value& v = request.content;
        if (v.at("request").string() != "retry") return std::nullopt;
        RetryAsked asked{request.name, int(v.at("part").integer()), std::nullopt};
        if (const Value* units = v.find("units")) {
            asked.units.emplace();
            for (const Value& unit : units->list()) asked.units->push_back(unit.string());
        }
        return asked;
    } catch (const std::exception&) { return std::nullopt; }
}

std::vector<RetryAsked> retries_asked(const std::string& out, int part, Troubles& troubles) {
    std::vector<RetryAsked> all;
    for (const Request& request : read_requests(out, troubles))
        if (auto asked = RetryAsked::from(request); asked && asked->part == part) all.push_back(std::move(*asked));
    return all;
}

std::vector<std::string> take_retries(const std::string& out, int part, const History& history, Journal& journal,
                                      Troubles& troubles) {
    std::vector<std::string> files;
    for (const RetryAsked& asked : retries_asked(out, part, troubles)) {
        files.push_back(asked.name);
        if (history.has_answered(asked.name)) continue;
        const auto add = [&](std::size_t unit) {
            if (history.state(unit) == State::failed)
                journal.append(line::Asked{"retry", history.id(unit), asked.name}.value());
        };
        if (!asked.units)
            for (std::size_t u = 0; u < history.size(); ++u) add(u);
        else
            for (const std::string& name : *asked.units)
                if (const auto unit = history.find(name)) add(*unit);
    }
    return files;
}

void RetriesWhileRunning::turn(Clock::time_point now, const std::function<void(const RetryAsked&)>& give) {
    if (job_) {
        try {
            if (job_->token != nullptr && !job_->token->ready()) return;
            for (const RetryAsked& asked : *found_)
                if (given_.insert(asked.name).second) give(asked);
        } catch (const std::exception&) {}  // (a network file system that is away for a moment)
        job_.reset();
    }
    if (now - last_ < every) return;
    last_ = now;
    found_ = std::make_shared<std::vector<RetryAsked>>();
    job_ = io_.submit([out = out_, part = part_, found = found_] {
        Troubles ignored;
        *found = retries_asked(out, part, ignored);
    });
}

std::string ask_to_retry(const std::string& out, const std::vector<std::string>& words) {
    std::set<std::string> wanted;
    for (const std::string& word : words) wanted.insert(unit_name(out, word));
    Diagnostics wrong;
    std::map<int, std::pair<std::vector<std::string>, std::string>> of_parts;
    const auto parts = parts_of(out);
    for (const PartOf& part : parts) {
        const SeenPart seen = see(out, part, true);
        auto& [units, then] = of_parts[part.k];
        then = tried_when(seen);
        if (!words.empty())
            units = of_part(out, seen, wanted, wrong);
        else
            for (std::size_t u = 0; u < seen.history.size(); ++u)
                if (seen.history.state(u) == State::failed) units.push_back(seen.history.known(u).unit.folder);
    }
    for (const std::string& name : wanted) {
        const Refused none = no_such_unit(name, [&](const auto& give) {
            for (const PartOf& part : parts) {
                const History history = History::read(out, part.k, true, true);
                for (std::size_t u = 0; u < history.size(); ++u) give(history.known(u).unit.folder);
            }
        });
        wrong.insert(wrong.end(), none.diagnostics().begin(), none.diagnostics().end());
    }
    if (!wrong.empty()) throw Refused(std::move(wrong));
    std::string said;
    for (const auto& [part, asked] : of_parts) {
        const auto& [units, then] = asked;
        if (units.empty()) continue;
        put(out, part, units);
        said += fmt::format("{}{} will be tried again, {}", said.empty() ? "" : "\n", plural(units.size()), then);
    }
    return said.empty() ? "no unit has failed: nothing is asked for" : said;
}

}  // namespace flowspan::batch

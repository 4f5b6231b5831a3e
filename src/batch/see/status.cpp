#include "batch/see/status.hpp"

#include "batch/journal/lines/kinds.hpp"
#include "batch/see/times.hpp"
#include "core/mistakes/sane.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_lines = 20, longest_cause = 2000;

Tally tally_of(const SeenPart& seen, PartStatus& status, std::vector<FailedUnit>* failed) {
    Tally t;
    const bool runs = seen.holder.has_value();
    for (std::size_t u = 0; u < seen.history.size(); ++u) {
        const State state = seen.history.state(u);
        if (state == State::deleted) {
            ++t.deleted;
            continue;
        }
        ++t.units;
        if (state == State::done) ++t.done;
        if (state == State::done && seen.history.cached(u)) ++t.cached;
        if (state == State::failed) ++t.failed;
        const bool running = state == State::running && runs;
        if (running) ++t.running;
        if (state == State::running && !runs) ++status.under_way;
        if (!running && state != State::done && state != State::failed) ++t.left;
        if (state != State::failed || failed == nullptr) continue;
        const Known known = seen.history.known(u);
        failed->push_back({known.unit.folder, known.cause, known.host, known.code, known.attempts});
    }
    return t;
}

Value tally_value(const Tally& t) {
    return Value::Map{{"units", std::int64_t(t.units)},     {"done", std::int64_t(t.done)},
                      {"failed", std::int64_t(t.failed)},   {"left", std::int64_t(t.left)},
                      {"running", std::int64_t(t.running)}, {"deleted", std::int64_t(t.deleted)},
                      {"cached", std::int64_t(t.cached)}};
}

std::string tally_text(const Tally& t) {
    return fmt::format("{} unit{}: {} done{}, {} failed, {} left, {} running{}", t.units, t.units == 1 ? "" : "s", t.done,
                       t.cached == 0 ? "" : fmt::format(" ({} from the cache)", t.cached), t.failed, t.left, t.running,
                       t.deleted == 0 ? "" : fmt::format(", {} deleted", t.deleted));
}

std::string_view life_text(PartStatus::Life life) {
    constexpr std::string_view names[] = {"running", "ended", "died"};
    return names[std::size_t(life)];
}

std::string life_line(const PartStatus& p, double now) {
    const std::string part = p.part.text(), who = part.empty() ? "it" : part;
    if (p.holder) {
        std::string text = fmt::format("{} runs on {} (process {})", who, p.holder->host, p.holder->pid);
        if (p.live) text += fmt::format(" since {}, as of {:.1f} s ago", utc(p.live->begun), std::max(0.0, now - p.live->time));
        return text;
    }
    const std::string start =
        fmt::format("the last start{}, of {} on {},", part.empty() ? "" : " of " + part, utc(p.began), p.host);
    if (p.code) return fmt::format("{} has ended with code {}", start, *p.code);
    return fmt::format("{} died without a word{}; the same command goes on", start,
                       p.under_way == 0 ? "" : fmt::format(", with {} under way", p.under_way));
}

std::string at_work_text(const AtWork& a, double now) {
    return fmt::format("  {}: rank {} ({}){}, {:.1f} s", a.unit, a.rank, a.host,
                       a.fraction < 0 ? "" : fmt::format(", {:.0f} %", 100 * a.fraction), std::max(0.0, now - a.since));
}

PartStatus part_status(const SeenPart& seen, std::vector<FailedUnit>* failed) {
    PartStatus p;
    p.part = seen.part;
    p.holder = seen.holder;
    p.live = seen.live;
    if (!seen.history.starts().empty()) {
        const StartSaid& last = seen.history.starts().rbegin()->second;
        p.code = last.code;
        if (last.begin) {
            p.began = last.begin->time;
            p.host = last.begin->host;
        }
    }
    p.life = seen.holder ? PartStatus::Life::runs : p.code ? PartStatus::Life::ended : PartStatus::Life::died;
    p.tally = tally_of(seen, p, failed);
    return p;
}

}  // namespace

void Tally::add(const Tally& other) {
    units += other.units;
    done += other.done;
    failed += other.failed;
    left += other.left;
    running += other.running;
    deleted += other.deleted;
    cached += other.cached;
}

Status status_of(const std::string& out, bool failed) {
    Status status;
    status.out = out;
    for (const PartOf& part : parts_of(out)) {
        const SeenPart seen = see(out, part, true);
        status.warnings.insert(status.warnings.end(), seen.warnings.begin(), seen.warnings.end());
        status.parts.push_back(part_status(seen, failed ? &status.failed : nullptr));
        status.tally.add(status.parts.back().tally);
    }
    status.now = line::now_s();
    std::sort(status.failed.begin(), status.failed.end(), [](const auto& a, const auto& b) { return a.unit < b.unit; });
    return status;
}

std::optional<double> Status::units_per_s() const {
    std::optional<double> rate;
    for (const PartStatus& p : parts)
        if (p.live && p.live->time > p.live->begun)
            rate = rate.value_or(0) + double(p.live->done) / (p.live->time - p.live->begun);
    return rate;
}

// All parts that run work beside each other: the last one ends the batch.
std::optional<double> Status::seconds_left() const {
    std::optional<double> left;
    for (const PartStatus& p : parts)
        if (p.live && p.live->work_left_s) left = std::max(left.value_or(0), *p.live->work_left_s / std::max(1, p.live->ranks));
    return left;
}

Value Status::value() const {
    Value::List list, running, causes;
    for (const PartStatus& p : parts) {
        Value v = tally_value(p.tally);
        v["part"] = p.part.k;
        v["parts"] = p.part.n;
        v["state"] = std::string(life_text(p.life));
        v["host"] = p.holder ? p.holder->host : p.host;
        if (p.holder) v["pid"] = p.holder->pid;
        if (p.life == PartStatus::Life::ended) v["code"] = *p.code;
        if (p.life == PartStatus::Life::died) v["under_way"] = std::int64_t(p.under_way);
        if (p.live) {
            v["heard_s_ago"] = std::max(0.0, now - p.live->time);
            v["ranks"] = p.live->ranks;
            for (const AtWork& a : p.live->running) {
                Value one =
                    Value::Map{{"unit", a.unit}, {"rank", a.rank}, {"host", a.host}, {"seconds", std::max(0.0, now - a.since)}};
                if (a.fraction >= 0) one["fraction"] = a.fraction;
                running.emplace_back(std::move(one));
            }
        }
        list.emplace_back(std::move(v));
    }
    Value v = tally_value(tally);
    v["out"] = out;
    v["parts"] = list;
    v["running_units"] = running;
    v["units_per_s"] = units_per_s() ? Value(*units_per_s()) : Value();
    v["seconds_left"] = seconds_left() ? Value(*seconds_left()) : Value();
    v["warnings"] = Value::List(warnings.begin(), warnings.end());
    for (const FailedUnit& f : failed)
        causes.emplace_back(
            Value::Map{{"unit", f.unit}, {"cause", f.cause}, {"host", f.host}, {"code", f.code}, {"attempts", f.attempts}});
    v["failed_units"] = causes;
    return v;
}

std::string Status::text() const {
    std::string text = tally_text(tally) + "\n";
    if (tally.units > 0) {
        text += fmt::format("{:.1f} % are over", 100.0 * double(tally.done + tally.failed) / double(tally.units));
        if (const auto rate = units_per_s()) text += fmt::format(", {:.3g} units/s", *rate);
        if (const auto left = seconds_left()) text += fmt::format(", about {:.0f} s left", *left);
        text += "\n";
    }
    for (const PartStatus& p : parts) {
        text += life_line(p, now) + (parts.size() > 1 ? ": " + tally_text(p.tally) : "") + "\n";
        if (!p.live) continue;
        const std::size_t shown = std::min(p.live->running.size(), most_lines);
        for (std::size_t k = 0; k < shown; ++k) text += at_work_text(p.live->running[k], now) + "\n";
        if (const std::size_t more = p.live->running.size() + p.live->left_out - shown; more > 0)
            text += fmt::format("  … and {} more\n", more);
    }
    for (const FailedUnit& f : failed) {
        std::string cause = sane(f.cause, longest_cause);
        std::replace(cause.begin(), cause.end(), '\n', ' ');
        text += fmt::format("{}: {}\n", f.unit, cause);
    }
    return text;
}

}  // namespace flowspan::batch

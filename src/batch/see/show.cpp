#include "batch/see/show.hpp"

#include "batch/journal/files.hpp"
#include "batch/journal/lines/line.hpp"
#include "batch/see/again.hpp"
#include "batch/see/times.hpp"
#include "batch/see/unit_log.hpp"
#include "core/files/text.hpp"
#include "core/mistakes/sane.hpp"
#include "graph/text/document.hpp"
#include "io/publish/digest.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/units.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <set>
#include <span>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t longest_cause = 2000;

/// The attempts of one unit, from the lines of all starts: a look at the bytes of a line passes over those of others.
class Attempts {
public:
    explicit Attempts(const std::string& unit) : named_(fmt::format("\"unit\":{}", Value(unit).json())) {}

    void add(std::uint32_t start, std::string_view json) {
        const bool names = json.find(named_) != std::string_view::npos;
        const bool about = std::any_of(ids_.begin(), ids_.end(),
                                       [&](const std::string& id) { return json.find(id) != std::string_view::npos; });
        if (!names && !about) return;
        const Fields f(json);
        const std::string is = f.text("is");
        if (is == "unit" && names) ids_.insert(fmt::format("\"unit\":\"{}\"", f.text("id")));
        if (is == "unit" || !about) return;
        if (is == "start") return begin(start, line::Start::from(f));
        if (is == "commit" || is == "failed" || is == "done" || is == "unchanged") end(is, f);
    }
    std::vector<Attempt> take() { return std::move(all_); }

private:
    Attempt* find(const std::string& run) {
        const auto found = std::find_if(all_.rbegin(), all_.rend(), [&](const Attempt& a) { return a.run == run; });
        return found == all_.rend() ? nullptr : &*found;
    }
    void begin(std::uint32_t start, const line::Start& s) {
        if (find(s.run) != nullptr) return;
        Attempt& a = all_.emplace_back();
        a.run = s.run;
        a.start = start;
        a.number = s.attempt;
        a.rank = s.rank;
        a.host = s.host;
        a.time = s.time;
    }
    void end(const std::string& is, const Fields& f) {
        Attempt* a = find(f.text("run"));
        if (a == nullptr) return;
        a->outcome = is == "commit" ? "committed" : is;
        if (is == "commit" || is == "failed") a->measured = line::Measured::from(f);
        if (is == "failed") a->cause = f.text("cause");
    }

    std::string named_;
    std::set<std::string> ids_;
    std::vector<Attempt> all_;
};

std::vector<Attempt> attempts_of(const std::string& out, int part, const std::string& unit) {
    Attempts attempts(unit);
    const auto folder = OwnFolder::find(out);
    if (!folder) return {};
    Troubles ignored;  // the history has said them
    for (const JournalName& name : journals_of(*folder, part)) {
        const auto take = [&](std::string_view json) -> std::string {
            try {
                attempts.add(name.start, json);
            } catch (const std::exception&) {}
            return {};
        };
        read_lines(folder->descriptor(), name.text(), folder->path_of(name.text()), take, ignored);
    }
    return attempts.take();
}

/// Of attempts without an end, whatever their batch.
void name_open_ones(Shown& shown, bool runs, std::uint32_t last_start) {
    for (Attempt& a : shown.attempts)
        if (a.outcome.empty()) a.outcome = runs && a.start == last_start ? "running" : "the batch died, or dropped it";
}

/// Where the graph reads otherwise than then, the line repeats something else.
std::string graph_note(const line::Begin& begin, const Unit& unit) {
    std::string file = unit.graph.empty() ? begin.graph : unit.graph;
    if (file.starts_with('(')) return "the graph came through a pipe: give it in place of " + file;
    if (!file.starts_with('/')) file = begin.folder + "/" + file;
    for (const line::GraphUsed& g : begin.graphs) {
        if (g.name != unit.graph) continue;
        try {
            io::Xxh128 hash;
            const std::string text = read_text(file, graph::most_bytes);
            hash.add(std::as_bytes(std::span(text)));
            if (hash.finish() != g.hash) return file + " has another text now";
        } catch (const std::exception&) { return file + " cannot be read here"; }
    }
    return {};
}

void add_again(Shown& shown, const History& history, std::uint32_t made_by) {
    const auto& starts = history.starts();
    auto start = starts.find(made_by);
    if (start == starts.end() && !shown.attempts.empty()) start = starts.find(shown.attempts.back().start);
    if (start == starts.end() && !starts.empty()) start = std::prev(starts.end());
    if (start == starts.end() || !start->second.begin)
        return void(shown.again_note = "the journal does not say how it was started");
    shown.again = run_again(*start->second.begin, shown.unit);
    shown.again_note = shown.again ? graph_note(*start->second.begin, shown.unit)
                                   : "the flowspan that made it did not keep how it was started";
}

void add_log(Shown& shown, const std::string& out) {
    for (auto a = shown.attempts.rbegin(); a != shown.attempts.rend() && shown.log.empty(); ++a) {
        shown.log = read_log(out, log_name(shown.part.k, a->start, a->rank), a->run);
        shown.log_run = a->run;
    }
}

std::string attempt_text(const Attempt& a) {
    std::string text =
        fmt::format("  {} {} attempt {} on rank {} ({}): {}", a.run, utc(a.time), a.number, a.rank, a.host, a.outcome);
    if (a.measured.seconds > 0)
        text += fmt::format(" in {:.2f} s, {:.2f} CPU-seconds, {:.0f} MiB of memory at most", a.measured.seconds,
                            a.measured.cpu_s, double(a.measured.peak_bytes) / 0x1p20);
    if (a.cause.empty()) return text;
    std::string cause = sane(a.cause, longest_cause);
    std::replace(cause.begin(), cause.end(), '\n', ' ');
    return text + ": " + cause;
}

}  // namespace

Shown show(const std::string& out, const std::string& word) {
    const std::string name = unit_name(out, word);
    const auto parts = parts_of(out);
    std::vector<std::string> warnings;
    for (const PartOf& part : parts) {
        const SeenPart seen = see(out, part);
        const auto at = seen.history.find(name);
        if (!at) continue;
        Shown shown;
        const Known known = seen.history.known(*at);
        shown.unit = known.unit;
        shown.state = known.state == State::running && !seen.holder ? State::fresh : known.state;
        shown.part = part;
        shown.products = known.products;
        shown.warnings = seen.warnings;
        shown.attempts = attempts_of(out, part.k, name);
        name_open_ones(shown, seen.holder.has_value(),
                       seen.history.starts().empty() ? 0 : seen.history.starts().rbegin()->first);
        if (seen.live)
            for (const AtWork& a : seen.live->running)
                if (a.unit == name) shown.now = a;
        add_log(shown, out);
        add_again(shown, seen.history, known.made_by);
        return shown;
    }
    throw no_such_unit(name, [&](const auto& give) {
        for (const PartOf& part : parts) {
            const History history = History::read(out, part.k, true, true);
            for (std::size_t u = 0; u < history.size(); ++u) give(history.known(u).unit.folder);
        }
    });
}

std::string Shown::text(const std::string& out) const {
    std::string text = fmt::format("{}: {}", unit.folder, state == State::fresh ? "to be done" : name_of(state));
    if (!part.text().empty()) text += ", of " + part.text();
    if (now && now->fraction >= 0) text += fmt::format(", {:.0f} %", 100 * now->fraction);
    text += fmt::format("\nrecording: {}\n", sane(unit.recording, longest_cause));
    if (!products.empty()) text += "products:\n";
    for (const MadeFile& p : products)
        text += fmt::format("  {}/{}/{}: {} bytes\n", out, unit.folder, sane(p.name, longest_cause), p.bytes);
    text += attempts.empty() ? "attempts: none\n" : "attempts:\n";
    for (const Attempt& a : attempts) text += attempt_text(a) + "\n";
    if (!log.empty()) text += fmt::format("log of {}:\n", log_run);
    for (const std::string& line : log) text += "  " + log_text(line) + "\n";
    text += again ? fmt::format("by itself{}:\n  {}\n", again_note.empty() ? "" : fmt::format(" ({})", again_note), *again)
                  : fmt::format("by itself: {}\n", again_note);
    return text;
}

}  // namespace flowspan::batch

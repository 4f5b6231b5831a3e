#include "batch/opening/opening.hpp"

#include "batch/journal/roll.hpp"
#include "batch/keep/hold.hpp"
#include "batch/keep/retry.hpp"
#include "batch/offer/offers.hpp"
#include "batch/opening/fingerprints.hpp"
#include "batch/opening/pins.hpp"
#include "batch/opening/planner.hpp"
#include "batch/work/compute.hpp"
#include "core/files/text.hpp"
#include "core/numbers/quantity.hpp"
#include "core/process/alive.hpp"
#include "io/claim/folder.hpp"
#include "io/claim/process.hpp"
#include "run/plan/memory.hpp"
#include "run/plan/planning.hpp"
#include "run/start/examine.hpp"
#include "run/start/startup.hpp"

#include <flowspan/version.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

void refuse(Diagnostics& found) {
    if (!found.empty()) throw Refused(std::move(found));
}

/// How many ranks a unit of this graph needs. Throws Refused where there are not so many.
int team_for(const BatchRequest& request, const runtime::Flowgraph& graph) {
    if (!request.team.empty() && request.team != "graph") return 1;
    if (request.team == "graph") {
        const int wanted = run::ranks_wanted(graph.spec().assignment);
        if (wanted > request.ranks)
            throw Refused(Diagnostic{{},
                                     "--team",
                                     fmt::format("{} ranks, which the graph names", wanted),
                                     fmt::format("{}", request.ranks),
                                     "give -n, or another --team",
                                     {}});
        return wanted;
    }
    const std::uint64_t most = request.job.memory_limit;
    if (most == 0) return 1;
    for (int team = 1; team <= request.ranks; ++team) {
        const partition::Plan plan = run::make_plan(graph, {.ranks = team});
        bool fits = true;
        for (int r = 0; r < team && fits; ++r) fits = run::bytes_of(plan, graph, r) <= most;
        if (fits) return team;
    }
    return 1;  // each unit says what is too large
}

class Opening {
public:
    Opening(const Registry& registry, BatchRequest request, bool dry, Opened& opened)
        : registry_(registry), request_(std::move(request)), dry_(dry), o_(opened) {}

    void run() {
        look_at_earlier();
        list();
        o_.graphs = graphs_of(o_.units, true);
        if (const auto team = team_asked_for()) o_.team = *team;
        for (auto& [name, graph] : o_.graphs) check_graph(name, graph, o_.units);
        if (o_.team > 1 && request_.team.empty())
            o_.notes.push_back(fmt::format("teams of {} ranks, so that a unit keeps to --memory", o_.team));
        if (!dry_) {
            lock();
            roll();
        }
        auto known = std::make_unique<History>(History::read(request_.out, o_.part, !dry_));
        const History& history = *known;
        tell(history.troubles());
        if (history.lacks_a_journal())
            throw Failure(ExitCode::file, fmt::format("{}/.flowspan: a whole journal cannot be read; what it says of units is "
                                                      "needed: bring it back, or give another --out",
                                                      request_.out));
        const line::Begin now = begin();
        Planner planner(request_, history, now, o_);
        for (const Unit& unit : o_.units) planner.plan(unit);
        if (o_.journal != nullptr) o_.journal->write();
        if (request_.takes_more) o_.history = std::move(known);
        o_.pinned = request_.units;
        o_.pinned.root.clear();
        o_.pinned.pinned_root = root_;
    }

    /// Units for a batch that runs.
    Added add(const MoreUnits& more) {
        Added added;
        std::vector<Unit> fresh = listed(more, added);
        std::map<std::string, GraphText> graphs = graphs_of(fresh, false);
        std::set<std::string> names;
        for (const Unit& unit : fresh) names.insert(unit.graph);
        for (const std::string& name : names)
            check_graph(name, graphs.contains(name) ? graphs.at(name) : o_.graphs.at(name), fresh);
        refuse_late_exclusive(graphs);
        o_.graphs.merge(graphs);
        const line::Begin now = begin();
        Planner planner(request_, *o_.history, now, o_);
        for (Unit& unit : fresh) {
            o_.folders.emplace(unit.folder, o_.units.size());
            planner.plan(unit);
            added.before += o_.plans.back().what == UnitPlan::What::nothing ? 1 : 0;
            o_.units.push_back(std::move(unit));
        }
        o_.journal->write();
        added.units = fresh.size();
        return added;
    }

private:
    /// What the first start has pinned.
    void look_at_earlier() {
        Diagnostics found;
        if (!request_.part.empty())
            if (const auto part = read_part(request_.part, found)) request_.units.part = *part;
        refuse(found);
        o_.part = request_.part.empty() ? 0 : request_.units.part.k;
        const int parts = request_.part.empty() ? 0 : request_.units.part.n;
        Troubles troubles;
        for (const auto& [k, begin] : first_begins(request_.out, troubles)) {
            if (begin.parts != parts)
                throw Refused(Diagnostic{{},
                                         "--part",
                                         begin.parts == 0 ? "none, as this folder was begun without parts"
                                                          : fmt::format("K/{}, as this folder was begun", begin.parts),
                                         request_.part.empty() ? "none" : request_.part,
                                         "give another --out for another division",
                                         {}});
            request_.units.pinned_root = begin.root;
        }
        tell(troubles);
        const Pins pins = pins_of(request_.out);
        if (!pins.fingerprint.empty() && pins.fingerprint != request_.fingerprint)
            o_.warnings.push_back(fmt::format(
                "other libraries, or another processor, than at the first start of this folder: numbers come out otherwise "
                "(fingerprint {}, there {}); products that were made with another one are made again",
                request_.fingerprint, pins.fingerprint));
    }
    void tell(const Troubles& troubles) {
        for (const Trouble& t : troubles.first) o_.warnings.push_back(t.text());
        if (troubles.count > troubles.first.size())
            o_.warnings.push_back(fmt::format("… and {} more places in journals", troubles.count - troubles.first.size()));
    }
    void list() {
        Diagnostics found;
        for (const auto& o : request_.job.read.overrides) request_.units.set.push_back(o.key);
        if (!dry_) io::make_folder(request_.out);
        if (io::is_there(request_.out) && ::access(request_.out.c_str(), W_OK) == 0)
            request_.units.naming.folds = folds_case(request_.out);
        Listed listed = list_units(request_.units, found);
        refuse(found);
        if (listed.units.empty() && !request_.serves)
            throw Refused(
                Diagnostic{{}, "RECORDING", "at least one recording", "none", "give files, folders, patterns or @LIST", {}});
        if (listed.root.empty())
            throw Refused(
                Diagnostic{{}, "--root", "a folder below which recordings will lie", "none", "no recording is named", {}});
        root_ = listed.root;
        o_.units = std::move(listed.units);
        o_.notes.insert(o_.notes.end(), listed.notes.begin(), listed.notes.end());
    }
    /// Those that are new among these.
    std::vector<Unit> listed(const MoreUnits& more, Added& added) {
        UnitsRequest asked = o_.pinned;
        asked.words = more.units.words;
        asked.sweeps = more.units.sweeps;
        asked.list = more.units.list;
        asked.from = more.units.from;
        asked.duration = more.units.duration;
        asked.other_graph = more.graph;
        Diagnostics found;
        Listed all = list_units(asked, found);
        refuse(found);
        if (all.units.empty())
            throw Refused(
                Diagnostic{{}, "RECORDING", "at least one recording", "none", "give files, folders, patterns or @LIST", {}});
        added.notes = std::move(all.notes);
        if (o_.folders.empty())
            for (std::size_t u = 0; u < o_.units.size(); ++u) o_.folders.emplace(o_.units[u].folder, u);
        std::vector<Unit> fresh;
        for (Unit& unit : all.units) {
            if (const auto known = o_.folders.find(unit.folder); known != o_.folders.end())
                added.known.push_back(known->second);
            else
                fresh.push_back(std::move(unit));
        }
        return fresh;
    }
    /// The graphs of units that are not there yet, and that of the batch.
    std::map<std::string, GraphText> graphs_of(const std::vector<Unit>& units, bool own) const {
        std::set<std::string> names;
        if (own) names.insert("");
        for (const Unit& unit : units) names.insert(unit.graph);
        std::map<std::string, GraphText> graphs;
        for (const std::string& name : names) {
            if (o_.graphs.contains(name)) continue;
            GraphText graph{request_.job.graph_file, request_.job.graph_text, "", ""};
            if (!name.empty()) {
                graph.file = name;
                graph.text = read_text(name, graph::most_bytes);
            }
            graph.input = input_of(registry_, request_, graph);
            for (const auto& o : request_.job.read.overrides)
                if (o.key == graph.input)
                    throw Refused(Diagnostic{{},
                                             "--set",
                                             "no parameter that recordings go to",
                                             o.key + "=" + o.value,
                                             "name recordings, or another --input",
                                             {}});
            graph.seen = seen_of(registry_, request_.job.read.overrides, graph);
            graph.fingerprint = common_fingerprint(registry_, request_, graph);
            graphs[name] = std::move(graph);
        }
        return graphs;
    }
    /// A few units, with different recordings and values where there are some. What is wrong with one alone is its own affair.
    void check_graph(const std::string& name, GraphText& graph, const std::vector<Unit>& units) {
        constexpr std::size_t tries = 3;
        std::vector<const Unit*> of_graph;
        for (const Unit& unit : units)
            if (unit.graph == name) of_graph.push_back(&unit);
        std::optional<Refused> first;
        for (std::size_t k = 0; k < std::min(tries, of_graph.size()); ++k) {
            const Unit& unit =
                *of_graph[k * (of_graph.size() - 1) / std::max<std::size_t>(1, std::min(tries, of_graph.size()) - 1)];
            try {
                return look_at_graph(graph, unit);
            } catch (const Refused& refused) {
                if (refused.code() == ExitCode::file) return;
                if (!first) first = refused;
            }
        }
        if (first) throw *first;
    }
    /// Devices have been shared out before the first unit, or not at all.
    void refuse_late_exclusive(const std::map<std::string, GraphText>& graphs) const {
        if (o_.shares_devices) return;
        for (const auto& [name, graph] : graphs)
            for (const graph::Need& need : graph.needs)
                if (need.kind == graph::Need::Kind::exclusive)
                    throw Refused(Diagnostic{need.at,
                                             need.key,
                                             "a batch in which a graph of the start asks for it",
                                             "exclusive: " + need.text,
                                             "devices are given to ranks before the first unit",
                                             {}});
    }
    void look_at_graph(GraphText& graph, const Unit& unit) {
        run::JobRequest job = request_.job;
        job.graph_file = graph.file;
        job.graph_text = graph.text;
        job.read.overrides = overrides_of(request_, graph, unit);
        job.seen = with_variables(graph.seen, job.read.overrides);
        job.read.ranks_fold = job.read.ranks_fold || request_.team != "graph";
        job.from = unit.from;
        job.duration = unit.duration;
        job.out = request_.out + "/" + unit.folder;
        job.overwrite = true;
        const run::Examined examined = run::examine(registry_, job);
        check_products(*examined.graph, job.out);
        graph.needs = needs_of(examined.graph->spec().assignment);
        graph.wants_devices = partition::wants_devices(examined.graph->described());
        graph.wants_transforms = partition::wants_transforms(examined.graph->described());
        if (const auto need = need_of_device(examined.graph->described())) graph.needs.push_back(*need);
        o_.team = std::max(o_.team, team_for(request_, *examined.graph));
        std::error_code ignored;
        if (fs::is_regular_file(job.out, ignored))
            throw Refused(Diagnostic{{},
                                     "--out",
                                     "a folder in which recordings do not lie",
                                     request_.out,
                                     fmt::format("{} would be the folder of a unit", job.out),
                                     {}});
    }
    /// Of `--team N`. Throws Refused.
    std::optional<int> team_asked_for() const {
        if (request_.team.empty() || request_.team == "graph") return std::nullopt;
        const auto size = parse_integer(request_.team);
        if (!size || *size < 1 || *size > request_.ranks)
            throw Refused(Diagnostic{{},
                                     "--team",
                                     fmt::format("`graph`, or 1 to {} ranks, which are there", request_.ranks),
                                     request_.team,
                                     "",
                                     {}});
        return int(*size);
    }
    void lock() {
        o_.run = run::new_run_id();
        const auto begun = std::chrono::steady_clock::now();
        while (o_.locks == nullptr) {
            try {
                o_.locks = lock_parts(request_.out, {o_.part}, o_.run);
            } catch (const Refused&) {
                const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begun;
                if (waited.count() >= request_.wait_s) throw;
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
                still_here();
            }
        }
    }
    /// What earlier starts have begun is ended.
    void roll() {
        History history = History::read(request_.out, o_.part);
        const Rolled rolled = roll_forward(request_.out, history);
        o_.notes.insert(o_.notes.end(), rolled.did.begin(), rolled.did.end());
        o_.warnings.insert(o_.warnings.end(), rolled.cannot.begin(), rolled.cannot.end());
        o_.journal = std::make_unique<Journal>(request_.out, o_.part);
        o_.journal->append(begin().value());
        append(*o_.journal, history, rolled);
        Troubles troubles;
        const auto answered = take_retries(request_.out, o_.part, history, *o_.journal, troubles);
        tell(troubles);
        o_.journal->sync();
        remove_requests(request_.out, answered);
        must_have_pinned();
    }
    /// Another start may have been the first meanwhile.
    void must_have_pinned() const {
        const Pins pins = pins_of(request_.out);
        if (pins.level == request_.job.isa && pins.fft == request_.job.fft) return;
        throw Refused(
            Diagnostic{{},
                       "--out",
                       fmt::format("a folder that computes by --isa {} --fft {}", request_.job.isa, request_.job.fft),
                       fmt::format("one that another start has pinned to --isa {} --fft {} meanwhile", pins.level, pins.fft),
                       "start it again",
                       {}});
    }
    line::Begin begin() const {
        line::Begin begin;
        begin.run = o_.run;
        begin.flowspan = version;
        const io::Process own = io::Process::own();
        begin.host = own.host;
        begin.pid = own.pid;
        begin.time = line::now_s();
        begin.command = request_.command;
        begin.root = root_;
        begin.part = o_.part;
        begin.parts = request_.part.empty() ? 0 : request_.units.part.n;
        begin.graph = request_.job.graph_file;
        begin.graph_hash = hash_of(request_.job.graph_text);
        begin.level = request_.job.isa;
        begin.fingerprint = request_.fingerprint;
        begin.plugins = request_.plugins;
        begin.folder = fs::current_path().string();
        for (const auto& o : request_.job.read.overrides) begin.set.push_back(o.key + "=" + o.value);
        begin.isa = request_.job.isa;
        begin.fft = request_.job.fft;
        begin.plugin_files = request_.plugin_files;
        for (const auto& [name, graph] : o_.graphs) begin.graphs.push_back({name, graph.input, hash_of(graph.text)});
        return begin;
    }
    const Registry& registry_;
    BatchRequest request_;
    bool dry_;
    Opened& o_;
    std::string root_;
};

}  // namespace

std::vector<graph::Override> overrides_of(const BatchRequest& request, const GraphText& graph, const Unit& unit) {
    std::vector<graph::Override> all = request.job.read.overrides;
    for (const auto& [name, value] : unit.parameters) all.push_back({name, value, ""});
    all.push_back({graph.input, unit.recording, ""});
    return all;
}

Opened open_batch(const Registry& registry, BatchRequest request, bool dry) {
    Opened opened;
    Opening(registry, std::move(request), dry, opened).run();
    return opened;
}

Added add_units(const Registry& registry, const BatchRequest& request, const MoreUnits& more, Opened& opened) {
    return Opening(registry, request, false, opened).add(more);
}

}  // namespace flowspan::batch

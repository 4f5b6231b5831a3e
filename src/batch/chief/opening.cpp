#include "batch/chief/opening.hpp"

#include "batch/journal/roll.hpp"
#include "batch/work/compute.hpp"
#include "batch/work/content.hpp"
#include "core/files/text.hpp"
#include "io/claim/folder.hpp"
#include "io/claim/process.hpp"
#include "io/publish/digest.hpp"
#include "io/record/recover.hpp"
#include "run/start/examine.hpp"
#include "run/start/outside.hpp"
#include "run/start/startup.hpp"

#include <flowspan/kernels.hpp>
#include <flowspan/version.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

std::string hash_of(const std::string& text) {
    io::Xxh128 hash;
    hash.add(std::as_bytes(std::span(text)));
    return hash.finish();
}

void refuse(Diagnostics& found) {
    if (!found.empty()) throw Refused(std::move(found));
}

/// "recording", where the graph has such a parameter, else that of its only file_source.
std::string input_of(const Registry& registry, const BatchRequest& request, const GraphText& graph) {
    run::RememberedOutside outside(registry);
    const auto declared = graph::declared_parameters(graph.text, graph.file, outside);
    const auto has = [&](const std::string& name) {
        return std::any_of(declared.begin(), declared.end(), [&](const auto& p) { return p.name == name; });
    };
    if (!request.input.empty()) return request.input;
    if (has("recording")) return "recording";
    graph::ReadOptions read = request.job.read;
    read.outside = std::make_shared<run::RememberedOutside>(registry);
    const runtime::Flowgraph flowgraph(registry, graph.text, graph.file, read);
    std::vector<std::string> sources;
    for (const auto& block : flowgraph.spec().blocks)
        if (block.type == "file_source") sources.push_back(block.name);
    if (sources.size() == 1) return sources.front() + ".path";
    throw Refused(
        Diagnostic{{},
                   "--input",
                   "the parameter that a recording goes to",
                   sources.empty() ? "a graph that reads none" : fmt::format("a graph with {} sources", sources.size()),
                   "declare a graph parameter `recording`, or name one with --input",
                   {}});
}

/// The same for all units: what products follow from beside parameters and recordings.
std::string common_fingerprint(const Registry& registry, const BatchRequest& request, const GraphText& graph) {
    run::RememberedOutside outside(registry);
    (void)graph::declared_parameters(graph.text, graph.file, outside);  // looks at what it includes
    const Value seen = outside.value();
    std::string text = fmt::format("{} {} {}\n{}\n{}\n{}\n", version, request.job.isa, request.job.fft, graph.text,
                                   seen.at("texts").json(), seen.at("variables").json());
    const fs::path file(graph.file);  // relative paths begin there
    text += io::canonical_folder(file.has_parent_path() ? file.parent_path().string() : ".") + "\n";
    for (const auto& o : request.job.read.overrides) text += fmt::format("{}={}\n", o.key, o.value);
    for (const std::string& plugin : request.plugins) text += plugin + "\n";
    return hash_of(text);
}

std::string fingerprint_of(const std::string& common, const Unit& unit) { return hash_of(common + unit.value().json()); }

/// The header, where there is one, and then what holds the samples.
std::vector<std::string> files_of(const Unit& unit) {
    const std::string& path = unit.recording;
    if (!path.ends_with(".sigmf-meta")) return {path};
    return {path, path.substr(0, path.size() - 4) + "data"};
}

/// Bytes that a unit will read, as a number to compare with others.
double cost_of(const Unit& unit) {
    const auto files = files_of(unit);
    for (auto path = files.rbegin(); path != files.rend(); ++path)
        if (const auto facts = FileFacts::of(*path)) return double(facts->size);
    return 1;
}

/// What the system says of a unit's files: whether something that was wrong may have been mended.
std::string facts_of(const Unit& unit) {
    std::string text;
    for (const std::string& path : files_of(unit)) {
        const auto f = FileFacts::of(path);
        text += f ? fmt::format("{} {} {} {} {}\n", f->device, f->inode, f->size, f->mtime_ns, f->ctime_ns) : "none\n";
    }
    return text;
}

bool all_there(const std::string& folder, const std::vector<MadeFile>& products) {
    return std::all_of(products.begin(), products.end(), [&](const MadeFile& product) {
        struct stat s {};
        return ::lstat((folder + "/" + product.name).c_str(), &s) == 0 && std::uint64_t(s.st_size) == product.bytes;
    });
}

class Opening {
public:
    Opening(const Registry& registry, BatchRequest request, bool dry)
        : registry_(registry), request_(std::move(request)), dry_(dry) {}

    Opened run() {
        look_at_earlier();
        list();
        read_graphs();
        for (const auto& [name, graph] : o_.graphs) check_graph(name, graph);
        if (!dry_) {
            lock();
            roll();
        }
        History history = History::read(request_.out, o_.part, !dry_);
        tell(history.troubles());
        if (history.lacks_a_journal())
            throw Failure(ExitCode::file, fmt::format("{}/.flowspan: a whole journal cannot be read; what it says of units is "
                                                      "needed: bring it back, or give another --out",
                                                      request_.out));
        plan(history);
        return std::move(o_);
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
        if (listed.units.empty())
            throw Refused(
                Diagnostic{{}, "RECORDING", "at least one recording", "none", "give files, folders, patterns or @LIST", {}});
        root_ = listed.root;
        o_.units = std::move(listed.units);
        o_.notes.insert(o_.notes.end(), listed.notes.begin(), listed.notes.end());
    }
    void read_graphs() {
        std::set<std::string> names{""};
        for (const Unit& unit : o_.units) names.insert(unit.graph);
        for (const std::string& name : names) {
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
            graph.fingerprint = common_fingerprint(registry_, request_, graph);
            o_.graphs[name] = std::move(graph);
        }
    }
    /// A few units, with different recordings and values where there are some. What is wrong with one alone is its own affair.
    void check_graph(const std::string& name, const GraphText& graph) {
        constexpr std::size_t tries = 3;
        std::vector<const Unit*> of_graph;
        for (const Unit& unit : o_.units)
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
    void look_at_graph(const GraphText& graph, const Unit& unit) {
        run::JobRequest job = request_.job;
        job.graph_file = graph.file;
        job.graph_text = graph.text;
        job.read.overrides = overrides_of(request_, graph, unit);
        job.from = unit.from;
        job.duration = unit.duration;
        job.out = request_.out + "/" + unit.folder;
        job.overwrite = true;
        const run::Examined examined = run::examine(registry_, job);
        check_products(*examined.graph, job.out);
        std::error_code ignored;
        if (fs::is_regular_file(job.out, ignored))
            throw Refused(Diagnostic{{},
                                     "--out",
                                     "a folder in which recordings do not lie",
                                     request_.out,
                                     fmt::format("{} would be the folder of a unit", job.out),
                                     {}});
    }
    void lock() {
        const std::string folder = request_.out + "/.flowspan";
        io::make_folder(folder);
        io::Claims claims;
        io::Claim& claim = claims[io::canonical_folder(folder)];
        claim.folder = folder;
        claim.elsewhere = false;
        claim.names.add(fmt::format("batch-{}", o_.part));
        o_.run = run::new_run_id();
        try {
            o_.locks = std::make_unique<io::RunLocks>(o_.run, claims);
            io::recover(*o_.locks, claims);  // locks of starts that were killed go
        } catch (const Refused& refused) {
            Diagnostics all = refused.diagnostics();
            for (Diagnostic& d : all) {
                d.expected = "a folder that no other batch works on";
                d.hint = "wait for that batch, or give another --out";
            }
            throw Refused(std::move(all));
        }
    }
    /// What earlier starts have begun is ended.
    void roll() {
        History history = History::read(request_.out, o_.part);
        const Rolled rolled = roll_forward(request_.out, history);
        o_.notes.insert(o_.notes.end(), rolled.did.begin(), rolled.did.end());
        o_.warnings.insert(o_.warnings.end(), rolled.cannot.begin(), rolled.cannot.end());
        o_.journal = std::make_unique<Journal>(request_.out, o_.part);
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
        begin.level = kernels::isa();
        begin.plugins = request_.plugins;
        o_.journal->append(begin.value());
        append(*o_.journal, history, rolled);
        o_.journal->sync();
    }
    void plan(const History& history) {
        std::vector<std::size_t> suspects = history.suspects();
        std::sort(suspects.begin(), suspects.end());
        for (const Unit& unit : o_.units) {
            UnitPlan& plan = o_.plans.emplace_back();
            plan.fingerprint = fingerprint_of(o_.graphs.at(unit.graph).fingerprint, unit);
            plan.fingerprint_if_wrong = hash_of(plan.fingerprint + facts_of(unit));
            const auto at = history.find(unit.folder);
            if (at) {
                plan.id = history.id(*at);
                look_at(history.known(*at), request_.out + "/" + unit.folder, plan);
                plan.suspect = std::binary_search(suspects.begin(), suspects.end(), *at);
                if (plan.suspect && plan.deaths >= request_.attempts) {
                    plan.what = UnitPlan::What::given_up;
                    plan.cause = fmt::format("the batch has died {} times while it was computed alone, on {}", plan.deaths,
                                             fmt::join(history.known(*at).places, ", "));
                }
            } else if (o_.journal != nullptr) {
                plan.id = o_.journal->append(unit);
            }
            if (plan.what == UnitPlan::What::run) plan.cost = cost_of(unit);
        }
        if (o_.journal != nullptr) o_.journal->write();
    }
    static void look_at(const Known& known, const std::string& folder, UnitPlan& plan) {
        const Content content = Content::from(known.content);
        const bool same = known.fingerprint == plan.fingerprint;
        const bool there = !known.key.empty() && all_there(folder, known.products);
        if (there) {
            plan.known_key = known.key;
            plan.known_content = known.content;
        }
        if (known.state == State::done && same && there && content.still_holds()) plan.what = UnitPlan::What::nothing;
        plan.deaths = known.deaths_alone;
        plan.why = known.state == State::running ? "it was under way when the last start ended"
                   : known.key.empty()           ? known.attempts > 0 ? "failed before: " + known.cause : "not done yet"
                   : !same                       ? "graph, parameters or versions have changed"
                   : !there                      ? "a product is missing"
                   : !content.still_holds()      ? "what it reads may have changed"
                                                 : "asked for again";
        if (known.state == State::failed && known.fingerprint == plan.fingerprint_if_wrong) {  // wrong input, as it was
            plan.what = UnitPlan::What::given_up;
            plan.cause = known.cause;
        }
    }

    const Registry& registry_;
    BatchRequest request_;
    bool dry_;
    Opened o_;
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
    return Opening(registry, std::move(request), dry).run();
}

}  // namespace flowspan::batch

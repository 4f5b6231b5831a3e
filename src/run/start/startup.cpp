#include "run/start/startup.hpp"

#include "core/quantity.hpp"
#include "io/recording/recording_reader.hpp"
#include "run/client/service.hpp"
#include "run/star/together.hpp"
#include "run/start/node.hpp"
#include "run/start/outside.hpp"

#include <flowspan/kernels.hpp>
#include <flowspan/version.hpp>

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;

std::string new_run_id() {
    std::random_device random;
    return fmt::format("{:08x}{:04x}", random(), random() & 0xffffU);
}

Facts read_facts(const std::vector<std::string>& paths, const runtime::Flowgraph& graph) {
    Facts facts;
    Diagnostics found;
    for (const std::string& path : paths) {
        try {
            facts.add(io::read_recording(path));
        } catch (const Refused& e) {
            found.insert(found.end(), e.diagnostics().begin(), e.diagnostics().end());
        } catch (const Failure& e) {
            // The parameter that named the file is where a person will look.
            Diagnostic d = unreadable(e);
            for (int b = 0; b < graph.size(); ++b) {
                for (const ParameterBase* p : graph.block(b).parameters()) {
                    if (p->declaration().kind != ParameterKind::input_path || !p->given() || p->value().string() != path)
                        continue;
                    d.at = p->position();
                    d.key = fmt::format("blocks.{}.{}", graph.block(b).name(), p->name());
                    const auto& settings = graph.spec().blocks[std::size_t(b)].settings;
                    if (const auto given = settings.find(p->name()); given != settings.end()) d.context = given->second.context;
                }
            }
            found.push_back(std::move(d));
        }
    }
    if (!found.empty()) throw Refused(std::move(found), ExitCode::file);
    return facts;
}

/// `--duration` for a source that makes its samples: its `length`, from samples or from a time and its rate.
std::string length_for(const Block& block, const std::string& duration) {
    if (parse_integer(duration)) return duration;
    const ParameterBase* rate = block.parameter("sample_rate");
    const auto seconds = read_quantity(duration, second);
    if (!seconds || rate == nullptr || !rate->given()) {
        throw Refused(Diagnostic{{},
                                 "--duration",
                                 fmt::format("samples, or a time that {} can count by its sample rate", block.name()),
                                 duration,
                                 "",
                                 {}});
    }
    return fmt::format("{}", std::llround(*seconds * rate->value().real()));
}

/// `--from` and `--duration` are overrides of every source.
void add_range_overrides(JobRequest& request, const runtime::Flowgraph& graph) {
    for (int b = 0; b < graph.size(); ++b) {
        const Block& block = graph.block(b);
        if (!block.inputs().empty() || block.outputs().empty()) continue;
        const bool reads = block.parameter("from") != nullptr;
        if (!request.from.empty()) {
            if (!reads)
                throw Refused(Diagnostic{{},
                                         "--from",
                                         "sources that read recordings",
                                         fmt::format("{}, which makes its samples", block.name()),
                                         "",
                                         {}});
            request.read.overrides.push_back({block.name() + ".from", request.from, "--from " + request.from});
        }
        if (request.duration.empty()) continue;
        if (reads)
            request.read.overrides.push_back({block.name() + ".duration", request.duration, "--duration " + request.duration});
        else if (block.parameter("length") != nullptr)
            request.read.overrides.push_back(
                {block.name() + ".length", length_for(block, request.duration), "--duration " + request.duration});
    }
    request.from.clear();
    request.duration.clear();
}

std::map<std::string, Value> placeholders(const std::vector<std::string>& recordings) {
    std::map<std::string, Value> values;
    if (!recordings.empty()) {
        std::string stem = fs::path(recordings[0]).filename().string();
        stem = stem.substr(0, stem.find_last_of('.'));
        values["recording"] = stem;
    }
    return values;
}

/// Mistakes in groups say where the groups are used.
void describe(runtime::Flowgraph& graph, const runtime::DescribeOptions& options) {
    try {
        graph.describe(options);
    } catch (const Refused& refused) {
        Diagnostics found = refused.diagnostics();
        graph::add_uses(graph.spec(), found);
        throw Refused(std::move(found), refused.code());
    }
}

void check_products(const runtime::Flowgraph& graph, const JobRequest& request, const std::vector<std::string>& inputs) {
    Diagnostics found;
    std::map<std::string, int> owner;
    std::vector<std::string> paths;
    const auto at = [&](int block) { return graph.block(block).context().at; };
    for (const auto& [block, path] : graph.products()) {
        const std::string name = fs::weakly_canonical(path).string();
        std::error_code ignored;
        if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
            if (fs::is_directory(path, ignored))
                found.push_back(
                    {at(block), "blocks." + graph.block(block).name(), "a file to write", path + ", a folder", "", {}});
            continue;
        }
        if (const auto [it, fresh] = owner.emplace(name, block); !fresh) {
            found.push_back({at(block),
                             "blocks." + graph.block(block).name(),
                             "a product of its own",
                             fmt::format("{}, which {} writes too", path, graph.block(it->second).name()),
                             "put {index} or another placeholder into the path",
                             {}});
        }
        for (const std::string& input : inputs) {
            if (fs::weakly_canonical(input).string() == name)
                found.push_back({at(block), "blocks." + graph.block(block).name(), "a product that is no input", path, "", {}});
        }
        paths.push_back(path);
    }
    if (!request.overwrite) {
        for (const std::string& path : io::existing_products(paths))
            found.push_back(
                {{}, "", "products that do not exist yet", path, "give --overwrite, or another folder with --out", {}});
    }
    if (found.empty()) return;
    graph::add_uses(graph.spec(), found);
    throw Refused(std::move(found));
}

std::vector<std::string> input_files(const Facts& facts, const std::vector<std::string>& recordings) {
    std::vector<std::string> inputs;
    for (const std::string& r : recordings) {
        inputs.push_back(r);
        if (const std::string& data = facts.recording(r).data_path; !data.empty()) inputs.push_back(data);
    }
    return inputs;
}

// First agreement, in steps that every rank takes alike: pin the level, find the best that all have, compare what must be
// equal. Differences are listed by rank.
Value agree(comm::Communicator& communicator, const JobRequest& request, const std::vector<std::string>& plugins) {
    kernels::portable_fft(request.fft == "portable");
    const std::string& isa = request.isa;
    std::size_t first_cache = 0;
    together(communicator, [&] {
        first_cache = first_cache_bytes();
        try {
            kernels::pin_isa(isa);
        } catch (const std::invalid_argument&) {
            std::string levels;
            for (const std::string& level : kernels::isa_levels()) levels += level + ", ";
            throw Refused(Diagnostic{{}, "--isa", "a level of this processor: " + levels + "best", isa, "", {}});
        }
    });
    // Levels are ordered, each contains those below it: the shortest list is what all have.
    std::string common;
    std::size_t fewest = SIZE_MAX;
    for (const std::string& text :
         communicator.all_gather(fmt::format("{} {}", kernels::isa_levels().size(), kernels::isa_levels().back()))) {
        const std::size_t count = std::stoul(text);
        if (count < fewest) common = text.substr(text.find(' ') + 1);
        fewest = std::min(fewest, count);
    }
    if (isa == "best") kernels::pin_isa(common);
    Value mine = Value::Map{{"fft", request.fft},
                            {"mpi", communicator.library()},
                            {"build", std::string(version) + " " __VERSION__},
                            {"byte_order", std::endian::native == std::endian::little ? "little" : "big"},
                            {"isa", kernels::isa()},
                            {"fingerprint", kernels::fingerprint()},
                            {"plugins", Value::List(plugins.begin(), plugins.end())}};
    const auto all = communicator.all_gather(
        packed(Value::Map{{"facts", mine}, {"host", communicator.host()}, {"first_cache_bytes", first_cache}}));
    const Value first = unpacked(all[0]);
    std::string differences;
    bool numbers = false, other = false;
    for (std::size_t r = 1; r < all.size(); ++r) {
        const Value theirs = unpacked(all[r]);
        for (const auto& [key, value] : first.at("facts").map()) {
            if (theirs.at("facts").at(key) == value) continue;
            (key == "fingerprint" ? numbers : other) = true;
            differences +=
                fmt::format("\n  {}: {} on rank 0 ({}), {} on rank {} ({})", key, value.json(), first.at("host").string(),
                            theirs.at("facts").at(key).json(), r, theirs.at("host").string());
        }
    }
    if (numbers && !other)
        differences += request.fft == "portable" ? "\n   hint: start all ranks on nodes with the same libraries"
                                                 : "\n   hint: FFTW chooses its code by the processor; give --fft portable";
    if (!differences.empty()) throw Failure(ExitCode::communication, "the ranks differ:" + differences);
    // Caches may differ, the plan may not: steps fit the smallest.
    for (const std::string& theirs : all)
        first_cache = std::min(first_cache, std::size_t(unpacked(theirs).at("first_cache_bytes").integer()));
    mine.map()["first_cache_bytes"] = first_cache;
    return mine;
}

void check_memory(const Started& s, int rank) {
    if (s.request.memory_limit == 0) return;
    std::uint64_t bytes = 0;
    for (const auto& b : s.plan.buffers) bytes += b.rank == rank ? b.bytes : 0;
    for (std::size_t b = 0; b < s.plan.rank_of.size(); ++b)
        bytes += s.plan.rank_of[b] == rank ? s.graph->described().blocks[b].bytes : 0;
    if (bytes > s.request.memory_limit) {
        throw Refused(Diagnostic{{},
                                 "--memory",
                                 fmt::format("at most {} bytes on rank {}", s.request.memory_limit, rank),
                                 fmt::format("{} bytes", bytes),
                                 "`flowspan check` shows what needs them",
                                 {}});
    }
}

/// For people on this node, or on a login node of the cluster.
std::string how_to_reach(const std::string& socket, const std::string& host) {
    const std::string command = fmt::format("flowspan ctl {} status", socket);
    const char* job = std::getenv("SLURM_JOB_ID");
    const char* node = std::getenv("SLURMD_NODENAME");  // as Slurm calls it
    return job == nullptr ? "reach this run by: " + command
                          : fmt::format("reach this run by: srun --overlap --jobid {} -w {} {}", job,
                                        node == nullptr ? host : std::string(node), command);
}

}  // namespace

Started::~Started() {
    if (io == nullptr) return;
    io->discard();
    io->drain();
}

int ranks_wanted(const graph::Assignment& assignment) {
    std::set<int> named;
    int placed = 0, last = -1;
    for (const graph::Place& p : assignment.places) {
        named.insert(p.ranks.begin(), p.ranks.end());
        if (p.ranks.empty())
            placed += p.count;
        else
            last = std::max(last, p.ranks.back());
    }
    return std::max({1, last + 1, int(named.size()) + placed});
}

Examined examine(const Registry& registry, const JobRequest& asked) {
    JobRequest request = asked;
    request.read.outside = std::make_shared<RememberedOutside>(registry);
    Examined e;
    e.graph = std::make_unique<runtime::Flowgraph>(registry, request.graph_text, request.graph_file, request.read);
    if (!request.from.empty() || !request.duration.empty()) {
        add_range_overrides(request, *e.graph);
        e.graph = std::make_unique<runtime::Flowgraph>(registry, request.graph_text, request.graph_file, request.read);
    }
    const auto recordings = e.graph->recordings();
    e.facts = read_facts(recordings, *e.graph);
    describe(*e.graph, {e.facts, request.out, placeholders(recordings), request.until_stopped});
    request.overwrite = true;  // what is there already matters when it runs
    check_products(*e.graph, request, input_files(e.facts, recordings));
    return e;
}

// The planner knows blocks by name; where they stand in the text the graph knows.
partition::Plan make_plan(const runtime::Flowgraph& graph, const partition::PlanOptions& options) {
    try {
        return partition::make_plan(graph.described(), graph.spec().assignment, options);
    } catch (const Refused& refused) {
        Diagnostics found = refused.diagnostics();
        for (Diagnostic& d : found) {
            for (const graph::FlatBlock& block : graph.spec().blocks)
                if (d.at.file.empty() && d.key == "blocks." + block.name) d.at = block.at;
        }
        graph::add_uses(graph.spec(), found);
        throw Refused(std::move(found), refused.code());
    }
}

std::unique_ptr<Started> start_up(comm::Communicator& communicator, const Registry& registry, const JobRequest& asked,
                                  const JobHooks& hooks) {
    auto s = std::make_unique<Started>();
    const bool root = communicator.rank() == 0;
    Facts facts;
    std::vector<std::string> recordings;
    std::shared_ptr<RememberedOutside> seen;
    std::unique_ptr<runtime::Flowgraph> draft;  // rank 0 reads the graph before the others have it
    together(communicator, [&] {
        if (asked.trouble) std::rethrow_exception(asked.trouble);
        if (!root) return;
        s->request = asked;
        s->run_id = new_run_id();
        s->request.read.outside = seen = std::make_shared<RememberedOutside>(registry);
        draft = std::make_unique<runtime::Flowgraph>(registry, s->request.graph_text, s->request.graph_file, s->request.read);
        const std::size_t overrides = s->request.read.overrides.size();
        add_range_overrides(s->request, *draft);
        recordings = draft->recordings();
        facts = read_facts(recordings, *draft);
        if (s->request.read.overrides.size() != overrides) draft.reset();  // it is another graph with them
    });
    {
        Value::List names(recordings.begin(), recordings.end());
        const std::string text = communicator.broadcast(root ? packed(Value::Map{{"request", s->request.value()},
                                                                                 {"run_id", s->run_id},
                                                                                 {"facts", facts.value()},
                                                                                 {"recordings", names},
                                                                                 {"outside", seen->value()}})
                                                             : "");
        const Value all = unpacked(text);
        s->request = JobRequest::from_value(all.at("request"));
        s->request.read.outside = std::make_shared<RememberedOutside>(registry, all.at("outside"));
        s->run_id = all.at("run_id").string();
        facts = Facts::from(all.at("facts"));
        recordings.clear();
        for (const Value& r : all.at("recordings").list()) recordings.push_back(r.string());
    }
    s->hosts = communicator.all_gather(communicator.host());
    for (const std::string& pid : communicator.all_gather(std::to_string(getpid()))) s->pids.push_back(std::stoi(pid));
    s->agreement = agree(communicator, s->request, asked.plugins);
    together(communicator, [&] {
        s->graph = draft ? std::move(draft)
                         : std::make_unique<runtime::Flowgraph>(registry, s->request.graph_text, s->request.graph_file,
                                                                s->request.read);
        describe(*s->graph, {facts, s->request.out, placeholders(recordings), s->request.until_stopped});
        for (const auto& b : s->graph->spec().blocks) s->block_names.push_back(b.name);
    });
    const auto nodes = gather_nodes(communicator, s->graph->spec().assignment, asked.plugins);
    together(communicator, [&] {
        partition::PlanOptions options{.ranks = communicator.size()};
        options.nodes = nodes;
        options.host_quantum_bytes = partition::host_quantum_bytes(std::size_t(s->agreement.at("first_cache_bytes").integer()));
        s->plan = make_plan(*s->graph, options);
        check_memory(*s, communicator.rank());
    });
    together(communicator, [&] {
        if (!root) return;
        s->lock = std::make_unique<io::OutLock>(s->request.out);
        const io::Recovered recovered = io::recover(s->request.out);
        for (const std::string& p : recovered.published)
            s->notes.push_back(fmt::format("published {} of an earlier run that had committed", p));
        check_products(*s->graph, s->request, input_files(facts, recordings));
        if (!asked.control.empty()) {
            s->control = std::make_unique<ControlService>(asked.control, Value::Map{{"protocol", 1},
                                                                                    {"flowspan", version},
                                                                                    {"graph", s->graph->spec().name},
                                                                                    {"run_id", s->run_id},
                                                                                    {"pid", getpid()},
                                                                                    {"ranks", communicator.size()}});
            s->notes.push_back(how_to_reach(asked.control, s->hosts[0]));
        }
    });
    if (hooks.planned) hooks.planned(*s->graph, s->plan);
    s->declarations = runtime::declarations_of(*s->graph);
    s->graph->keep_only([&](int b) { return s->plan.rank_of[std::size_t(b)] == communicator.rank(); });
    const auto prepare = [&] {
        s->publisher = std::make_unique<io::Publisher>(s->run_id, s->request.overwrite);
        s->io = std::make_unique<io::Thread>(*s->publisher);
        s->tasks = std::make_unique<runtime::PartitionTasks>(
            *s->graph, s->plan, communicator, *s->io,
            runtime::LoopOptions{.chunk_seed = s->request.chunk_seed, .max_chunk = s->request.max_chunk, .epoch = 1});
        s->tasks->prepare();
    };
    try {
        together(communicator, prepare);
    } catch (...) {
        // Another rank may have failed: what this one has begun to write goes.
        if (s->io) {
            s->io->discard();
            s->io->drain();
        }
        if (s->publisher) s->publisher->discard();
        throw;
    }
    return s;
}

}  // namespace flowspan::run

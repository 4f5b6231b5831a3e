#include "run/start/startup.hpp"

#include "run/client/service.hpp"
#include "run/star/together.hpp"
#include "run/start/examine.hpp"
#include "run/start/node.hpp"
#include "run/start/outside.hpp"

#include <flowspan/kernels.hpp>
#include <flowspan/version.hpp>

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <random>
#include <set>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

std::string new_run_id() {
    std::random_device random;
    return fmt::format("{:08x}{:04x}", random(), random() & 0xffffU);
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

namespace {

/// Everything before blocks are prepared.
std::unique_ptr<Started> plan_run(comm::Communicator& communicator, const Registry& registry, const JobRequest& asked) {
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
    return s;
}

/// What was refused, with all else that rank 0 can find wrong; the same on every rank. Collective.
Refused with_the_rest(comm::Communicator& communicator, const Registry& registry, const JobRequest& asked,
                      const Refused& first) {
    for (const std::string& trouble : communicator.all_gather(asked.trouble ? "trouble" : ""))
        if (!trouble.empty()) return first;  // a rank has not all that it needs to read the graph
    return refused_from(unpacked(communicator.broadcast(
        communicator.rank() == 0 ? packed(value_of(all_mistakes(registry, asked, first, communicator.size()))) : "")));
}

}  // namespace

std::unique_ptr<Started> start_up(comm::Communicator& communicator, const Registry& registry, const JobRequest& asked,
                                  const JobHooks& hooks) {
    std::unique_ptr<Started> s;
    try {
        s = plan_run(communicator, registry, asked);
    } catch (const Refused& first) { throw with_the_rest(communicator, registry, asked, first); }
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

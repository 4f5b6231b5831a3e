#include "run/start/startup.hpp"

#include "core/mistakes/collect.hpp"
#include "io/claim/folder.hpp"
#include "io/record/clear.hpp"
#include "io/writing/readers.hpp"
#include "run/agree/together.hpp"
#include "run/client/service.hpp"
#include "run/job/log.hpp"
#include "run/plan/devices.hpp"
#include "run/plan/memory.hpp"
#include "run/plan/planning.hpp"
#include "run/signs/attended.hpp"
#include "run/signs/watch.hpp"
#include "run/start/claims.hpp"
#include "run/start/examine.hpp"
#include "run/start/node.hpp"
#include "run/start/outside.hpp"

#include <flowspan/version.hpp>

#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

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

std::string new_run_id() {
    std::random_device random;
    return fmt::format("{:08x}{:04x}", random(), random() & 0xffffU);
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

namespace {

/// Brings the folders that this rank has locked into order after runs that died.
void clear_away(Started& s) {
    const io::Recovered recovered = io::recover(*s.locks, s.claims);
    for (const std::string& p : recovered.published)
        s.notes.push_back(fmt::format("published {} of an earlier run that had committed", p));
    if (const std::size_t n = recovered.removed.size(); n > 0)
        s.notes.push_back(
            n == 1 ? fmt::format("removed {} of an earlier run that had died", recovered.removed[0])
                   : fmt::format("removed {} and {} more of earlier runs that had died", recovered.removed[0], n - 1));
    s.warnings.insert(s.warnings.end(), recovered.warnings.begin(), recovered.warnings.end());
    check_blocked(recovered, s.claims, s.warnings);
}

/// Folders of this node, which rank 0 does not see, are locked from here.
void claim_unseen(Started& s, int rank) {
    if (rank == 0 || s.request.hands_over) return;
    s.locks = std::make_unique<io::RunLocks>(s.run_id, s.claims, rank);
    if (s.locks->folders().empty()) return s.locks.reset();
    clear_away(s);
}

/// The steps from what was asked to a plan and a claim on the output folder. Each is collective.
class Planning {
public:
    Planning(Team& team, comm::Communicator& communicator, const Registry& registry, const JobRequest& asked,
             const JobHooks& hooks)
        : team_(team),
          communicator_(communicator),
          registry_(registry),
          asked_(asked),
          hooks_(hooks),
          root_(communicator.rank() == 0) {}

    std::unique_ptr<Started> run() {
        together(communicator_, [&] { read_graph(); });
        share();
        team_.agree_on(communicator_, s_->request);
        s_->agreement = team_.agreement();
        together(communicator_, [&] { describe_graph(); });
        const auto nodes = look_at_nodes(communicator_, *s_->graph, team_);
        together(communicator_, [&] { plan(nodes); });
        if (const auto same = agree_on_devices(communicator_, *s_->graph, s_->plan, s_->request.patience_s); !same.empty())
            s_->agreement.map()["device_fingerprint"] = same;
        together(communicator_, [&] { claim(); });
        return std::move(s_);
    }

private:
    std::unique_ptr<runtime::Flowgraph> graph() const {
        const JobRequest& r = s_->request;
        return std::make_unique<runtime::Flowgraph>(registry_, r.graph_text, r.graph_file, r.read);
    }

    /// Rank 0 reads the graph and the headers before the others have them.
    void read_graph() {
        if (asked_.trouble) std::rethrow_exception(asked_.trouble);
        if (!root_) return;
        s_->request = asked_;
        s_->run_id = asked_.run_id.empty() ? new_run_id() : asked_.run_id;
        s_->command = asked_.command;
        s_->request.read.outside = seen_ = std::make_shared<RememberedOutside>(registry_, asked_.seen, true);
        draft_ = graph();
        const std::size_t overrides = s_->request.read.overrides.size();
        add_range_overrides(s_->request, *draft_);
        recordings_ = draft_->recordings();
        facts_ = read_facts(recordings_, *draft_);
        if (s_->request.read.overrides.size() != overrides) draft_.reset();  // it is another graph with them
    }

    void share() {
        const Value::List names(recordings_.begin(), recordings_.end());
        const Value all = unpacked(communicator_.broadcast(root_ ? packed(Value::Map{{"request", s_->request.value()},
                                                                                     {"run_id", s_->run_id},
                                                                                     {"facts", facts_.value()},
                                                                                     {"recordings", names},
                                                                                     {"outside", seen_->value()}})
                                                                 : ""));
        s_->request = JobRequest::from_value(all.at("request"));
        s_->request.read.outside = std::make_shared<RememberedOutside>(registry_, all.at("outside"));
        s_->run_id = all.at("run_id").string();
        facts_ = Facts::from(all.at("facts"));
        recordings_.clear();
        for (const Value& r : all.at("recordings").list()) recordings_.push_back(r.string());
        team_.meet(communicator_);
        s_->hosts = team_.hosts();
        s_->pids = team_.pids();
    }

    void describe_graph() {
        s_->graph = draft_ ? std::move(draft_) : graph();
        for (const std::string& path : recordings_) {
            s_->recordings.push_back(facts_.recording(path));
            s_->files_of[path] = input_files(facts_, {path});
        }
        s_->inputs = input_files(facts_, recordings_);
        if (seen_ != nullptr)
            for (std::string& list : seen_->lists()) s_->inputs.push_back(std::move(list));
        describe(*s_->graph, {facts_, s_->request.out, placeholders(facts_, recordings_), s_->request.until_stopped});
        for (const auto& b : s_->graph->spec().blocks) s_->block_names.push_back(b.name);
    }

    void plan(const std::vector<partition::NodeFacts>& nodes) {
        partition::PlanOptions options{.ranks = communicator_.size()};
        options.nodes = nodes;
        options.device_page_bytes = partition::device_page_of(nodes);
        options.host_quantum_bytes =
            partition::host_quantum_bytes(std::size_t(s_->agreement.at("first_cache_bytes").integer()));
        if (s_->request.device_chunk != 0) options.device_chunk_bytes = s_->request.device_chunk;
        s_->plan = make_plan(*s_->graph, options);
        const int rank = communicator_.rank();
        check_memory(s_->plan, *s_->graph, rank, communicator_.host(), s_->request.memory_limit);
        check_device_memory(s_->plan, *s_->graph, nodes, rank, s_->request.device_memory_limit);
    }

    /// The products, the report and the socket are this run's alone.
    void claim() {
        s_->claims = claims_of(*s_->graph, asked_, s_->plan.rank_of, communicator_.rank());
        clear_when_leaving(*s_, communicator_.rank());
        if (!root_) return;
        refuse(mistakes_of_names(*s_->graph, with_asked_files(), s_->inputs));
        if (s_->request.hands_over) return;  // the folders are the asker's
        announce_locks();
        s_->locks = std::make_unique<io::RunLocks>(s_->run_id, s_->claims);
        try {
            clear_away(*s_);
            refuse(existing_products(s_->claims, with_asked_files()));
        } catch (...) {
            say_what_was_cleared();
            throw;
        }
        if (!asked_.report.empty() && asked_.report != "-")
            s_->report = std::make_unique<ReportFile>(asked_.report, s_->run_id, s_->graph->size(), s_->request.patience_s);
        if (asked_.control.empty()) return;
        s_->control = std::make_unique<ControlService>(asked_.control, Value::Map{{"protocol", 1},
                                                                                  {"flowspan", version},
                                                                                  {"graph", s_->graph->spec().name},
                                                                                  {"run_id", s_->run_id},
                                                                                  {"pid", getpid()},
                                                                                  {"ranks", communicator_.size()}});
        s_->notes.push_back(how_to_reach(asked_.control, s_->hosts[0]));
    }

    /// A run that comes to nothing has put the folders in order all the same.
    void say_what_was_cleared() const {
        LogBook book([this](const std::string& line) {
            if (hooks_.note) hooks_.note(line);
        });
        const auto say = [&](LogLevel level, const std::string& text) {
            const LogLine line{level, 0, s_->hosts[0], "", "", text};
            if (int(level) >= asked_.log_level) hooks_.log ? hooks_.log(line) : book.add(line);
        };
        for (const std::string& text : s_->notes) say(LogLevel::info, text);
        for (const std::string& text : s_->warnings) say(LogLevel::warning, text);
    }

    /// Before they are there: whoever ends this rank meanwhile knows what to clear away.
    void announce_locks() {
        const std::vector<std::string> folders = io::folders_of(s_->claims);
        std::vector<std::string> locks;
        for (const std::string& folder : folders) locks.push_back(folder + "/" + io::own_name(s_->run_id, "lock"));
        Watch::clear_by([folders, run = s_->run_id] { io::remove_traces(folders, run); });
        if (hooks_.claims) hooks_.claims(locks);
    }

    static void refuse(Diagnostics found) {
        if (!found.empty()) throw Refused(std::move(found));
    }
    /// The request, with what is rank 0's alone.
    JobRequest with_asked_files() const {
        JobRequest request = s_->request;
        request.report = asked_.report;
        request.control = asked_.control;
        return request;
    }

    Team& team_;
    comm::Communicator& communicator_;
    const Registry& registry_;
    const JobRequest& asked_;
    const JobHooks& hooks_;
    bool root_;
    std::unique_ptr<Started> s_ = std::make_unique<Started>();
    Facts facts_;
    std::vector<std::string> recordings_;
    std::shared_ptr<RememberedOutside> seen_;
    std::unique_ptr<runtime::Flowgraph> draft_;
};

/// What was refused, with all else that rank 0 can find wrong; the same on every rank. Collective.
Refused with_the_rest(comm::Communicator& communicator, const Registry& registry, const JobRequest& asked,
                      const Refused& first) {
    for (const std::string& trouble : communicator.all_gather(asked.trouble ? "trouble" : ""))
        if (!trouble.empty()) return first;  // a rank has not all that it needs to read the graph
    return refused_from(unpacked(communicator.broadcast(
        communicator.rank() == 0 ? packed(value_of(all_mistakes(registry, asked, first, communicator.size()))) : "")));
}

}  // namespace

namespace {

/// Of the own blocks.
void declare_products(Started& s) {
    std::map<int, std::pair<std::vector<std::string>, std::vector<ProductPattern>>> of_block;
    for (const auto& [block, path] : s.graph->products()) of_block[block].first.push_back(path);
    for (const auto& [block, pattern] : s.graph->product_patterns()) of_block[block].second.push_back(pattern);
    for (const auto& [block, declared] : of_block) s.publisher->declare(block, declared.first, declared.second);
}

}  // namespace

void make_ready(comm::Communicator& communicator, Started& s, const runtime::LoopOptions& options) {
    io::read_by(s.request.readers);
    s.declarations = runtime::declarations_of(*s.graph);
    s.graph->keep_only([&](int b) { return s.plan.rank_of[std::size_t(b)] == communicator.rank(); });
    s.publisher = std::make_unique<io::Publisher>(s.run_id, s.request.overwrite || s.request.hands_over, communicator.rank());
    // (Whoever makes parts durable for others must be on their node.)
    if (s.request.hands_over && communicator.size() == 1) s.publisher->made_durable_by_others();
    if (s.request.hash_products) s.publisher->hash_products();
    declare_products(s);
    s.io = std::make_unique<io::Thread>(*s.publisher, s.request.patience_s);
    s.tasks = std::make_unique<runtime::PartitionTasks>(*s.graph, s.plan, communicator, *s.io, options);
    s.tasks->prepare();
}

void clear_when_leaving(const Started& s, int rank) {
    const std::vector<std::string> folders = io::folders_of(s.claims);
    const std::vector<std::string> own = s.locks ? s.locks->folders() : std::vector<std::string>();
    const std::vector<std::string> locked = rank == 0 ? folders : own;  // whether they are there already or not
    Watch::clear_by([folders, locked, run = s.run_id, rank] {
        io::remove_parts(folders, run, rank);
        io::remove_traces(locked, run);
    });
}

namespace {

/// What rank 0 says of the plan, on all. Collective.
bool goes_on(comm::Communicator& communicator, const JobHooks& hooks, const Started& s) {
    bool go = false;
    together(communicator, [&] {
        if (communicator.rank() == 0) go = hooks.planned(s);
    });
    return !communicator.broadcast(go ? "go" : "").empty();
}

std::unique_ptr<Started> start(Team& team, Attended& communicator, const Registry& registry, const JobRequest& asked,
                               const JobHooks& hooks) {
    std::unique_ptr<Started> s;
    try {
        s = Planning(team, communicator, registry, asked, hooks).run();
    } catch (const Refused& first) { throw with_the_rest(communicator, registry, asked, first); }
    if (hooks.planned && !goes_on(communicator, hooks, *s)) return nullptr;
    if (hooks.ready && communicator.rank() == 0) hooks.ready();
    const runtime::LoopOptions options{.chunk_seed = s->request.chunk_seed,
                                       .max_chunk = s->request.max_chunk,
                                       .epoch = team.next_epoch(),
                                       .patience_s = s->request.patience_s,
                                       .hash_inputs = s->request.hash_inputs};
    try {
        together(communicator, [&] {
            claim_unseen(*s, communicator.rank());
            clear_when_leaving(*s, communicator.rank());
            make_ready(team.communicator(), *s, options);
        });
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

}  // namespace

std::unique_ptr<Started> start_up(Team& team, const Registry& registry, const JobRequest& asked, const JobHooks& hooks) {
    Attended communicator(team.communicator(), asked.patience_s, hooks.leaving, bool(hooks.dropped));
    std::unique_ptr<Started> s;
    try {
        s = start(team, communicator, registry, asked, hooks);
    } catch (const std::exception&) {  // the same on every rank
        communicator.over();
        throw;
    }
    communicator.over();
    return s;
}

}  // namespace flowspan::run

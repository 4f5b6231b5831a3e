#include "batch/batch.hpp"

#include "batch/crew/teams.hpp"
#include "batch/keep/cache.hpp"
#include "batch/keep/one_out.hpp"
#include "batch/keep/rank_folder.hpp"
#include "batch/offer/meet.hpp"
#include "batch/opening/pins.hpp"
#include "batch/rank/rank.hpp"
#include "batch/see/index_all.hpp"
#include "comm/local/local.hpp"
#include "io/claim/folder.hpp"
#include "run/agree/together.hpp"
#include "run/signs/attended.hpp"
#include "run/start/startup.hpp"
#include "run/start/team.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

}  // namespace

Nursery::Functions worker_functions(run::Library& library) {
    struct Own {  // of a worker: made with its first unit, when plug-ins have been loaded
        explicit Own(const run::Library& loaded) : team(*alone, loaded.plugins()) {}
        std::unique_ptr<comm::Communicator> alone = comm::single_rank();
        run::Team team;
    };
    auto own = std::make_shared<std::unique_ptr<Own>>();
    return {[&library](const Value& plugins) { library.load(run::PluginFile::from(plugins)); },
            [&library, own](const Value& asked, Reporter& reporter) {
                if (asked.find("ask") != nullptr) return answer_about_devices(asked);
                if (*own == nullptr) *own = std::make_unique<Own>(library);
                const Task task = Task::read(asked);
                if (task.devices) ::setenv("CUDA_VISIBLE_DEVICES", task.devices->c_str(), 1);
                (*own)->team.device_order(task.device_order);
                ComputeHooks hooks;
                hooks.progress = [&](const run::Progress& p) {
                    reporter.progress(Value::Map{{"fraction", p.fraction}, {"samples", p.samples}});
                };
                hooks.log = [&](const run::LogLine& line) { reporter.log(line); };
                Answer answer = compute((*own)->team, library.registry(), task, hooks);
                const bool by_blocks = answer.code == ExitCode::block || answer.code == ExitCode::bug;  // and no wrong header
                if (answer.what == Answer::What::failed && by_blocks) reporter.spent();
                return answer.value();
            }};
}

namespace {

/// What all ranks know before the first unit.
struct Meeting {
    std::optional<Opened> opened;  // rank 0
    std::string out;
    std::vector<std::string> hosts;
    std::vector<int> pids;
    std::set<int> apart;                // ranks on hosts that do not see this OUT
    std::string run;                    // of what is made beside products
    std::unique_ptr<RankFolder> own;    // of a rank that is apart: for products on their way
    std::unique_ptr<RankFolder> stage;  // for copies of recordings
    int team = 1;
    std::string log;               // the file of what units of this rank say
    std::vector<Offered> offered;  // by rank, where something is asked for
};

/// One folder for all hosts, or `--collect`.
void look_at_hosts(comm::Communicator& communicator, bool collect, Meeting& m) {
    const std::vector<OutSeen> seen = look_at_out(communicator, m.out, m.run, m.hosts);
    const std::string why = why_not_one(seen);
    if (why.empty()) return;
    const std::set<int> apart = apart_from_first(seen);
    const std::vector<int> first = first_ranks(m.hosts);
    for (std::size_t r = 0; r < first.size(); ++r)
        if (apart.contains(first[r])) m.apart.insert(int(r));
    const bool writable = std::all_of(seen.begin(), seen.end(), [](const OutSeen& s) { return s.trouble.empty(); });
    if (collect && writable) return;
    throw Refused(Diagnostic{{},
                             "--out",
                             "a folder that all hosts see",
                             fmt::format("hosts that differ: {} ({})", why, m.out),
                             writable ? "give one on a file system that they share, or --collect" : "",
                             {}});
}

/// A team has one OUT.
void look_at_teams(const Meeting& m) {
    for (const std::vector<int>& team : teams_of(m.hosts, m.team).ranks)
        for (const int rank : team)
            if (m.apart.contains(rank) && m.hosts[std::size_t(rank)] != m.hosts[std::size_t(team.front())])
                throw Refused(
                    Diagnostic{{},
                               "--collect",
                               "teams that stay on a host",
                               fmt::format("one on {} and {}", m.hosts[std::size_t(team.front())], m.hosts[std::size_t(rank)]),
                               "give as many ranks to each host as go into whole teams",
                               {}});
}

Wishes asked_of(const Opened& opened) {
    Wishes asked;
    for (const auto& [name, graph] : opened.graphs) {
        asked.add(graph.needs);
        asked.trial = asked.trial || (opened.team == 1 && graph.wants_devices);
        asked.transforms = asked.transforms || graph.wants_transforms;
    }
    return asked;
}

bool asks_anything(const Opened& opened) {
    return std::any_of(opened.graphs.begin(), opened.graphs.end(),
                       [](const auto& g) { return !g.second.needs.empty() || g.second.wants_devices; });
}

/// What graphs require of ranks. A team's ranks are chosen as in a run.
void look_at_offers(comm::Communicator& communicator, Nursery* nursery, const BatchSettings& settings, Meeting& m) {
    const Wishes asked = m.opened ? asked_of(*m.opened) : Wishes{};
    m.offered = meet_offers(communicator, m.team == 1 ? nursery : nullptr, settings.patience_s, asked, settings.loaded);
    run::together(communicator, [&] {
        if (!m.opened) return;
        m.opened->shares_devices = asked.exclusive;
        if (m.team > 1) return;
        for (const auto& [name, graph] : m.opened->graphs) refuse_unserved(m.offered, graph.needs);
        std::string none;
        for (std::size_t r = 0; r < m.offered.size(); ++r)
            if (m.offered[r].shares && m.offered[r].devices.empty())
                none += fmt::format("{}rank {} ({})", none.empty() ? "" : ", ", r, m.hosts[r]);
        if (!none.empty()) m.opened->notes.push_back(none + ": no device is left, so units that need one go to others");
        for (std::size_t r = 0; r < m.offered.size(); ++r) {
            const Offered& rank = m.offered[r];
            if (rank.sharers.size() < 2 || rank.sharers.front() != int(r)) continue;
            m.opened->notes.push_back(fmt::format("ranks {} share device {} of {}: a unit may take {} bytes of its memory",
                                                  fmt::join(rank.sharers, ", "), rank.trial.device, rank.node.host,
                                                  share_of_memory(rank)));
        }
    });
}

/// `request` of rank 0, with what has been agreed behind it.
Meeting meet(comm::Communicator& communicator, const Registry& registry, Nursery* nursery, BatchRequest& request,
             const BatchSettings& settings, const BatchHooks& hooks, const std::exception_ptr& trouble) {
    Meeting m;
    run::Attended attended(communicator, settings.patience_s, hooks.leaving);
    try {
        run::together(attended, [&] {
            if (trouble) std::rethrow_exception(trouble);
        });
        const bool root = communicator.rank() == 0;
        const Value first = run::unpacked(
            attended.broadcast(root ? run::packed(Value::Map{{"out", request.out}, {"run", run::new_run_id()}}) : ""));
        m.out = first.at("out").string();
        m.run = first.at("run").string();
        m.hosts = attended.all_gather(communicator.host());
        look_at_hosts(attended, settings.collect, m);
        request.fingerprint = agree_on_numbers(attended, request.out, request.job, settings.loaded).fingerprint;
        run::together(attended, [&] {
            if (root) m.opened = open_batch(registry, request, false);
        });
        const Value told = run::unpacked(
            attended.broadcast(m.opened ? run::packed(Value::Map{{"team", std::int64_t(m.opened->team)},
                                                                 {"part", std::int64_t(m.opened->part)},
                                                                 {"start", std::int64_t(m.opened->journal->start())},
                                                                 {"asks", asks_anything(*m.opened)}})
                                        : ""));
        m.log = log_name(int(told.at("part").integer()), std::uint32_t(told.at("start").integer()), communicator.rank());
        m.team = int(told.at("team").integer());
        if (told.at("asks").boolean()) look_at_offers(attended, nursery, settings, m);
        if (!m.apart.empty()) {
            run::together(attended, [&] {
                look_at_teams(m);
                if (!m.apart.contains(communicator.rank())) return;
                m.own = std::make_unique<RankFolder>(m.out, "collect", m.run, communicator.rank());
            });
        }
        if (!settings.stage.empty() || !settings.cache.empty()) {
            run::together(attended, [&] {
                if (!settings.stage.empty())
                    m.stage = std::make_unique<RankFolder>(settings.stage, "flowspan-stage", m.run, communicator.rank());
                if (!settings.cache.empty()) io::make_folder(settings.cache);
            });
        }
        for (const std::string& pid : attended.all_gather(std::to_string(getpid()))) m.pids.push_back(std::stoi(pid));
    } catch (const std::exception&) {
        attended.over();
        throw;
    }
    attended.over();
    return m;
}

void prune(const BatchSettings& settings) { Cache(settings.cache, settings.cache_limit).prune(settings.cache_age_s); }

}  // namespace

BatchResult run_batch(comm::Communicator& communicator, const Registry& registry, Nursery* nursery, const BatchRequest& request,
                      const BatchSettings& settings, const BatchHooks& hooks, const std::exception_ptr& trouble) {
    const auto begun = Clock::now();
    const bool root = communicator.rank() == 0;
    BatchRequest asked = request;
    asked.ranks = communicator.size();
    Meeting meeting = meet(communicator, registry, nursery, asked, settings, hooks, trouble);
    asked.out = meeting.out;
    if (root && hooks.say) {
        for (const std::string& line : meeting.opened->notes) hooks.say(line);
        for (const std::string& line : meeting.opened->warnings) hooks.say("warning: " + line);
    }
    if (root && hooks.ready) hooks.ready();
    const bool by_workers = nursery != nullptr && meeting.team == 1;
    BatchResult result;
    std::string index_trouble;
    const auto last = [&](const Chief& chief) {
        result.counts = chief.counts();
        result.code = chief.code();
        result.part = meeting.opened->part;
        result.run = meeting.opened->run;
        result.seconds = Seconds(Clock::now() - begun).count();
        result.begun = line::now_s() - result.seconds;
        if (!settings.cache.empty()) prune(settings);
        try {
            write_index(asked.out, meeting.opened->run);
        } catch (const Failure& e) {
            index_trouble = e.what();
            if (result.code == ExitCode::done) result.code = e.code();
        }
        if (hooks.written) hooks.written(result);
    };
    const std::vector<std::string> hosts = meeting.hosts;
    Rank rank({communicator, registry, by_workers ? nursery : nullptr, settings, hooks, asked, std::move(meeting.hosts),
               std::move(meeting.pids), meeting.team, meeting.log, meeting.apart, meeting.own ? meeting.own->path() : "",
               meeting.stage ? meeting.stage->path() : "", std::move(meeting.offered)},
              meeting.opened ? &*meeting.opened : nullptr, last);
    rank.run();
    if (std::exchange(meeting.own, nullptr) != nullptr) ::rmdir(meeting.out.c_str());  // where it is empty
    const std::vector<int> first = first_ranks(hosts);
    // Other hosts may have other disks there.
    if (!root && !settings.cache.empty() && first[std::size_t(communicator.rank())] == communicator.rank()) prune(settings);
    return result;
}

}  // namespace flowspan::batch

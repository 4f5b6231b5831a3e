#include "batch/batch.hpp"

#include "batch/chief/pins.hpp"
#include "batch/rank/rank.hpp"
#include "batch/see/index_all.hpp"
#include "comm/local/local.hpp"
#include "run/agree/together.hpp"
#include "run/signs/attended.hpp"
#include "run/start/team.hpp"

#include <unistd.h>

#include <memory>
#include <utility>

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
    return {[&library](const std::vector<std::string>& files) { library.load(files); },
            [&library, own](const Value& asked, Reporter& reporter) {
                if (*own == nullptr) *own = std::make_unique<Own>(library);
                ComputeHooks hooks;
                hooks.progress = [&](const run::Progress& p) {
                    reporter.progress(Value::Map{{"fraction", p.fraction}, {"samples", p.samples}});
                };
                hooks.log = [&](const run::LogLine& line) { reporter.log(line); };
                return compute((*own)->team, library.registry(), Task::read(asked), hooks).value();
            }};
}

namespace {

/// What all ranks know before the first unit.
struct Meeting {
    std::optional<Opened> opened;  // rank 0
    std::string out;
    std::vector<std::string> hosts;
    std::vector<int> pids;
    int team = 1;
    std::string log;  // the file of what units of this rank say
};

/// `request` of rank 0, with what has been agreed behind it.
Meeting meet(comm::Communicator& communicator, const Registry& registry, BatchRequest& request, const BatchSettings& settings,
             const BatchHooks& hooks, const std::exception_ptr& trouble) {
    Meeting m;
    run::Attended attended(communicator, settings.patience_s, hooks.leaving);
    try {
        run::together(attended, [&] {
            if (trouble) std::rethrow_exception(trouble);
        });
        request.fingerprint = agree_on_numbers(attended, request.out, request.job, settings.loaded).fingerprint;
        run::together(attended, [&] {
            if (communicator.rank() == 0) m.opened = open_batch(registry, request, false);
        });
        const Value told = run::unpacked(
            attended.broadcast(m.opened ? run::packed(Value::Map{{"out", request.out},
                                                                 {"team", std::int64_t(m.opened->team)},
                                                                 {"part", std::int64_t(m.opened->part)},
                                                                 {"start", std::int64_t(m.opened->journal->start())}})
                                        : ""));
        m.log = log_name(int(told.at("part").integer()), std::uint32_t(told.at("start").integer()), communicator.rank());
        m.out = told.at("out").string();
        m.team = int(told.at("team").integer());
        m.hosts = attended.all_gather(communicator.host());
        for (const std::string& pid : attended.all_gather(std::to_string(getpid()))) m.pids.push_back(std::stoi(pid));
    } catch (const std::exception&) {
        attended.over();
        throw;
    }
    attended.over();
    return m;
}

}  // namespace

BatchResult run_batch(comm::Communicator& communicator, const Registry& registry, Nursery* nursery, const BatchRequest& request,
                      const BatchSettings& settings, const BatchHooks& hooks, std::exception_ptr trouble) {
    const auto begun = Clock::now();
    const bool root = communicator.rank() == 0;
    BatchRequest asked = request;
    asked.ranks = communicator.size();
    Meeting meeting = meet(communicator, registry, asked, settings, hooks, trouble);
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
        try {
            write_index(asked.out, meeting.opened->run);
        } catch (const Failure& e) {
            index_trouble = e.what();
            if (result.code == ExitCode::done) result.code = e.code();
        }
        if (hooks.written) hooks.written(result);
    };
    Rank rank({communicator, registry, by_workers ? nursery : nullptr, settings, hooks, asked, std::move(meeting.hosts),
               std::move(meeting.pids), meeting.team, meeting.log},
              meeting.opened ? &*meeting.opened : nullptr, last);
    rank.run();
    return result;
}

}  // namespace flowspan::batch

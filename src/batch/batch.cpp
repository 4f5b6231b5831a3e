#include "batch/batch.hpp"

#include "batch/rank/rank.hpp"
#include "batch/units/index.hpp"
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

std::vector<std::string> products_of(const History& history, std::size_t unit) {
    std::vector<std::string> names;
    for (const MadeFile& product : history.known(unit).products) names.push_back(product.name);
    return names;
}

/// Of all parts, as far as they have come.
void write_index(const BatchRequest& request, const Opened& opened) {
    Index index(request.out, opened.run);
    Troubles said_before;
    for (const auto& [part, begin] : first_begins(request.out, said_before)) {
        const History history = History::read(request.out, part, true);
        for (std::size_t u = 0; u < history.size(); ++u) {
            const Known known = history.known(u);
            if (known.state != State::deleted) index.add(known.unit, name_of(known.state), products_of(history, u));
        }
    }
    index.publish();
}

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
};

Meeting meet(comm::Communicator& communicator, const Registry& registry, const BatchRequest& request,
             const BatchSettings& settings, const BatchHooks& hooks, const std::exception_ptr& trouble) {
    Meeting m;
    run::Attended attended(communicator, settings.patience_s, hooks.leaving);
    try {
        run::together(attended, [&] {
            if (trouble) std::rethrow_exception(trouble);
            if (communicator.rank() == 0) m.opened = open_batch(registry, request, false);
        });
        const Value told = run::unpacked(attended.broadcast(
            m.opened ? run::packed(Value::Map{{"out", request.out}, {"team", std::int64_t(m.opened->team)}}) : ""));
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
    Rank rank({communicator, registry, by_workers ? nursery : nullptr, settings, hooks, asked, std::move(meeting.hosts),
               std::move(meeting.pids), meeting.team},
              meeting.opened ? &*meeting.opened : nullptr);
    rank.run();
    BatchResult result;
    result.seconds = Seconds(Clock::now() - begun).count();
    if (!root) return result;
    result.counts = rank.chief().counts();
    result.code = rank.chief().code();
    try {
        write_index(asked, *meeting.opened);
    } catch (const Failure& e) {
        if (hooks.say) hooks.say(e.what());
        if (result.code == ExitCode::done) result.code = e.code();
    }
    return result;
}

}  // namespace flowspan::batch

#include "run/job/job.hpp"

#include "core/mistakes/failure_of.hpp"
#include "core/numbers/rounding.hpp"
#include "run/job/loop.hpp"
#include "run/signs/signals.hpp"

#include <sys/prctl.h>

#include <map>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

std::string start_text(const Started& s, const comm::Communicator& communicator) {
    std::map<std::string, int> hosts;
    for (const std::string& host : s.hosts) ++hosts[host];
    std::string where;
    for (const auto& [host, ranks] : hosts)
        where += fmt::format("{}{} rank{} on {}", where.empty() ? "" : ", ", ranks, ranks == 1 ? "" : "s", host);
    return fmt::format("{}; MPI: {}; transport: {}; crossings: {}; numeric level {}, fingerprint {}", where,
                       communicator.library(), s.request.transport, s.plan.crossings.size(), s.agreement.at("isa").string(),
                       s.agreement.at("fingerprint").string());
}

}  // namespace

Value JobRequest::value() const {
    Value::List overrides;
    for (const auto& o : read.overrides) overrides.emplace_back(Value::List{o.key, o.value, o.option});
    Value::Map m{{"graph_file", graph_file},
                 {"graph_text", graph_text},
                 {"overrides", overrides},
                 {"ranks_file", read.ranks_file},
                 {"ranks_auto", read.ranks_auto},
                 {"ranks_fold", read.ranks_fold},
                 {"out", out},
                 {"overwrite", overwrite},
                 {"until_stopped", until_stopped},
                 {"patience_s", patience_s},
                 {"isa", isa},
                 {"fft", fft},
                 {"transport", transport},
                 {"log_level", log_level},
                 {"from", from},
                 {"duration", duration},
                 {"chunk_seed", chunk_seed},
                 {"max_chunk", max_chunk},
                 {"memory_limit", memory_limit},
                 {"device", int(read.device)},
                 {"device_chunk", device_chunk},
                 {"device_memory_limit", device_memory_limit},
                 {"readers", readers},
                 {"hash_inputs", hash_inputs},
                 {"hands_over", hands_over},
                 {"hash_products", hash_products}};
    if (read.ranks_text) m["ranks_text"] = *read.ranks_text;
    return m;
}

JobRequest JobRequest::from_value(const Value& v) {
    JobRequest r;
    r.graph_file = v.at("graph_file").string();
    r.graph_text = v.at("graph_text").string();
    for (const Value& o : v.at("overrides").list())
        r.read.overrides.push_back({o.list()[0].string(), o.list()[1].string(), o.list()[2].string()});
    if (const Value* t = v.find("ranks_text")) r.read.ranks_text = t->string();
    r.read.ranks_file = v.at("ranks_file").string();
    r.read.ranks_auto = v.at("ranks_auto").boolean();
    r.read.ranks_fold = v.at("ranks_fold").boolean();
    r.out = v.at("out").string();
    r.overwrite = v.at("overwrite").boolean();
    r.until_stopped = v.at("until_stopped").boolean();
    r.patience_s = v.at("patience_s").real();
    r.isa = v.at("isa").string();
    r.fft = v.at("fft").string();
    r.transport = v.at("transport").string();
    r.log_level = int(v.at("log_level").integer());
    r.from = v.at("from").string();
    r.duration = v.at("duration").string();
    r.chunk_seed = std::uint64_t(v.at("chunk_seed").integer());
    r.max_chunk = std::size_t(v.at("max_chunk").integer());
    r.memory_limit = std::uint64_t(v.at("memory_limit").integer());
    r.read.device = graph::DeviceChoice(v.at("device").integer());
    r.device_memory_limit = std::uint64_t(v.at("device_memory_limit").integer());
    r.device_chunk = std::uint64_t(v.at("device_chunk").integer());
    r.readers = int(v.at("readers").integer());
    r.hash_inputs = v.at("hash_inputs").boolean();
    r.hash_products = v.at("hash_products").boolean();
    r.hands_over = v.at("hands_over").boolean();
    return r;
}

void make_process_ready() {
    set_rounding();
    prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);  // a sleep of 50 us should not become one of 100
}

JobResult run_unit(Team& team, const Registry& registry, const JobRequest& request, const JobHooks& hooks) {
    make_process_ready();
    comm::Communicator& communicator = team.communicator();
    JobResult result;
    try {
        auto started = start_up(team, registry, request, hooks);
        if (started == nullptr) return result;
        Loop loop(communicator, *started, hooks);
        if (communicator.rank() == 0) {
            loop.note(LogLevel::debug, start_text(*started, communicator));
            for (const Recording& r : started->recordings)
                for (const std::string& w : r.warnings) loop.note(LogLevel::warning, r.path + ": " + w);
            for (const std::string& n : started->notes) loop.note(LogLevel::info, n);
            for (const std::string& w : started->warnings) loop.note(LogLevel::warning, w);
            for (const std::string& n : started->plan.notes) loop.note(LogLevel::info, n);
        } else {
            for (const std::string& n : started->notes) loop.say(LogLevel::info, n);
            for (const std::string& w : started->warnings) loop.say(LogLevel::warning, w);
        }
        return loop.run();
    } catch (const Refused& e) {
        result.code = e.code();
        result.diagnostics = e.diagnostics();
        result.cause = e.what();
    } catch (const Failure& e) {
        const Failure failure = failure_of(e);
        result.code = failure.code();
        result.cause = failure.what();
    }
    return result;
}

JobResult run_job(comm::Communicator& communicator, const Registry& registry, const JobRequest& request, const JobHooks& hooks,
                  bool term_is_stop) {
    const Signals signals(term_is_stop);
    Team team(communicator);
    return run_unit(team, registry, request, hooks);
}

}  // namespace flowspan::run

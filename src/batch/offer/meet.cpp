#include "batch/offer/meet.hpp"

#include "core/process/alive.hpp"
#include "run/agree/together.hpp"
#include "run/start/node.hpp"

#include <flowspan/diagnostic.hpp>

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using std::chrono::milliseconds;

std::vector<memory::Device> devices_from(const Value& list) {
    std::vector<memory::Device> devices;
    for (const Value& d : list.list())
        devices.push_back({d.list().at(0).string(), d.list().at(1).string(), d.list().at(2).string()});
    return devices;
}

/// By a worker that does nothing else: who has asked cannot be given a choice of devices any more.
std::vector<memory::Device> ask_worker(Nursery& nursery, double patience_s) {
    Limits limits;
    limits.timeout_s = patience_s;
    const auto worker = nursery.fork(limits);
    worker->give(devices_task());
    for (;;) {
        still_here();
        for (const Event& event : nursery.poll(milliseconds(20))) {
            if (const auto* lost = std::get_if<Lost>(&event.what)) throw Failure(ExitCode::communication, lost->text);
            if (event.worker != worker.get()) continue;
            const std::string begin = "looking for devices: ";
            if (const auto* failed = std::get_if<Failed>(&event.what)) throw Failure(failed->code, begin + failed->cause);
            if (const auto* ended = std::get_if<Ended>(&event.what)) throw Failure(ExitCode::block, begin + ended->text);
            if (const auto* result = std::get_if<Result>(&event.what)) return devices_from(result->value);
        }
    }
}

Value value_of(const Wishes& asked) {
    return Value::Map{{"devices", std::int64_t(asked.devices)},
                      {"exclusive", asked.exclusive},
                      {"paths", Value::List(asked.paths.begin(), asked.paths.end())}};
}

Wishes asked_from(const Value& v) {
    Wishes asked{std::uint64_t(v.at("devices").integer()), v.at("exclusive").boolean(), {}};
    for (const Value& path : v.at("paths").list()) asked.paths.push_back(path.string());
    return asked;
}

partition::NodeFacts facts_here(const comm::Communicator& communicator, const Wishes& asked,
                                const std::vector<std::string>& plugins) {
    graph::Assignment assignment;
    for (const std::string& path : asked.paths) {
        graph::Need need;
        need.kind = graph::Need::Kind::path;
        need.text = path;
        assignment.needs[0].push_back(std::move(need));
    }
    return run::node_facts(assignment, communicator.host(), plugins);
}

void refuse_sharing(const std::vector<Offered>& ranks) {
    const auto [one, other] = sharing(ranks);
    if (one < 0) return;
    throw Refused(
        Diagnostic{{},
                   "require.exclusive",
                   "devices that one rank sees alone, where ranks compute units themselves",
                   fmt::format("one that rank {} and rank {} ({}) see", one, other, ranks[std::size_t(one)].node.host),
                   "have workers compute them (--isolate unit, teams of one rank), or give each rank devices of its "
                   "own, as srun --gpus-per-task=1 does",
                   {}});
}

}  // namespace

Value devices_task() { return Value::Map{{"ask", "devices"}}; }

Value devices_value(const std::vector<memory::Device>& devices) {
    Value::List list;
    for (const memory::Device& d : devices) list.emplace_back(Value::List{d.name, d.id, d.visible});
    return list;
}

std::vector<Offered> meet_offers(comm::Communicator& communicator, Nursery* nursery, double patience_s, const Wishes& own,
                                 const std::vector<std::string>& plugins) {
    const Wishes asked = asked_from(run::unpacked(communicator.broadcast(run::packed(value_of(own)))));
    Offered mine;
    run::together(communicator, [&] {
        mine.node = facts_here(communicator, asked, plugins);
        if (asked.devices == 0) return;
        mine.devices = nursery != nullptr ? ask_worker(*nursery, patience_s) : memory::devices();
    });
    std::vector<Offered> ranks;
    for (const std::string& text :
         communicator.all_gather(run::packed(Value::List{run::value_of(mine.node), devices_value(mine.devices)}))) {
        const Value said = run::unpacked(text);
        ranks.push_back({run::node_facts_from(said.list().at(0)), devices_from(said.list().at(1))});
        for (const memory::Device& device : ranks.back().devices) ranks.back().node.devices.push_back(device.name);
    }
    if (!asked.exclusive) return ranks;
    if (nursery == nullptr)
        refuse_sharing(ranks);
    else
        share_out(ranks, asked.devices);
    return ranks;
}

}  // namespace flowspan::batch

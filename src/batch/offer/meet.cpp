#include "batch/offer/meet.hpp"

#include "core/process/alive.hpp"
#include "memory/device/device.hpp"
#include "memory/device/transforms.hpp"
#include "run/agree/together.hpp"
#include "run/start/node.hpp"
#include "runtime/device/fingerprint.hpp"

#include <flowspan/diagnostic.hpp>

#include <cstdlib>
#include <map>
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
Value ask_worker(Nursery& nursery, double patience_s, const Value& task) {
    Limits limits;
    limits.timeout_s = patience_s;
    const auto worker = nursery.fork(limits);
    worker->give(task);
    for (;;) {
        still_here();
        for (const Event& event : nursery.poll(milliseconds(20))) {
            if (const auto* lost = std::get_if<Lost>(&event.what)) throw Failure(ExitCode::communication, lost->text);
            if (event.worker != worker.get()) continue;
            const std::string begin = "looking for devices: ";
            if (const auto* failed = std::get_if<Failed>(&event.what)) throw Failure(failed->code, begin + failed->cause);
            if (const auto* ended = std::get_if<Ended>(&event.what)) throw Failure(ExitCode::block, begin + ended->text);
            if (const auto* result = std::get_if<Result>(&event.what)) return result->value;
        }
    }
}

Value value_of(const Wishes& asked) {
    return Value::Map{{"devices", std::int64_t(asked.devices)},
                      {"exclusive", asked.exclusive},
                      {"trial", asked.trial},
                      {"transforms", asked.transforms},
                      {"paths", Value::List(asked.paths.begin(), asked.paths.end())}};
}

Wishes asked_from(const Value& v) {
    Wishes asked{std::uint64_t(v.at("devices").integer()),
                 v.at("exclusive").boolean(),
                 v.at("trial").boolean(),
                 v.at("transforms").boolean(),
                 {}};
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

Value devices_value(const std::vector<memory::Device>& devices) {
    Value::List list;
    for (const memory::Device& d : devices) list.emplace_back(Value::List{d.name, d.id, d.visible});
    return list;
}

/// What one device makes of a fixed vector, and how much room it has. Where there is no library of transforms, each unit finds
/// out what that means for it.
Value tried(int device, bool transforms, double patience_s) {
    const bool by_library = transforms && device::why_no_transforms().empty();
    return Value::Map{{"fingerprint", runtime::device_fingerprint(device, by_library, patience_s / 2)},
                      {"free_memory", device::free_memory(device)}};
}

/// Each rank that has devices tries the one that its units will take.
void try_devices(comm::Communicator& communicator, Nursery* nursery, double patience_s, const Wishes& asked,
                 std::vector<Offered>& ranks) {
    const auto rank = std::size_t(communicator.rank());
    const Offered& own = ranks[rank];
    Value answer;
    run::together(communicator, [&] {
        if (own.devices.empty()) return;
        const int device = own.order % int(own.devices.size());
        try {
            if (nursery == nullptr) {
                answer = tried(device, asked.transforms, patience_s);
            } else {
                Value::Map task{
                    {"ask", "trial"}, {"device", device}, {"transforms", asked.transforms}, {"patience_s", patience_s}};
                if (own.shares) task["devices"] = own.visible();
                answer = ask_worker(*nursery, patience_s, task);
            }
        } catch (const Failure& e) {
            throw Failure(e.code(), fmt::format("rank {} ({}) tries its device: {}", rank, communicator.host(), e.what()));
        }
    });
    const auto all = communicator.all_gather(answer.is_null() ? "" : run::packed(answer));
    for (std::size_t r = 0; r < ranks.size(); ++r) {
        if (all[r].empty()) continue;
        const Value said = run::unpacked(all[r]);
        ranks[r].trial = {ranks[r].order % int(ranks[r].devices.size()), said.at("fingerprint").string(),
                          std::uint64_t(said.at("free_memory").integer())};
    }
    run::together(communicator, [&] { compare_trials(ranks); });
}

}  // namespace

Value answer_about_devices(const Value& task) {
    if (task.at("ask").string() == "devices") return devices_value(memory::devices());
    if (const Value* devices = task.find("devices")) ::setenv("CUDA_VISIBLE_DEVICES", devices->string().c_str(), 1);
    return tried(int(task.at("device").integer()), task.at("transforms").boolean(), task.at("patience_s").real());
}

std::vector<Offered> meet_offers(comm::Communicator& communicator, Nursery* nursery, double patience_s, const Wishes& own,
                                 const std::vector<std::string>& plugins) {
    const Wishes asked = asked_from(run::unpacked(communicator.broadcast(run::packed(value_of(own)))));
    Offered mine;
    run::together(communicator, [&] {
        mine.node = facts_here(communicator, asked, plugins);
        if (asked.devices == 0 && !asked.trial) return;
        mine.devices = nursery != nullptr ? devices_from(ask_worker(*nursery, patience_s, Value::Map{{"ask", "devices"}}))
                                          : memory::devices();
    });
    std::vector<Offered> ranks;
    for (const std::string& text :
         communicator.all_gather(run::packed(Value::List{run::value_of(mine.node), devices_value(mine.devices)}))) {
        const Value said = run::unpacked(text);
        ranks.push_back({run::node_facts_from(said.list().at(0)), devices_from(said.list().at(1))});
        for (const memory::Device& device : ranks.back().devices) ranks.back().node.devices.push_back(device.name);
    }
    std::map<std::string, int> before;
    for (Offered& rank : ranks) rank.order = before[rank.node.host]++;
    if (asked.exclusive && nursery == nullptr) refuse_sharing(ranks);
    if (asked.exclusive && nursery != nullptr) share_out(ranks, asked.devices);
    if (asked.trial) try_devices(communicator, nursery, patience_s, asked, ranks);
    return ranks;
}

}  // namespace flowspan::batch

#include "batch/offer/offers.hpp"

#include "partition/requirements.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {

using graph::Need;

std::vector<Need> needs_of(const graph::Assignment& assignment) {
    std::vector<Need> all;
    const auto take = [&](const std::vector<Need>& needs) {
        for (const Need& need : needs)
            if (!need.preferred && need.kind != Need::Kind::memory) all.push_back(need);
    };
    for (const graph::Place& place : assignment.places) take(place.needs);
    for (const auto& [block, needs] : assignment.needs) take(needs);
    return all;
}

std::optional<Need> need_of_device(const graph::DescribedGraph& graph) {
    for (const graph::DescribedBlock& block : graph.blocks) {
        if (!block.wants_device || block.only_if_all) continue;
        Need need;
        need.text = "1";
        need.amount = 1;
        need.key = "blocks." + block.name + ".device";
        return need;
    }
    return std::nullopt;
}

void Wishes::add(const std::vector<Need>& needs) {
    for (const Need& need : needs) {
        if (need.kind == Need::Kind::cuda) devices = std::max(devices, need.amount);
        if (need.kind == Need::Kind::exclusive) exclusive = true;
        if (need.kind == Need::Kind::path && std::find(paths.begin(), paths.end(), need.text) == paths.end())
            paths.push_back(need.text);
    }
}

std::string Offered::visible() const {
    std::string words;
    for (const memory::Device& device : devices) words += (words.empty() ? "" : ",") + device.visible;
    return words;
}

void share_out(std::vector<Offered>& ranks, std::uint64_t each) {
    std::set<std::pair<std::string, std::string>> given;  // host and device
    for (Offered& rank : ranks) {
        std::vector<memory::Device> own;
        for (const memory::Device& device : rank.devices)
            if (own.size() < each && !given.contains({rank.node.host, device.id})) own.push_back(device);
        if (own.size() < each) own.clear();
        for (const memory::Device& device : own) given.emplace(rank.node.host, device.id);
        rank.devices = std::move(own);
        rank.shares = true;
        rank.node.devices.clear();
        for (const memory::Device& device : rank.devices) rank.node.devices.push_back(device.name);
    }
}

std::pair<int, int> sharing(const std::vector<Offered>& ranks) {
    std::map<std::pair<std::string, std::string>, int> seen;
    for (std::size_t r = 0; r < ranks.size(); ++r)
        for (const memory::Device& device : ranks[r].devices)
            if (const auto [other, fresh] = seen.emplace(std::pair(ranks[r].node.host, device.id), int(r)); !fresh)
                return {other->second, int(r)};
    return {-1, -1};
}

void compare_trials(std::vector<Offered>& ranks) {
    std::map<std::pair<std::string, std::string>, std::vector<int>> users;
    const auto device_of = [](const Offered& rank) {
        return std::pair(rank.node.host, rank.devices[std::size_t(rank.trial.device)].id);
    };
    const Offered* first = nullptr;
    for (const Offered& rank : ranks) {
        if (rank.trial.device < 0) continue;
        if (first == nullptr) first = &rank;
        if (rank.trial.fingerprint != first->trial.fingerprint) {
            const auto text = [&](const Offered& r) {
                return fmt::format("{} on rank {} ({})", r.trial.fingerprint, &r - ranks.data(), r.node.host);
            };
            throw Failure(ExitCode::communication,
                          fmt::format("the devices differ: what their kernels make of the same samples is {}, and {}\n   hint: "
                                      "give all ranks devices of one model",
                                      text(*first), text(rank)));
        }
        users[device_of(rank)].push_back(int(&rank - ranks.data()));
    }
    for (Offered& rank : ranks)
        if (rank.trial.device >= 0) rank.sharers = users[device_of(rank)];
}

std::vector<bool> serving(const std::vector<Offered>& ranks, const std::vector<Need>& needs) {
    std::vector<bool> serves;
    for (const Offered& rank : ranks)
        serves.push_back(
            std::all_of(needs.begin(), needs.end(), [&](const Need& n) { return partition::offers(rank.node, n); }));
    return serves;
}

void refuse_unserved(const std::vector<Offered>& ranks, const std::vector<Need>& needs) {
    const std::vector<bool> serves = serving(ranks, needs);
    if (std::find(serves.begin(), serves.end(), true) != serves.end()) return;
    graph::Assignment assignment;
    assignment.needs[0] = needs;
    std::vector<partition::NodeFacts> nodes;
    for (const Offered& rank : ranks) nodes.push_back(rank.node);
    partition::Plan plan;
    plan.ranks = int(ranks.size());
    plan.rank_of = {0};
    partition::check_needs(assignment, {}, nodes, plan);  // each alone may be served, by other ranks
    throw Failure(ExitCode::bug, "a rank serves needs of which it serves each");
}

}  // namespace flowspan::batch

#include "run/plan/devices.hpp"

#include "memory/device/device.hpp"
#include "run/agree/together.hpp"
#include "run/plan/planning.hpp"
#include "run/start/node.hpp"
#include "runtime/device/fingerprint.hpp"

#include <flowspan/diagnostic.hpp>

#include <cstddef>

#include <fmt/format.h>

namespace flowspan::run {

std::vector<partition::NodeFacts> look_at_nodes(comm::Communicator& communicator, const runtime::Flowgraph& graph,
                                                const Team& team) {
    const graph::Assignment& assignment = graph.spec().assignment;
    auto nodes = gather_nodes(communicator, assignment, team.plugins());
    if (!partition::wants_devices(graph.described())) return nodes;
    std::vector<Wanted> wanted;
    together(communicator, [&] {
        for (const bool asked : ranks_for_devices(graph, communicator.size(), nodes))
            wanted.push_back({asked, asked && partition::wants_transforms(graph.described()), team.device_order()});
    });
    return gather_nodes(communicator, assignment, team.plugins(), wanted);
}

std::string agree_on_devices(comm::Communicator& communicator, const runtime::Flowgraph& graph, const partition::Plan& plan,
                             double patience_s) {
    if (!partition::uses_devices(plan)) return "";
    const auto rank = std::size_t(communicator.rank());
    const auto& blocks = graph.described().blocks;
    bool transforms = false;
    for (std::size_t b = 0; b < blocks.size(); ++b)
        transforms = transforms || (plan.on_device[b] && blocks[b].device_transforms);
    std::string mine;
    together(communicator, [&] {
        if (plan.device_of_rank[rank] < 0) return;
        try {
            mine = runtime::device_fingerprint(plan.device_of_rank[rank], transforms, patience_s / 2);
        } catch (const device::Error& e) {
            throw Failure(e.code(), fmt::format("rank {} ({}) tries its device: {}", rank, communicator.host(), e.what()));
        }
    });
    const auto all = communicator.all_gather(mine), hosts = communicator.all_gather(communicator.host());
    std::size_t first = 0;
    while (all[first].empty()) ++first;
    for (std::size_t r = first; r < all.size(); ++r) {
        if (all[r].empty() || all[r] == all[first]) continue;
        throw Failure(
            ExitCode::communication,
            fmt::format("the devices differ: what their kernels make of the same samples is {} on rank {} ({}), and {} "
                        "on rank {} ({})\n   hint: give all ranks devices of one model",
                        all[first], first, hosts[first], all[r], r, hosts[r]));
    }
    return all[first];
}

}  // namespace flowspan::run

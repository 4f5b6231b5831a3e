// Which blocks run on devices, and which device a rank takes.
#include "partition/parts.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace flowspan::partition {
namespace {

using graph::DescribedBlock;

bool sees_device(const std::vector<NodeFacts>& nodes, int rank) {
    return nodes.empty() || !nodes[std::size_t(rank)].devices.empty();
}

Diagnostic refused(const DescribedBlock& block, std::string expected, std::string got) {
    Diagnostic d;
    d.key = "blocks." + block.name + ".device";
    d.expected = std::move(expected);
    d.got = std::move(got);
    return d;
}

/// Of the k-th rank with such blocks on a host that sees n devices: k mod n.
void choose_devices(const std::vector<NodeFacts>& nodes, Plan& plan) {
    plan.device_of_rank.assign(std::size_t(plan.ranks), -1);
    std::vector<bool> uses(std::size_t(plan.ranks), false);
    for (std::size_t b = 0; b < plan.on_device.size(); ++b)
        if (plan.on_device[b]) uses[std::size_t(plan.rank_of[b])] = true;
    std::map<std::string, int> before;
    for (std::size_t r = 0; r < uses.size(); ++r) {
        if (!uses[r]) continue;
        const bool known = !nodes.empty();
        const int number = before[known ? nodes[r].host : std::string()]++;
        plan.device_of_rank[r] = known ? number % int(nodes[r].devices.size()) : 0;
    }
}

}  // namespace

bool converts_on_devices(SampleType from) {
    switch (from) {
        case SampleType::ri8:
        case SampleType::ru8:
        case SampleType::ri16:
        case SampleType::ru16:
        case SampleType::ci8:
        case SampleType::cu8:
        case SampleType::ci16:
        case SampleType::cu16:
            return true;
        default:
            return false;
    }
}

bool wants_devices(const graph::DescribedGraph& graph) {
    return std::any_of(graph.blocks.begin(), graph.blocks.end(), [](const DescribedBlock& b) { return b.wants_device; });
}

void place_on_devices(const graph::DescribedGraph& graph, const std::vector<NodeFacts>& nodes, Plan& plan) {
    const std::size_t blocks = graph.blocks.size();
    plan.on_device.assign(blocks, false);
    std::map<std::string, bool> all_can;  // copies of one block
    for (std::size_t b = 0; b < blocks; ++b) {
        const DescribedBlock& block = graph.blocks[b];
        if (!block.wants_device || !block.only_if_all) continue;
        const bool can = block.on_devices && sees_device(nodes, plan.rank_of[b]);
        const auto [found, first] = all_can.try_emplace(block.base, can);
        if (!first) found->second = found->second && can;
    }
    Diagnostics found;
    for (std::size_t b = 0; b < blocks; ++b) {
        const DescribedBlock& block = graph.blocks[b];
        if (!block.wants_device) continue;
        if (block.only_if_all) {
            plan.on_device[b] = all_can[block.base];
        } else if (!block.on_devices) {
            const std::string why = block.cpu_only.empty() ? "has none" : block.cpu_only;
            found.push_back(refused(block, "a block with kernels for this", block.type + ", which " + why));
        } else if (!sees_device(nodes, plan.rank_of[b])) {
            const int rank = plan.rank_of[b];
            found.push_back(
                refused(block, fmt::format("a CUDA device on rank {} ({})", rank, nodes[std::size_t(rank)].host), "none"));
        } else {
            plan.on_device[b] = true;
        }
    }
    if (!found.empty()) throw Refused(std::move(found));
    choose_devices(nodes, plan);
}

}  // namespace flowspan::partition

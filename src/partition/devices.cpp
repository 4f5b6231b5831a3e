// Which blocks run on devices, and which device a rank takes.
#include "partition/parts.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

namespace flowspan::partition {
namespace {

using graph::DescribedBlock;

bool sees_device(const std::vector<NodeFacts>& nodes, int rank) {
    return nodes.empty() || !nodes[std::size_t(rank)].devices.empty();
}

/// Why its rank cannot transform what the block does; "" where it can.
std::string lacks_transforms(const DescribedBlock& block, const std::vector<NodeFacts>& nodes, int rank) {
    return nodes.empty() || !block.device_transforms ? "" : nodes[std::size_t(rank)].no_transforms;
}

Diagnostic refused(const DescribedBlock& block, std::string expected, std::string got) {
    Diagnostic d;
    d.key = "blocks." + block.name + ".device";
    d.expected = std::move(expected);
    d.got = std::move(got);
    return d;
}

/// Of the k-th rank with such blocks on a host that sees n devices: k mod n. (Where others run at the same time, whoever starts
/// them says k.)
void choose_devices(const std::vector<NodeFacts>& nodes, Plan& plan) {
    plan.device_of_rank.assign(std::size_t(plan.ranks), -1);
    std::vector<bool> uses(std::size_t(plan.ranks), false);
    for (std::size_t b = 0; b < plan.on_device.size(); ++b)
        if (plan.on_device[b]) uses[std::size_t(plan.rank_of[b])] = true;
    std::map<std::string, int> before;
    for (std::size_t r = 0; r < uses.size(); ++r) {
        if (!uses[r]) continue;
        const bool known = !nodes.empty();
        const int next = before[known ? nodes[r].host : std::string()]++;
        const int number = known && nodes[r].device_order >= 0 ? nodes[r].device_order : next;
        plan.device_of_rank[r] = known ? number % int(nodes[r].devices.size()) : 0;
    }
}

}  // namespace

bool lies_on_device(const graph::DescribedGraph& graph, const Plan& plan, int output, int rank) {
    const auto producer = std::size_t(graph.outputs[std::size_t(output)].block);
    return plan.on_device[producer] && plan.rank_of[producer] == rank;
}

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

bool wants_transforms(const graph::DescribedGraph& graph) {
    return std::any_of(graph.blocks.begin(), graph.blocks.end(),
                       [](const DescribedBlock& b) { return b.wants_device && b.device_transforms; });
}

std::size_t device_page_of(const std::vector<NodeFacts>& nodes) {
    std::uint64_t page = 0;
    for (const NodeFacts& node : nodes) page = std::max(page, node.device_page);
    return page == 0 ? PlanOptions().device_page_bytes : std::size_t(page);
}

void place_on_devices(const graph::DescribedGraph& graph, const std::vector<NodeFacts>& nodes, Plan& plan) {
    const std::size_t blocks = graph.blocks.size();
    plan.on_device.assign(blocks, false);
    std::map<std::string, bool> all_can;  // copies of one block
    for (std::size_t b = 0; b < blocks; ++b) {
        const DescribedBlock& block = graph.blocks[b];
        if (!block.wants_device || !block.only_if_all) continue;
        const int rank = plan.rank_of[b];
        const bool can = block.on_devices && sees_device(nodes, rank) && lacks_transforms(block, nodes, rank).empty();
        const auto [found, first] = all_can.try_emplace(block.base, can);
        if (!first) found->second = found->second && can;
    }
    Diagnostics found;
    for (std::size_t b = 0; b < blocks; ++b) {
        const DescribedBlock& block = graph.blocks[b];
        if (!block.wants_device) continue;
        const int rank = plan.rank_of[b];
        if (block.only_if_all) {
            plan.on_device[b] = all_can[block.base];
        } else if (!block.on_devices) {
            const std::string why = block.cpu_only.empty() ? "has none" : block.cpu_only;
            found.push_back(refused(block, "a block with kernels for this", block.type + ", which " + why));
        } else if (!sees_device(nodes, rank)) {
            found.push_back(
                refused(block, fmt::format("a CUDA device on rank {} ({})", rank, nodes[std::size_t(rank)].host), "none"));
        } else if (const std::string why = lacks_transforms(block, nodes, rank); !why.empty()) {
            found.push_back(refused(block,
                                    fmt::format("cuFFT on rank {} ({}), which {} needs for its size", rank,
                                                nodes[std::size_t(rank)].host, block.type),
                                    why));
        } else {
            plan.on_device[b] = true;
        }
    }
    if (!found.empty()) throw Refused(std::move(found));
    choose_devices(nodes, plan);
}

std::vector<Transfer> find_transfers(const graph::DescribedGraph& graph, const Plan& plan) {
    if (!uses_devices(plan)) return {};
    using Key = std::tuple<int, int, bool, SampleType>;  // by output
    std::set<Key> wanted;
    // It is converted before, by the host, where it cannot be behind.
    const auto want = [&](int output, int rank, bool on_device, SampleType converted_to) {
        const bool from_device = lies_on_device(graph, plan, output, rank);
        const bool before =
            converted_to != SampleType::any && on_device && !converts_on_devices(graph.outputs[std::size_t(output)].type);
        if (before && from_device) wanted.emplace(output, rank, false, SampleType::any);
        if (before)
            wanted.emplace(output, rank, true, converted_to);
        else if (from_device != on_device)
            wanted.emplace(output, rank, on_device, SampleType::any);
    };
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const graph::DescribedInput& input : graph.blocks[b].inputs)
            if (input.output >= 0) want(input.output, plan.rank_of[b], plan.on_device[b], input.converted_to);
    for (const Crossing& c : plan.crossings) want(c.output, c.from, false, SampleType::any);
    std::vector<Transfer> transfers;
    for (const auto& [output, rank, to_device, type] : wanted)
        transfers.push_back({.output = output, .rank = rank, .to_device = to_device, .type = type});
    return transfers;
}

}  // namespace flowspan::partition

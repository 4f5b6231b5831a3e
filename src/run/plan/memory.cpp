#include "run/plan/memory.hpp"

#include "memory/device/device.hpp"
#include "run/start/node.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

/// Of the host, or of the rank's device.
std::uint64_t ring_bytes(const partition::Plan& plan, int rank, bool on_device) {
    std::uint64_t bytes = 0;
    const auto add = [&](const auto& ring, bool there) {
        if (ring.rank == rank && there == on_device) bytes += std::min(ring.bytes, UINT64_MAX - bytes);
    };
    for (const auto& b : plan.buffers) add(b, b.on_device);
    for (const auto& t : plan.transfers) add(t, t.to_device);
    for (const auto& c : plan.conversions) add(c, c.on_device);
    return bytes;
}

void refuse_memory(const std::string& key, const std::string& expected, std::uint64_t bytes) {
    throw Refused(Diagnostic{{}, key, expected, fmt::format("{} bytes", bytes), "`flowspan check` shows what needs them", {}});
}

}  // namespace

std::uint64_t device_bytes_of(const partition::Plan& plan, const runtime::Flowgraph& graph, int rank) {
    std::uint64_t bytes = ring_bytes(plan, rank, true);
    for (std::size_t b = 0; b < plan.rank_of.size(); ++b)
        if (plan.rank_of[b] == rank && plan.on_device[b])
            bytes += std::min(graph.described().blocks[b].device_bytes, UINT64_MAX - bytes);
    return bytes;
}

std::uint64_t bytes_of(const partition::Plan& plan, const runtime::Flowgraph& graph, int rank) {
    std::uint64_t bytes = ring_bytes(plan, rank, false);
    for (std::size_t b = 0; b < plan.rank_of.size(); ++b)
        if (plan.rank_of[b] == rank) bytes += std::min(graph.described().blocks[b].bytes, UINT64_MAX - bytes);
    return bytes;
}

// What blocks hold may come to less than they say, and counts for `--memory` alone; rings are made.
void check_memory(const partition::Plan& plan, const runtime::Flowgraph& graph, int rank, const std::string& host,
                  std::uint64_t limit) {
    const std::uint64_t rings = ring_bytes(plan, rank, false), bytes = bytes_of(plan, graph, rank);
    if (const std::uint64_t there = whole_memory(); rings > there)
        refuse_memory("", fmt::format("rings of at most {} bytes on rank {}, which is all the memory of {}", there, rank, host),
                      rings);
    if (limit != 0 && bytes > limit) refuse_memory("--memory", fmt::format("at most {} bytes on rank {}", limit, rank), bytes);
}

void check_device_memory(const partition::Plan& plan, const runtime::Flowgraph& graph,
                         const std::vector<partition::NodeFacts>& nodes, int rank, std::uint64_t limit) {
    const int device = plan.device_of_rank[std::size_t(rank)];
    if (device < 0) return;
    const auto device_of = [&](int other) {
        const int number = plan.device_of_rank[std::size_t(other)];
        const auto& ids = nodes[std::size_t(other)].device_ids;
        return number < 0 || std::size_t(number) >= ids.size() ? std::to_string(number) : ids[std::size_t(number)];
    };
    const std::uint64_t own = device_bytes_of(plan, graph, rank);
    std::uint64_t all = 0;
    for (int other = 0; other < plan.ranks; ++other)
        if (nodes[std::size_t(other)].host == nodes[std::size_t(rank)].host && device_of(other) == device_of(rank))
            all += device_bytes_of(plan, graph, other);
    const std::string& host = nodes[std::size_t(rank)].host;
    if (limit != 0 && own > limit)
        refuse_memory("--device-memory", fmt::format("at most {} bytes on the device of rank {}", limit, rank), own);
    if (const std::uint64_t there = device::free_memory(device); all > there)
        refuse_memory("",
                      fmt::format("rings and tables of at most {} bytes on device {} of {}, which is all that is free there",
                                  there, device, host),
                      all);
}

}  // namespace flowspan::run

// From a described graph and an assignment to partitions, crossings and buffer sizes. Pure functions.
#pragma once

#include "graph/described.hpp"
#include "graph/spec.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::partition {

/// A stream that leaves its rank: one output, one reading rank, however many readers there.
struct Crossing {
    int output = -1;
    int from = -1, to = -1;     // ranks
    std::uint64_t quantum = 0;  // items that a chunk holds at best
    friend bool operator==(const Crossing&, const Crossing&) = default;
};

/// One ring: an output's samples on one rank, on the producing rank or behind a crossing. An optional output that nobody reads
/// has none, one that must be written has room for a quantum. Converted samples take a ring of as many items.
struct Buffer {
    int output = -1;
    int rank = -1;
    std::uint64_t capacity = 0;  // items, paddings included
    std::uint64_t quantum = 0;   // items a step moves at most
    std::uint64_t bytes = 0;     // memory
    int memory_of = -1;          // output upstream whose memory it shares; then `bytes` is 0
    bool on_device = false;      // memory of the rank's device, where its writer runs
};

/// An implicit conversion: one per (output, sample type, consuming rank, memory).
struct Conversion {
    int output = -1;
    SampleType to = SampleType::any;
    int rank = -1;
    bool on_device = false;
    std::uint64_t bytes = 0;  // of its ring, which has as many items as the one it reads
};

/// What copies samples to the rank's device or from there: one per (output, sample type, rank), with a ring of its own.
struct Transfer {
    int output = -1;
    int rank = -1;
    bool to_device = false;             // else to the host
    SampleType type = SampleType::any;  // what the output has been converted to before; any: as it is
    std::uint64_t capacity = 0, quantum = 0, bytes = 0;
};

struct Plan {
    int ranks = 1;
    std::vector<int> rank_of;         // by block
    std::vector<int> followed;        // blocks that no place named and so follow their first producer
    std::vector<Crossing> crossings;  // by (output, to)
    std::vector<Buffer> buffers;      // by (output, rank)
    std::vector<Conversion> conversions;
    std::vector<Transfer> transfers;  // by (output, rank)
    std::vector<bool> on_device;      // by block
    std::vector<int> device_of_rank;  // which of those that a rank sees; -1: it has no block on one
    std::vector<std::string> notes;   // lines for `check` and stderr ("the assignment is ignored on one rank")
    const Buffer* buffer(int output, int rank) const;
};

/// What the node of one rank offers, as that rank saw it at the start.
struct NodeFacts {
    std::string host;
    std::uint64_t memory = 0;               // bytes that are free
    std::vector<std::string> devices;       // names of CUDA devices
    std::vector<std::string> paths;         // those that exist, of the ones that the graph asks for
    std::vector<std::string> plugins;       // names of the loaded ones
    std::vector<std::string> device_ids{};  // the same for all that see a device; empty: not known
    std::uint64_t device_page = 0;          // bytes of which rings on its devices are multiples; 0: not known
    int device_order = -1;                  // of the ranks on its host; -1: of those of the run, in order
    std::string no_transforms{};            // why the library of transforms is not there; "": it is, or nobody asks
};

/// The largest page of the devices, for PlanOptions; what today's have where nobody says it.
std::size_t device_page_of(const std::vector<NodeFacts>& nodes);

/// Whether any does run on one.
inline bool uses_devices(const Plan& plan) {
    return std::find(plan.on_device.begin(), plan.on_device.end(), true) != plan.on_device.end();
}

/// Whether blocks are to run on devices, so that nodes have to say which they have.
bool wants_devices(const graph::DescribedGraph& graph);
/// Whether any of them needs the library of transforms there.
bool wants_transforms(const graph::DescribedGraph& graph);

/// By rank: whether such blocks are dealt to it, so that it, and no other, has to ask a driver. Throws as make_plan does.
std::vector<bool> ranks_for_devices(const graph::DescribedGraph& graph, const graph::Assignment& assignment, int ranks,
                                    const std::vector<NodeFacts>& nodes);

/// What a step in a chain on one rank moves, by the size of the first data cache. Two buffers of it, and what blocks and the
/// runtime touch besides (8 KiB: with 48 KiB of cache, 20 KiB are as good as less), stay in the cache; whole pages.
std::size_t host_quantum_bytes(std::size_t first_cache_bytes);

struct PlanOptions {
    int ranks = 1;
    std::vector<NodeFacts> nodes = {};          // by rank; empty: what blocks and places need is not looked at
    std::size_t host_quantum_bytes = 20 << 10;  // two of them and what blocks hold fit the first cache
    int host_depth = 2;                         // quanta in the ring of a chain on one rank
    std::size_t crossing_quantum_bytes = 256 << 10;
    std::size_t file_piece_bytes = 1 << 20;
    int file_depth = 4;
    int crossing_depth = 4;  // quanta of a ring on either side of a crossing
    std::size_t page_bytes = 4096;
    std::size_t device_chunk_bytes = 16 << 20;
    std::size_t device_page_bytes = 2 << 20;  // of rings
    int device_depth = 4;                     // chunks in a ring whose room comes back when a queue has come so far
};

/// Deals blocks to ranks. Throws Refused (fewer or more ranks than named, with the hint `--ranks auto` or `--ranks fold`).
/// On one rank the assignment is ignored; what blocks require holds there too. Modes none (and more than one rank) and
/// automatic: a contiguous division of the topological order by declared cost; where blocks have needs, each goes to a rank
/// that serves it. Throws Refused where a rank does not offer what is required of it, and where no ring can hold what a block
/// asks for.
Plan make_plan(const graph::DescribedGraph& graph, const graph::Assignment& assignment, const PlanOptions& options);

}  // namespace flowspan::partition

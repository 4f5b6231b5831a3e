// What the node of this rank offers to blocks and places that need something.
#pragma once

#include "comm/communicator.hpp"
#include "partition/plan.hpp"

#include <flowspan/value.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace flowspan::run {

/// What blocks that are to run on devices ask for, whatever the assignment does.
struct Wanted {
    bool devices = false;
    bool transforms = false;  // by a library there
    int order = -1;           // NodeFacts::device_order
};
/// The facts of this machine that `assignment` and `wanted` ask for; what they do not ask for is not looked at (devices take
/// their time). `plugins` are those of this process, as Library has them; one is known by the name of its file without the
/// extension.
partition::NodeFacts node_facts(const graph::Assignment& assignment, const std::string& host,
                                const std::vector<std::string>& plugins, const Wanted& wanted = {});

/// Those of all ranks, by rank; empty where nothing is asked for. `wanted`, by rank. Collective.
std::vector<partition::NodeFacts> gather_nodes(comm::Communicator& communicator, const graph::Assignment& assignment,
                                               const std::vector<std::string>& plugins, const std::vector<Wanted>& wanted = {});

/// The same as it travels.
Value value_of(const partition::NodeFacts& facts);
partition::NodeFacts node_facts_from(const Value& value);

/// Bytes that a process may still take: what the machine has free, or less where a control group (a Slurm job, a container)
/// allows less. 0 where neither can be read.
std::uint64_t free_memory();
/// All memory of this machine, swap included: what needs more cannot run here.
std::uint64_t whole_memory();

/// Bytes of a core's first data cache: as FLOWSPAN_FIRST_CACHE says (for measurements), else the C library, else the kernel;
/// 32 KiB where nobody knows. Throws Refused where the variable is no positive number of bytes.
std::size_t first_cache_bytes();

}  // namespace flowspan::run

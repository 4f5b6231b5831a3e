// The parts of `make_plan`.
#pragma once

#include "partition/plan.hpp"

#include <vector>

namespace flowspan::partition {

/// Items per second of source time, by block (of its inputs; a source: of its outputs) and by output. Where no rate is known
/// in a connected part, its first source makes 1 item/s. Joins pair equal indices, so all inputs of a block have one rate.
struct Rates {
    std::vector<double> of_block, of_output;
    /// Number of the connected part of a block. Streams connect, and messages, for who receives them waits until their senders
    /// have come as far. Nothing couples the times of different parts, so their rates cannot be compared.
    std::vector<int> part_of;
    int parts = 0;
};
Rates relative_rates(const graph::DescribedGraph& graph, const std::vector<int>& order);

/// A topological order that follows a chain to its end before it begins the next, so that a division of it parts few chains.
std::vector<int> chain_order(const graph::DescribedGraph& graph);

/// Sets rank_of, followed and notes of `plan`; throws Refused. `nodes` by rank, or empty.
void assign(const graph::DescribedGraph& graph, const graph::Assignment& assignment, const std::vector<int>& order,
            const Rates& rates, const std::vector<NodeFacts>& nodes, Plan& plan);

/// What is said where an assignment that names so many ranks is to run on another number of them.
Diagnostic wrong_number(const graph::Assignment& assignment, int named, int ranks);

/// Throws Refused with all histories, needs, steps and rooms that no ring can hold.
void check_limits(const graph::DescribedGraph& graph);

/// Sets on_device and device_of_rank of `plan`, whose rank_of is known; throws Refused where a block cannot run on a device and
/// has to. Without nodes every rank is taken to have one.
void place_on_devices(const graph::DescribedGraph& graph, const std::vector<NodeFacts>& nodes, Plan& plan);

/// Whether samples of this type can be converted to floats on a device; else they are before they go there.
bool converts_on_devices(SampleType from);

/// Whether the device has an output's samples on a rank before any transfer: ends of links know the host's memory alone.
bool lies_on_device(const graph::DescribedGraph& graph, const Plan& plan, int output, int rank);

/// What readers and crossings of a plan, whose on_device and crossings are known, want in another memory than a writer puts it;
/// without sizes.
std::vector<Transfer> find_transfers(const graph::DescribedGraph& graph, const Plan& plan);

/// Sets crossings, buffers, conversions and transfers of `plan`, whose rank_of and on_device are known.
void size_buffers(const graph::DescribedGraph& graph, const std::vector<int>& order, const Rates& rates,
                  const PlanOptions& options, Plan& plan);

}  // namespace flowspan::partition

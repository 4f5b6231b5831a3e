// What can be said of a graph before anything runs, on one rank: recordings' headers, descriptions, products; and all that is
// wrong with it in one go.
#pragma once

#include "run/job/job.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::run {

/// Reads the graph and the recordings' headers and describes everything, on one rank, without running: for `check` and `draw`.
struct Examined {
    std::unique_ptr<runtime::Flowgraph> graph;
    Facts facts;
};
/// Throws Refused with all mistakes that can be found. `ranks`: how many it is to run on; 1: any.
Examined examine(const Registry& registry, const JobRequest& request, int ranks = 1);

/// The same mistakes, and what later steps would find wrong with what these leave whole. `ranks`: how many it is to run on; 1:
/// any.
Refused all_mistakes(const Registry& registry, const JobRequest& request, const Refused& first, int ranks = 1);

/// The parts of it. Each throws Refused.
/// The headers of these recordings.
Facts read_facts(const std::vector<std::string>& paths, const runtime::Flowgraph& graph);
/// `--from` and `--duration` become overrides of every source.
void add_range_overrides(JobRequest& request, const runtime::Flowgraph& graph);
/// What paths of products may name, beside what blocks add.
std::map<std::string, Value> placeholders(const Facts& facts, const std::vector<std::string>& recordings);
/// Describes; mistakes in groups say where the groups are used.
void describe(runtime::Flowgraph& graph, const runtime::DescribeOptions& options);
/// The files that recordings consist of.
std::vector<std::string> input_files(const Facts& facts, const std::vector<std::string>& recordings);

}  // namespace flowspan::run

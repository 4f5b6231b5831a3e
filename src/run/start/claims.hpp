// Which files a run may write, and what is wrong with them before it begins.
#pragma once

#include "io/claim/lock.hpp"
#include "io/record/recover.hpp"
#include "run/job/job.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <string>
#include <vector>

namespace flowspan::run {

/// Names and patterns of all blocks and of the report, by folder and numbered by block. `rank_of`: by block; what other ranks
/// than `rank` write may lie on other nodes.
io::Claims claims_of(const runtime::Flowgraph& graph, const JobRequest& request, const std::vector<int>& rank_of, int rank);

/// Names that cannot be, that two blocks may make, or that are inputs; the report's and the control socket's among them.
Diagnostics mistakes_of_names(const runtime::Flowgraph& graph, const JobRequest& request,
                              const std::vector<std::string>& inputs);
/// Products that are there already.
std::vector<std::string> names_of_existing(const io::Claims& claims, const JobRequest& request);
/// The same as one mistake, unless they may be overwritten; and the report.
Diagnostics existing_products(const io::Claims& claims, const JobRequest& request);

/// The products of dead runs that stand in this run's way. Throws Failure; otherwise adds warnings of what stands in nobody's.
void check_blocked(const io::Recovered& recovered, const io::Claims& claims, std::vector<std::string>& warnings);

/// Whether a path is written as a product: nothing is there yet, or a file that a rename replaces.
bool takes_its_name_at_the_end(const std::string& path);

}  // namespace flowspan::run

// What a run has measured of its blocks and crossings, out of its report (docs/report.md).
#pragma once

#include "graph/spec.hpp"

#include <flowspan/value.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::graph {

struct BlockLoad {
    std::string type;
    int rank = 0;
    double work_s = 0;  // of calls; of a block on a device time of the device
    double items = 0;   // that came in; of a source that went out
};

struct Profile {
    std::string file;    // for messages
    double seconds = 0;  // of the run
    std::map<std::string, BlockLoad> blocks;
    std::map<std::pair<std::string, int>, double> crossed;  // bytes, by edge ("channelize.out[2]") and the rank that got them

    /// The rank of each block as it was in the run. Throws Refused unless the run was of this graph: of the same blocks.
    std::vector<int> ranks_of(const FlowgraphSpec& spec) const;
};

/// `text`: what `flowspan run --report` wrote; `file` is cited. Throws Refused where it is no report of a run.
Profile read_profile(const std::string& text, const std::string& file);

}  // namespace flowspan::graph

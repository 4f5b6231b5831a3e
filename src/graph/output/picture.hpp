// What a picture of a flowgraph shows, before it is written as text: boxes of blocks, frames around groups, lines.
#pragma once

#include "graph/described.hpp"
#include "graph/spec.hpp"

#include <set>
#include <string>
#include <vector>

namespace flowspan::graph {

/// One block, or many copies of one that run on the same rank.
struct Box {
    std::string type;
    int rank = -1;   // -1: not assigned
    int frame = -1;  // the innermost around it
    std::vector<std::string> blocks;
    std::string name;  // for people: "receive[0-7].demod", or "demod" where the frame says the rest
};

/// An instance of a group, or many of them whose blocks share boxes.
struct Frame {
    std::string name, group;             // as of a box; "receiver" ("" where it is not known)
    int parent = -1;                     // the frame around it
    int rank = -1;                       // of all that is in it; -1: several, or none
    std::vector<std::string> instances;  // "receive[0]", "receive[1]", ...
    std::vector<int> frames, boxes;      // directly in it
};

/// One or more connections between two boxes.
struct Line {
    int from = -1, to = -1;
    bool message = false;
    int count = 0;
    std::set<std::string> labels;
    std::set<std::string> edges{};  // as reports name them: "channelize.out[2]", "bursts.detections -> log.in"
    std::string label() const;      // "8 x cf32 200 kHz"
};

struct Picture {
    std::vector<Box> boxes;
    std::vector<Frame> frames;
    std::vector<Line> lines;
    std::vector<int> outer_frames, outer_boxes;  // in no frame
    std::set<int> ranks;
};

/// More than four copies share a box for each of their ranks. `described` (nullptr: not known) gives lines their types and
/// rates, `rank_of` (by block; may be empty) the ranks.
Picture picture_of(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of);

}  // namespace flowspan::graph

#include "run/star/needed.hpp"

#include <utility>

namespace flowspan::run {

Needed::Needed(const graph::DescribedGraph& graph, std::vector<int> rank_of)
    : reads_(graph.blocks.size()),
      seen_outside_(graph.blocks.size()),
      ended_(graph.blocks.size()),
      rank_of_(std::move(rank_of)) {
    std::vector<bool> read(graph.blocks.size());
    const auto add = [&](int from, int to) {
        reads_[std::size_t(to)].push_back(from);
        read[std::size_t(from)] = true;
    };
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const graph::DescribedInput& in : graph.blocks[b].inputs)
            if (in.output >= 0) add(graph.outputs[std::size_t(in.output)].block, int(b));
    for (const graph::DescribedMessageEdge& m : graph.messages) {
        add(m.from, m.to);
        has_cycles_ = has_cycles_ || m.feedback;
    }
    for (std::size_t b = 0; b < graph.blocks.size(); ++b) seen_outside_[b] = graph.blocks[b].publishes || !read[b];
}

std::map<int, std::vector<int>> Needed::ended(const std::vector<int>& blocks) {
    for (const int b : blocks) ended_[std::size_t(b)] = true;
    std::vector<bool> needed(ended_.size());
    std::vector<int> next;
    const auto need = [&](std::size_t b) {
        if (ended_[b] || needed[b]) return;
        needed[b] = true;
        next.push_back(int(b));
    };
    for (std::size_t b = 0; b < ended_.size(); ++b)
        if (seen_outside_[b]) need(b);
    while (!next.empty()) {
        const int b = next.back();
        next.pop_back();
        for (const int from : reads_[std::size_t(b)]) need(std::size_t(from));
    }
    std::map<int, std::vector<int>> unneeded;
    for (std::size_t b = 0; b < ended_.size(); ++b) {
        if (ended_[b] || needed[b]) continue;
        ended_[b] = true;
        unneeded[rank_of_[b]].push_back(int(b));
    }
    return unneeded;
}

}  // namespace flowspan::run

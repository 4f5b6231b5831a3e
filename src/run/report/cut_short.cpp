#include "run/report/cut_short.hpp"

namespace flowspan::run {

std::vector<bool> may_be_cut_short(const graph::DescribedGraph& graph) {
    const std::size_t n = graph.blocks.size();
    std::vector<bool> cut(n, false), kept(n, false), read(n, false);
    std::vector<std::vector<int>> heard_by(n);
    for (const graph::DescribedMessageEdge& m : graph.messages)
        if (!m.feedback) heard_by[std::size_t(m.from)].push_back(m.to);
    const std::vector<int> order = graph::topological_order(graph).order;
    for (auto b = order.rbegin(); b != order.rend(); ++b) {
        const auto at = std::size_t(*b);
        for (const int to : heard_by[at]) {
            read[at] = true;  // a block with streams takes messages until these have ended
            if (graph.blocks[std::size_t(to)].inputs.empty() && !cut[std::size_t(to)]) kept[at] = true;
        }
        cut[at] = read[at] && !kept[at] && !graph.blocks[at].publishes;
        for (const graph::DescribedInput& in : graph.blocks[at].inputs) {
            if (in.output < 0) continue;
            const auto from = std::size_t(graph.outputs[std::size_t(in.output)].block);
            read[from] = true;
            if (!in.cut && !cut[at]) kept[from] = true;
        }
    }
    return cut;
}

}  // namespace flowspan::run

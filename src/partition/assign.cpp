// Which block runs on which rank.
#include "graph/resolve/names.hpp"
#include "partition/parts.hpp"
#include "partition/requirements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <queue>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace flowspan::partition {
namespace {

using graph::Assignment;
using graph::DescribedGraph;
using graph::Place;

void deal(const Assignment& assignment, const std::vector<std::vector<int>>& ranks, std::vector<int>& rank_of) {
    for (std::size_t i = 0; i < assignment.places.size(); ++i) {
        for (const Place::Selection& selection : assignment.places[i].selections) {
            const std::size_t n = selection.blocks.size();
            for (std::size_t k = 0; k < n; ++k) rank_of[std::size_t(selection.blocks[k])] = ranks[i][k * ranks[i].size() / n];
        }
    }
}

/// Unnamed blocks go where their first producer is: of a stream, else of a message, else rank 0.
void follow(const DescribedGraph& graph, const std::vector<int>& order, Plan& plan) {
    std::vector<int> sender(graph.blocks.size(), -1);
    for (const graph::DescribedMessageEdge& edge : graph.messages)
        if (!edge.feedback && sender[std::size_t(edge.to)] < 0) sender[std::size_t(edge.to)] = edge.from;
    for (const int block : order) {
        int& rank = plan.rank_of[std::size_t(block)];
        if (rank >= 0) continue;
        plan.followed.push_back(block);
        int producer = sender[std::size_t(block)];
        for (const graph::DescribedInput& input : graph.blocks[std::size_t(block)].inputs) {
            if (input.output < 0) continue;
            producer = graph.outputs[std::size_t(input.output)].block;
            break;
        }
        rank = producer >= 0 ? plan.rank_of[std::size_t(producer)] : 0;
    }
    std::sort(plan.followed.begin(), plan.followed.end());
}

/// By part: for how long, in seconds of its own time, it runs. Items a second of different parts say nothing about each other:
/// a receiver at 20 MHz may read a tenth of a second, an audio file beside it an hour. Where all sources know how many items
/// they make, that tells; where one does not, a batch program's best guess is that files are of a size, so every part runs
/// for as long as its fastest stream needs for one item.
std::vector<double> durations(const DescribedGraph& graph, const Rates& rates) {
    std::vector<double> known(std::size_t(rates.parts), 0), alike(std::size_t(rates.parts), 0);
    bool all_known = true;
    for (std::size_t b = 0; b < graph.blocks.size(); ++b) {
        const graph::DescribedBlock& block = graph.blocks[b];
        const auto part = std::size_t(rates.part_of[b]);
        for (const int output : block.outputs) alike[part] = std::max(alike[part], rates.of_output[std::size_t(output)]);
        if (!block.inputs.empty() || block.outputs.empty()) continue;
        all_known = all_known && block.total.has_value();
        if (block.total) known[part] = std::max(known[part], double(*block.total) / rates.of_block[b]);
    }
    for (double& one : alike) one = one > 0 ? 1 / one : 1;
    return all_known ? known : alike;
}

/// What each block costs in all: per item of its input 0 (a source: of its output 0), times their number.
std::vector<double> work_of(const DescribedGraph& graph, const Rates& rates) {
    const std::vector<double> duration = durations(graph, rates);
    std::vector<double> work(graph.blocks.size(), 0);
    for (std::size_t b = 0; b < work.size(); ++b)
        work[b] = std::max(0.0, graph.blocks[b].cost) * rates.of_block[b] * duration[std::size_t(rates.part_of[b])];
    return work;
}

/// How many contiguous parts of at most `bound` the order needs.
int parts_needed(const std::vector<int>& order, const std::vector<double>& work, double bound) {
    int parts = 1;
    double sum = 0;
    for (const int block : order) {
        if (sum + work[std::size_t(block)] > bound && sum > 0) {
            ++parts;
            sum = 0;
        }
        sum += work[std::size_t(block)];
    }
    return parts;
}

/// The contiguous division whose largest part is smallest; no rank stays empty while there are blocks for it.
void divide(const std::vector<int>& order, const std::vector<double>& work, int ranks, std::vector<int>& rank_of) {
    double low = 0, high = 0;
    for (const double one : work) {
        low = std::max(low, one);
        high += one;
    }
    for (int i = 0; i < 60 && low < high; ++i) {
        const double middle = low + (high - low) / 2;
        (parts_needed(order, work, middle) <= ranks ? high : low) = middle;
    }
    int rank = 0;
    double sum = 0;
    std::size_t on_rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const double one = work[std::size_t(order[i])];
        const bool full = sum + one > high * (1 + 1e-12);
        const bool needed = order.size() - i <= std::size_t(ranks - 1 - rank);  // one block for each rank that is left
        if (on_rank > 0 && rank + 1 < ranks && (full || needed)) {
            ++rank;
            sum = 0;
            on_rank = 0;
        }
        rank_of[std::size_t(order[i])] = rank;
        sum += one;
        ++on_rank;
    }
}

/// Which of some ranks has the least to do: loads only grow, so what stands in the queue is looked at again when it comes up.
class LeastLoaded {
public:
    LeastLoaded(const std::vector<int>& ranks, const std::vector<double>& load) : ranks_(ranks), load_(load) {
        for (const int r : ranks) queue_.emplace(load[std::size_t(r)], r);
    }
    int rank() {
        for (;;) {
            const auto [load, rank] = queue_.top();
            if (load == load_[std::size_t(rank)]) return rank;
            queue_.pop();
            queue_.emplace(load_[std::size_t(rank)], rank);
        }
    }
    /// The first that has nothing; -1: there is none.
    int idle(const std::vector<int>& on_rank) {
        while (idle_ < ranks_.size() && on_rank[std::size_t(ranks_[idle_])] > 0) ++idle_;
        return idle_ < ranks_.size() ? ranks_[idle_] : -1;
    }

private:
    const std::vector<int>& ranks_;
    const std::vector<double>& load_;
    std::priority_queue<std::pair<double, int>, std::vector<std::pair<double, int>>, std::greater<>> queue_;
    std::size_t idle_ = 0;
};

/// Which ranks serve each block; what needs the same is looked at once.
struct Fitting {
    std::vector<std::vector<int>> sets;  // of ranks, ascending, all different
    std::vector<std::size_t> of_block;
};

Fitting fitting_for(const Assignment& assignment, const std::vector<NodeFacts>& nodes, std::size_t blocks) {
    std::vector<int> all(nodes.size());
    std::iota(all.begin(), all.end(), 0);
    Fitting fitting{{all}, std::vector<std::size_t>(blocks, 0)};
    using Key = std::vector<std::tuple<graph::Need::Kind, std::uint64_t, std::string, bool>>;
    std::map<Key, std::size_t> of_needs;
    std::map<std::vector<int>, std::size_t> of_ranks{{all, 0}};
    for (const auto& [block, needs] : assignment.needs) {
        Key key;
        for (const graph::Need& need : needs) key.emplace_back(need.kind, need.amount, need.text, need.preferred);
        const auto [known, fresh] = of_needs.emplace(std::move(key), 0);
        if (fresh) {
            std::vector<int> ranks = fitting_ranks(needs, nodes, true);
            if (ranks.empty()) ranks = all;
            const auto [set, unknown] = of_ranks.emplace(std::move(ranks), fitting.sets.size());
            if (unknown) fitting.sets.push_back(set->first);
            known->second = set->second;
        }
        fitting.of_block[std::size_t(block)] = known->second;
    }
    return fitting;
}

/// Deals blocks in chain order so that no rank has more than `bound`: a block stays with the one before it while it fits there,
/// else it goes to the least loaded rank that fits. False where there is none.
bool deal_by_needs(const std::vector<int>& order, const std::vector<double>& work, const Fitting& fitting, int ranks,
                   double bound, std::vector<int>& rank_of) {
    std::vector<double> load(std::size_t(ranks), 0);
    std::vector<int> on_rank(std::size_t(ranks), 0);
    std::vector<LeastLoaded> least;
    for (const std::vector<int>& set : fitting.sets) least.emplace_back(set, load);
    int rank = -1;
    for (const int block : order) {
        const std::size_t set = fitting.of_block[std::size_t(block)];
        const std::vector<int>& allowed = fitting.sets[set];
        const double one = work[std::size_t(block)];
        const auto has_room = [&](int r) { return on_rank[std::size_t(r)] == 0 || load[std::size_t(r)] + one <= bound; };
        if (rank < 0 || !std::binary_search(allowed.begin(), allowed.end(), rank) || !has_room(rank)) {
            rank = least[set].rank();
            if (!has_room(rank)) rank = least[set].idle(on_rank);  // where it has none, no other has, but for an idle one
            if (rank < 0) return false;
        }
        rank_of[std::size_t(block)] = rank;
        load[std::size_t(rank)] += one;
        ++on_rank[std::size_t(rank)];
    }
    return true;
}

/// As `divide`, where blocks have needs: chains go on where they are while they may. Blocks that no rank serves go anywhere,
/// the check says so.
void divide_by_needs(const std::vector<int>& order, const std::vector<double>& work, const Assignment& assignment,
                     const std::vector<NodeFacts>& nodes, std::vector<int>& rank_of) {
    const Fitting fitting = fitting_for(assignment, nodes, work.size());
    const int ranks = int(nodes.size());
    double low = 0, high = std::accumulate(work.begin(), work.end(), 0.0) * (1 + 1e-9);
    for (int i = 0; i < 40 && low < high; ++i) {
        const double middle = low + (high - low) / 2;
        (deal_by_needs(order, work, fitting, ranks, middle, rank_of) ? high : low) = middle;
    }
    deal_by_needs(order, work, fitting, ranks, high, rank_of);
}

void note_idle_ranks(Plan& plan) {
    std::vector<bool> busy(std::size_t(plan.ranks), false);
    for (const int rank : plan.rank_of) busy[std::size_t(rank)] = true;
    std::vector<int> idle;
    for (int rank = 0; rank < plan.ranks; ++rank)
        if (!busy[std::size_t(rank)]) idle.push_back(rank);
    if (idle.size() == 1)
        plan.notes.push_back(fmt::format("rank {} runs no block", idle.front()));
    else if (!idle.empty())
        plan.notes.push_back(fmt::format("ranks {} run no block", graph::index_ranges(idle)));
}

/// Whatever the division says; a place that says otherwise is a mistake.
void keep_on_rank_0(const DescribedGraph& graph, bool listed, Plan& plan) {
    Diagnostics wrong;
    for (std::size_t b = 0; b < graph.blocks.size(); ++b) {
        if (!graph.blocks[b].on_rank_0 || plan.rank_of[b] == 0) continue;
        const bool followed = std::find(plan.followed.begin(), plan.followed.end(), int(b)) != plan.followed.end();
        if (listed && !followed)
            wrong.push_back({{},
                             "blocks." + graph.blocks[b].name,
                             "a place on rank 0, which alone has stdin",
                             fmt::format("rank {}", plan.rank_of[b]),
                             "",
                             {}});
        plan.rank_of[b] = 0;
    }
    if (!wrong.empty()) throw Refused(std::move(wrong));
}

}  // namespace

std::vector<int> chain_order(const DescribedGraph& graph) {
    std::vector<std::vector<int>> next(graph.blocks.size());
    std::vector<int> open(graph.blocks.size(), 0);
    const auto add = [&](int from, int to) {
        next[std::size_t(from)].push_back(to);
        ++open[std::size_t(to)];
    };
    for (std::size_t b = 0; b < graph.blocks.size(); ++b)
        for (const graph::DescribedInput& input : graph.blocks[b].inputs)
            if (input.output >= 0) add(graph.outputs[std::size_t(input.output)].block, int(b));
    for (const graph::DescribedMessageEdge& edge : graph.messages)
        if (!edge.feedback) add(edge.from, edge.to);
    std::vector<int> ready, order;
    for (int b = int(graph.blocks.size()) - 1; b >= 0; --b)
        if (open[std::size_t(b)] == 0) ready.push_back(b);
    while (!ready.empty()) {
        const int block = ready.back();
        ready.pop_back();
        order.push_back(block);
        auto& after = next[std::size_t(block)];
        std::sort(after.begin(), after.end(), std::greater<>());
        for (const int one : after)
            if (--open[std::size_t(one)] == 0) ready.push_back(one);
    }
    return order;
}

Diagnostic wrong_number(const Assignment& assignment, int named, int ranks) {
    const std::string which = named == 1 ? "rank 0" : fmt::format("ranks 0 to {}", named - 1);
    return {assignment.at,
            "ranks",
            fmt::format("{} {} (the assignment names {})", named, named == 1 ? "rank" : "ranks", which),
            std::to_string(ranks),
            "`--ranks auto` places the blocks anew, `--ranks fold` takes rank r modulo the number of ranks",
            {}};
}

void assign(const DescribedGraph& graph, const Assignment& assignment, const std::vector<int>& order, const Rates& rates,
            const std::vector<NodeFacts>& nodes, Plan& plan) {
    const bool listed = assignment.mode == Assignment::Mode::listed || assignment.mode == Assignment::Mode::fold;
    plan.rank_of.assign(graph.blocks.size(), plan.ranks == 1 ? 0 : -1);
    if (plan.ranks == 1) {
        if (listed) plan.notes.emplace_back("the assignment is ignored on one rank");
        check_needs(assignment, {}, nodes, plan);
        return;
    }
    if (!listed) {
        if (nodes.empty() || assignment.needs.empty())
            divide(chain_order(graph), work_of(graph, rates), plan.ranks, plan.rank_of);
        else
            divide_by_needs(chain_order(graph), work_of(graph, rates), assignment, nodes, plan.rank_of);
        keep_on_rank_0(graph, listed, plan);
        note_idle_ranks(plan);
        check_needs(assignment, {}, nodes, plan);
        return;
    }
    const auto ranks = ranks_of_places(assignment.places, nodes);
    int named = 0;
    for (const auto& of_place : ranks) named = std::max(named, of_place.back() + 1);
    if (assignment.mode == Assignment::Mode::listed && named != plan.ranks)
        throw Refused(wrong_number(assignment, named, plan.ranks));
    deal(assignment, ranks, plan.rank_of);
    for (int& rank : plan.rank_of)
        if (rank >= 0) rank %= plan.ranks;
    follow(graph, order, plan);
    keep_on_rank_0(graph, listed, plan);
    note_idle_ranks(plan);
    check_needs(assignment, ranks, nodes, plan);
}

}  // namespace flowspan::partition

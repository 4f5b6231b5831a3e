#include "partition/requirements.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

namespace flowspan::partition {
namespace {

using graph::Need;
using graph::Place;

bool has(const std::vector<std::string>& list, const std::string& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

std::string size_text(std::uint64_t bytes) { return format_quantity(double(bytes), byte); }

/// What a node has changes all the time: a tenth is enough.
std::string rounded_size(std::uint64_t bytes) {
    const double unit = bytes >= 1ULL << 30 ? 1ULL << 30 : 1ULL << 20;
    return size_text(std::uint64_t(std::floor(double(bytes) / unit * 10) / 10 * unit));
}

std::string ranks_text(const std::vector<int>& ranks) {
    return (ranks.size() == 1 ? "rank " : "ranks ") + graph::index_ranges(ranks);
}

/// "at least 1 CUDA device", "8 GiB of free memory", "a host like nid0*", "/data", "plug-in lora".
std::string wish_text(const Need& need) {
    switch (need.kind) {
        case Need::Kind::cuda:
            return fmt::format("at least {} CUDA device{}", need.amount, need.amount == 1 ? "" : "s");
        case Need::Kind::memory:
            return size_text(need.amount) + " of free memory";
        case Need::Kind::host:
            return "a host like " + need.text;
        case Need::Kind::path:
            return need.text;
        case Need::Kind::plugin:
            return "plug-in " + need.text;
        case Need::Kind::exclusive:
            return "devices of its own";
    }
    return {};
}

std::string offer_text(const Need& need, const NodeFacts& node) {
    switch (need.kind) {
        case Need::Kind::cuda:
            return node.devices.empty() ? "none"
                                        : fmt::format("{} ({})", node.devices.size(), graph::joined(node.devices, ", "));
        case Need::Kind::memory:
            return rounded_size(node.memory);
        case Need::Kind::host:
            return node.host;
        case Need::Kind::path:
            return "no such path";
        case Need::Kind::plugin:
            return node.plugins.empty() ? "no plug-in" : graph::joined(node.plugins, ", ");
        case Need::Kind::exclusive:
            return "devices that others see";
    }
    return {};
}

/// One need that some ranks do not offer.
struct Missing {
    const Need* need = nullptr;
    std::set<int> ranks;
};

/// The needs of every rank, with those of one line of the file together.
class Check {
public:
    Check(const std::vector<NodeFacts>& nodes, Plan& plan)
        : nodes_(nodes), plan_(plan), memory_(nodes.size()), exclusive_(nodes.size()), uses_(nodes.size()) {}

    void place(const Need& need, int rank) {
        look(need, rank);
        if (need.kind == Need::Kind::memory && !need.preferred) {
            auto& of_rank = memory_[std::size_t(rank)];
            of_rank.place = std::max(of_rank.place, need.amount);
            of_rank.need = &need;
        }
    }
    void block(const Need& need, int rank) {
        look(need, rank);
        if (need.kind == Need::Kind::memory && !need.preferred) {
            memory_[std::size_t(rank)].blocks += need.amount;
            memory_[std::size_t(rank)].need = &need;
        }
    }
    void finish() {
        Diagnostics found;
        for (const Missing& one : missing_) {
            if (one.need->preferred)
                plan_.notes.push_back(note(one));
            else
                found.push_back(refusal(one));
        }
        if (found.empty()) add_crowded(found);
        if (found.empty()) add_shared(found);
        if (!found.empty()) throw Refused(std::move(found));
    }

private:
    struct Memory {
        std::uint64_t place = 0, blocks = 0;
        const Need* need = nullptr;
        std::uint64_t bytes() const { return std::max(place, blocks); }
    };

    void look(const Need& need, int rank) {
        if (need.kind == Need::Kind::exclusive) exclusive_[std::size_t(rank)] = &need;
        if (need.kind == Need::Kind::cuda && need.amount > 0) uses_[std::size_t(rank)] = true;
        if (offers(nodes_[std::size_t(rank)], need)) return;
        const auto [known, fresh] =
            number_.try_emplace(std::tuple(need.key, need.at.file, need.at.line, need.at.column, need.text), missing_.size());
        if (fresh) missing_.push_back({&need, {}});
        missing_[known->second].ranks.insert(rank);
    }

    std::string where(const Missing& one) const {
        const int first = *one.ranks.begin();
        return fmt::format("{} ({})", ranks_text({one.ranks.begin(), one.ranks.end()}), nodes_[std::size_t(first)].host);
    }

    Diagnostic refusal(const Missing& one) const {
        const Need& need = *one.need;
        const std::vector<int> others = fitting_ranks({need}, nodes_, false);
        Diagnostic d;
        d.at = need.at;
        d.key = need.key;
        d.expected = wish_text(need) + " on " + where(one);
        d.got = offer_text(need, nodes_[std::size_t(*one.ranks.begin())]);
        d.hint = others.empty() ? "no rank offers it"
                                : fmt::format("{} ({}) offer{} it", ranks_text(others),
                                              nodes_[std::size_t(others.front())].host, others.size() == 1 ? "s" : "");
        return d;
    }

    std::string note(const Missing& one) const {
        return fmt::format("{} prefers {}; {} offers {}", one.need->key, wish_text(*one.need), where(one),
                           offer_text(*one.need, nodes_[std::size_t(*one.ranks.begin())]));
    }

    /// Ranks of one host share its memory.
    void add_crowded(Diagnostics& found) const {
        std::map<std::string, std::vector<int>> of_host;
        for (std::size_t r = 0; r < nodes_.size(); ++r)
            if (memory_[r].need != nullptr) of_host[nodes_[r].host].push_back(int(r));
        for (const auto& [host, ranks] : of_host) {
            std::uint64_t wanted = 0, offered = 0;
            for (const int r : ranks) {
                wanted += memory_[std::size_t(r)].bytes();
                offered = std::max(offered, nodes_[std::size_t(r)].memory);
            }
            if (wanted <= offered) continue;
            const Need& last = *memory_[std::size_t(ranks.back())].need;
            Diagnostic d;
            d.at = last.at;
            d.key = last.key;
            d.expected = fmt::format("{} of free memory on {} ({}) together", size_text(wanted), ranks_text(ranks), host);
            d.got = rounded_size(offered);
            d.hint = "place fewer of these blocks there, or start fewer ranks on that host";
            found.push_back(std::move(d));
        }
    }

    /// Ranks of one host may see the same devices.
    void add_shared(Diagnostics& found) const {
        for (std::size_t r = 0; r < nodes_.size(); ++r) {
            if (exclusive_[r] == nullptr) continue;
            for (std::size_t other = 0; other < nodes_.size(); ++other) {
                const bool both = exclusive_[other] != nullptr;
                if (other == r || !uses_[other] || (both && other < r) || !share(nodes_[r], nodes_[other])) continue;
                Diagnostic d;
                d.at = exclusive_[r]->at;
                d.key = exclusive_[r]->key;
                d.expected = fmt::format("{} on rank {} ({})", wish_text(*exclusive_[r]), r, nodes_[r].host);
                d.got = fmt::format("one that rank {} sees, too", other);
                d.hint = "give each rank of a host its own, as srun --gpus-per-task=1 does, or start one such rank a host";
                found.push_back(std::move(d));
                return;
            }
        }
    }
    static bool share(const NodeFacts& a, const NodeFacts& b) {
        return a.host == b.host && std::any_of(a.device_ids.begin(), a.device_ids.end(),
                                               [&](const std::string& id) { return has(b.device_ids, id); });
    }

    const std::vector<NodeFacts>& nodes_;
    Plan& plan_;
    std::vector<Memory> memory_;          // by rank
    std::vector<const Need*> exclusive_;  // by rank; null: none
    std::vector<bool> uses_;              // by rank: devices
    std::vector<Missing> missing_;
    std::map<std::tuple<std::string, std::string, int, int, std::string>, std::size_t> number_;
};

/// The lowest run of `count` free ranks, or the lowest free ones beyond all that are taken.
std::vector<int> free_run(const std::set<int>& taken, int count) {
    int from = 0;
    while (true) {
        const auto occupied = taken.lower_bound(from);
        if (occupied == taken.end() || *occupied >= from + count) break;
        from = *occupied + 1;
    }
    std::vector<int> run(std::size_t(count), 0);
    std::iota(run.begin(), run.end(), from);
    return run;
}

/// Seats on ranks such that every seat has one of its own; nothing where that cannot be. Augmenting paths (Kuhn 1955).
std::optional<std::vector<int>> seats(const std::vector<std::vector<int>>& wanted, std::size_t ranks) {
    std::vector<int> holder(ranks, -1), seat(wanted.size(), -1);
    std::vector<bool> tried;
    const std::function<bool(int)> place = [&](int s) {
        for (const bool only_free : {true, false}) {
            for (const int r : wanted[std::size_t(s)]) {
                const int other = holder[std::size_t(r)];
                if (only_free ? other >= 0 : bool(tried[std::size_t(r)])) continue;
                tried[std::size_t(r)] = true;
                if (other >= 0 && !place(other)) continue;
                holder[std::size_t(r)] = s;
                seat[std::size_t(s)] = r;
                return true;
            }
        }
        return false;
    };
    for (std::size_t s = 0; s < wanted.size(); ++s) {
        tried.assign(ranks, false);
        if (!place(int(s))) return std::nullopt;
    }
    return seat;
}

/// Ranks for the named places that have needs; nothing where not all can be served.
std::optional<std::vector<std::vector<int>>> served(const std::vector<Place>& places, const std::vector<NodeFacts>& nodes,
                                                    const std::set<int>& taken, bool preferences) {
    std::vector<std::vector<int>> wanted;
    for (const Place& place : places) {
        if (!place.ranks.empty() || place.needs.empty()) continue;
        auto fitting = fitting_ranks(place.needs, nodes, preferences);
        std::erase_if(fitting, [&](int r) { return taken.contains(r); });
        wanted.insert(wanted.end(), std::size_t(place.count), fitting);
    }
    const auto found = seats(wanted, nodes.size());
    if (!found) return std::nullopt;
    std::vector<std::vector<int>> ranks(places.size());
    std::size_t next = 0;
    for (std::size_t p = 0; p < places.size(); ++p) {
        if (!places[p].ranks.empty() || places[p].needs.empty()) continue;
        for (int k = 0; k < places[p].count; ++k) ranks[p].push_back((*found)[next++]);
        std::sort(ranks[p].begin(), ranks[p].end());
    }
    return ranks;
}

}  // namespace

bool offers(const NodeFacts& node, const Need& need) {
    switch (need.kind) {
        case Need::Kind::cuda:
            return node.devices.size() >= need.amount;
        case Need::Kind::memory:
            return node.memory >= need.amount;
        case Need::Kind::host:
            return fnmatch(need.text.c_str(), node.host.c_str(), 0) == 0;
        case Need::Kind::path:
            return has(node.paths, need.text);
        case Need::Kind::plugin:
            return has(node.plugins, need.text);
        case Need::Kind::exclusive:  // a matter of all ranks
            return true;
    }
    return false;
}

std::vector<int> fitting_ranks(const std::vector<Need>& needs, const std::vector<NodeFacts>& nodes, bool preferences) {
    std::vector<int> fitting;
    int most = 0;
    for (std::size_t r = 0; r < nodes.size(); ++r) {
        int met = 0;
        bool fits = true;
        for (const Need& need : needs) {
            const bool there = offers(nodes[r], need);
            if (need.preferred)
                met += there && preferences ? 1 : 0;
            else
                fits = fits && there;
        }
        if (!fits || met < most) continue;
        if (met > most) fitting.clear();
        most = met;
        fitting.push_back(int(r));
    }
    return fitting;
}

std::vector<std::vector<int>> ranks_of_places(const std::vector<Place>& places, const std::vector<NodeFacts>& nodes) {
    std::set<int> taken;
    std::vector<std::vector<int>> ranks(places.size());
    const auto take = [&](std::size_t p, std::vector<int> of_place) {
        taken.insert(of_place.begin(), of_place.end());
        ranks[p] = std::move(of_place);
    };
    bool fit = true;  // of the numbered places, whose ranks nobody else takes
    for (std::size_t p = 0; p < places.size(); ++p) {
        if (!places[p].ranks.empty()) take(p, places[p].ranks);
        fit = fit && (places[p].ranks.empty() || places[p].ranks.back() < int(nodes.size()));
    }
    if (fit && !nodes.empty()) {
        auto chosen = served(places, nodes, taken, true);
        if (!chosen) chosen = served(places, nodes, taken, false);
        for (std::size_t p = 0; chosen && p < places.size(); ++p)
            if (!(*chosen)[p].empty()) take(p, (*chosen)[p]);
    }
    for (std::size_t p = 0; p < places.size(); ++p) {
        if (!ranks[p].empty()) continue;
        std::vector<int> run = free_run(taken, places[p].count);
        if (!nodes.empty() && run.back() >= int(nodes.size())) {  // no run is left: then ranks that are apart
            run.clear();
            for (int r = 0; int(run.size()) < places[p].count; ++r)
                if (!taken.contains(r)) run.push_back(r);
        }
        take(p, std::move(run));
    }
    return ranks;
}

void check_needs(const graph::Assignment& assignment, const std::vector<std::vector<int>>& ranks_of,
                 const std::vector<NodeFacts>& nodes, Plan& plan) {
    if (nodes.empty()) return;
    Check check(nodes, plan);
    std::set<std::pair<std::size_t, int>> done;
    for (std::size_t p = 0; p < ranks_of.size(); ++p) {
        for (const int named : ranks_of[p]) {
            const int rank = named % plan.ranks;
            if (!done.emplace(p, rank).second) continue;
            for (const Need& need : assignment.places[p].needs) check.place(need, rank);
        }
    }
    for (const auto& [block, needs] : assignment.needs)
        for (const Need& need : needs) check.block(need, plan.rank_of[std::size_t(block)]);
    check.finish();
}

}  // namespace flowspan::partition

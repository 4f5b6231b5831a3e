#include "batch/crew/teams.hpp"

#include <algorithm>

namespace flowspan::batch {
namespace {

/// Moves whole teams from the front of `ranks` to `teams`.
void take_teams(std::vector<int>& ranks, std::size_t size, std::vector<std::vector<int>>& teams) {
    while (ranks.size() >= size) {
        const auto end = ranks.begin() + std::ptrdiff_t(size);
        teams.emplace_back(ranks.begin(), end);
        ranks.erase(ranks.begin(), end);
    }
}

}  // namespace

int Teams::of(int rank) const {
    for (std::size_t t = 0; t < ranks.size(); ++t)
        if (std::find(ranks[t].begin(), ranks[t].end(), rank) != ranks[t].end()) return int(t);
    return -1;
}

Teams teams_of(const std::vector<std::string>& hosts, int size) {
    std::vector<std::string> names;  // in the order of their first ranks
    for (const std::string& host : hosts)
        if (std::find(names.begin(), names.end(), host) == names.end()) names.push_back(host);
    Teams teams;
    for (const std::string& name : names) {
        std::vector<int> there;
        for (std::size_t r = 0; r < hosts.size(); ++r)
            if (hosts[r] == name) there.push_back(int(r));
        take_teams(there, std::size_t(size), teams.ranks);
        teams.left_over.insert(teams.left_over.end(), there.begin(), there.end());
    }
    take_teams(teams.left_over, std::size_t(size), teams.ranks);
    return teams;
}

}  // namespace flowspan::batch

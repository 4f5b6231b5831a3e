// Which ranks compute units together.
#pragma once

#include <string>
#include <vector>

namespace flowspan::batch {

struct Teams {
    std::vector<std::vector<int>> ranks;  // by team; its first rank speaks for it
    std::vector<int> left_over;

    /// Of this rank; -1: none.
    int of(int rank) const;
};

/// Teams of `size` ranks, within hosts as far as these go round, then over several, in the order of ranks. `hosts`: by rank.
Teams teams_of(const std::vector<std::string>& hosts, int size);

}  // namespace flowspan::batch

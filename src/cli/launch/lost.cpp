#include "cli/launch/lost.hpp"

#include "core/mistakes/crash.hpp"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::cli {

std::string LostRanks::crashed(const Told& told) {
    std::vector<std::string> all;
    for (const auto& [rank, word] : told.crashes) {
        const auto here = told.here.find(rank);
        const std::string where =
            here == told.here.end() ? "" : fmt::format(" ({}, process {})", here->second.host, here->second.process);
        all.push_back(fmt::format("rank {}{} {}", rank, where, crash_text(word)));
    }
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string LostRanks::text(const Told& told, int ranks) const {
    if (!told.crashes.empty()) return crashed(told);
    std::vector<std::string> seen, silent, never;
    for (int rank = 0; rank < ranks; ++rank) {
        const auto here = told.here.find(rank);
        if (here == told.here.end()) {
            never.push_back(fmt::format("rank {}", rank));
            continue;
        }
        if (told.leaving.contains(rank)) continue;
        const std::string name = fmt::format("rank {} ({}, process {})", rank, here->second.host, here->second.process);
        (gone_.contains(rank) ? seen : silent).push_back(name);
    }
    if (!seen.empty()) return fmt::format("{} {} lost", fmt::join(seen, ", "), seen.size() == 1 ? "is" : "are");
    // (a rank of another host may have been ended by mpirun before it could say a word)
    if (!silent.empty()) return fmt::format("{} is lost", fmt::join(silent, " or "));
    if (!never.empty() && never.size() < std::size_t(ranks))
        return fmt::format("{} is lost before it had begun", fmt::join(never, " or "));
    return "";
}

}  // namespace flowspan::cli

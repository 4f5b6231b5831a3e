// What the system says of any process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan {

/// Of proc(5), `stat`.
struct ProcessStat {
    char state = '?';  // 'Z': it has ended, and its parent has not asked yet
    int parent = 0;
    std::uint64_t began = 0;  // in ticks since the machine started

    bool has_ended() const { return state == 'Z' || state == 'X'; }
};
/// Nothing where there is no such process, or it cannot be looked at.
std::optional<ProcessStat> stat_of(int pid);

/// The name of this host, "" where it has none.
std::string own_host();
/// The processes that can be seen here.
std::vector<int> all_processes();

}  // namespace flowspan

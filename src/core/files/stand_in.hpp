// Files that are read in the place of others which hold the same: copies on a nearer disk. Whoever opens a file by a path is
// given the copy; names, messages and facts stay those of the path.
#pragma once

#include <map>
#include <string>

namespace flowspan {

/// While it lives, `open_regular` of a path opens its copy. One at a time in a process; opened by any thread.
class StandIns {
public:
    /// By path, as it is asked for.
    explicit StandIns(std::map<std::string, std::string> copies);
    ~StandIns();
    StandIns(const StandIns&) = delete;
    StandIns& operator=(const StandIns&) = delete;
};

/// The copy of a path, or the path itself.
std::string stand_in_for(const std::string& path);

}  // namespace flowspan

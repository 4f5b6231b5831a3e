// Bringing a folder into order after runs that died.
#pragma once

#include "io/claim/lock.hpp"

#include <string>
#include <vector>

namespace flowspan::io {

/// A product that a dead run committed and that cannot get its name.
struct Blocked {
    std::string folder, name;  // as people gave the folder
    std::string why, run, record;
    std::string text() const;
};

struct Recovered {
    std::vector<std::string> published;  // by records of runs that ended between commit and renaming
    std::vector<std::string> removed;    // temporaries of runs that were not committed
    std::vector<Blocked> blocked;
    std::vector<std::string> warnings;
};
/// In the folders of these locks: rolls forward what dead runs committed and removes what else they left. Living runs and files
/// of others are left alone. Paths are as in `claims`.
Recovered recover(const RunLocks& locks, const Claims& claims);
/// The same in these folders, of which those that are not there are passed over. Throws Failure.
Recovered recover(const std::vector<std::string>& folders);

/// The end of a run of which no rank is left, by one who knows that: its locks count as dead, from whatever host they are.
/// `committed`: it is known to have been; its record may be gone already. Returns what has become of its products, as the end
/// of a sentence: "nothing is published". Throws Failure.
std::string end_of_run(const std::vector<std::string>& folders, const std::string& run, bool committed);
inline constexpr const char* all_published = "the products had been committed and are published";

}  // namespace flowspan::io

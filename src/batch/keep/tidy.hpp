// `flowspan batch delete` and `clean`: what a person has removed from a batch that does not run.
#pragma once

#include <string>
#include <vector>

namespace flowspan::batch {

struct Tidied {
    std::vector<std::string> did, warnings;  // lines
};

/// Removes the products of these units, and what is then empty of their folders; other files there stay, and are said. The next
/// start that is asked for a unit makes it again. Throws Refused where a batch runs, or with all units that there are not;
/// Failure.
Tidied delete_units(const std::string& out, const std::vector<std::string>& units, const std::vector<std::string>& command);

/// Ends what dead starts have begun, as a start does first, and removes what they and their workers have left aside, whether a
/// line names it or not: no product, nothing of a run that lives, nothing that a run has committed. Throws as above.
Tidied clean(const std::string& out, const std::vector<std::string>& command);

}  // namespace flowspan::batch

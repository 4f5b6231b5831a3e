// What a start does first: it ends what earlier ones have begun in the folders of units.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/journal/journal.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace flowspan::batch {

struct Rolled {
    struct Commit {
        std::size_t unit = 0;
        std::string run;
        std::string why;  // of those that are lost
    };
    std::vector<Commit> done;         // all products have their names, durably
    std::vector<Commit> lost;         // neither a product nor its part is there, or it has another size: to be computed again
    std::vector<std::string> did;     // "published 3 products of 2 units, which an earlier start had committed"
    std::vector<std::string> cannot;  // "cannot publish OUT/a.wav/x.wav: …; the next start tries again"
    bool cleared = true;              // no part is left of attempts that nobody committed
};

/// Gives committed products their names and removes parts of attempts that nobody committed. Nothing outside OUT is touched,
/// whatever links are there. Twice is as once. `patience_ms`: for a rename that fails.
Rolled roll_forward(const std::string& out, const History& history, int patience_ms = 1000);

/// Adds the lines that say so to the journal, in the order in which they must stand.
void append(Journal& journal, const History& history, const Rolled& rolled);

}  // namespace flowspan::batch
